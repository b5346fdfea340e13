"""Keeps the fields of a form whose session has expired through the log-in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import HTMLResponse

from shared.i18n.text import Text, _, p_
from shared.web.csrf import derive_csrf_token
from shared.web.pages.layout import RedrawForm
from shared.web.pages.renderer import Pages

KEPT_PREFIX = "kept."
"""What the names of kept fields begin with while they pass through the log-in form."""
REASON_FIELD = "reason"
REASONS: Mapping[str, Text] = {
    "session": _("Your session has ended. Log in to send the form: everything you typed is still here."),
    "role": _(
        "Nothing was sent: the account that you are logged in to may not send this form. Log in to the account that "
        "may; everything you typed is still here."
    ),
    "organisation": _(
        "Nothing was sent: your organisation has no such submission. It belongs to another one, or is no longer there. "
        "Log in to an account of the organisation that it belongs to and send it then, or copy what you typed."
    ),
}
"""Why a form has to pass through the log-in."""


async def render_login(
    request: Request,
    *,
    wanted: str,
    kept: Sequence[tuple[str, str]] = (),
    labels: Mapping[str, Text] | None = None,
    reason: str = "session",
    email: str = "",
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    """``kept`` are the fields of a form that could not be sent, ``wanted`` is the path to go to after the log-in."""
    # ``labels`` names the kept fields that are shown, so that their texts can be copied.
    pages: Pages = request.app.state.pages
    login = {
        "action": f"/{pages.service}/login",
        "email": email,
        "password_url": f"{pages.settings.ingest_url}/ingest/password",
        "next": wanted,
        "errors": errors or {},
        "kept": [(KEPT_PREFIX + name, value, (labels or {}).get(name, "")) for name, value in kept],
        "reason": reason if reason in REASONS else "session",
        "note": REASONS.get(reason, REASONS["session"]),
    }
    return await pages.render(
        request,
        "login.html",
        status=status,
        title=p_("page title", "Log in"),
        redraw=RedrawForm("login", f"/{pages.service}/login") if kept else None,
        login=login,
    )


async def render_resubmit(
    request: Request, action: str, fields: Sequence[tuple[str, str]], *, session: str = ""
) -> HTMLResponse:
    """Render a form that only has to be sent again, with the present session's token."""
    # ``session`` is the token if this response starts the session.
    pages: Pages = request.app.state.pages
    token = derive_csrf_token(session or request.cookies.get(pages.session_cookie, ""))
    again = {"action": action, "fields": fields, "csrf": token}
    return await pages.render(
        request,
        "again.html",
        status=200 if session else 403,
        title=_("Send it again"),
        redraw=RedrawForm("again", action),
        again=again,
    )
