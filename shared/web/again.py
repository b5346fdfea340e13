"""Forms whose session ended while somebody typed: they log in again, and nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import HTMLResponse

from shared.web.locale import _
from shared.web.origin import csrf_token
from shared.web.pages import Pages

KEPT = "kept."
"""What the names of kept fields begin with while they pass through the log-in form."""


async def show_login(
    request: Request,
    *,
    wanted: str,
    kept: Sequence[tuple[str, str]] = (),
    email: str = "",
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    """Answer with the log-in.

    Args:
        request: what is answered.
        wanted: the path to go to afterwards, or nothing.
        kept: the fields of a form that could not be sent.
        email: what was typed before.
        errors: what is wrong, by field.
        status: 200, 401 where a log-in was missing, 422 or 429 for an attempt that failed.

    """
    pages: Pages = request.app.state.pages
    login = {
        "action": f"/{pages.service}/login",
        "email": email,
        "next": wanted,
        "errors": errors or {},
        "kept": [(KEPT + name, value) for name, value in kept],
    }
    return await pages.render(
        request, "login.html", status=status, title=_("Logowanie"), headers={"Cache-Control": "no-store"}, login=login
    )


async def show_again(
    request: Request, action: str, fields: Sequence[tuple[str, str]], *, session: str = ""
) -> HTMLResponse:
    """Answer with a form that only has to be sent again: all fields, and the token of the present session.

    Args:
        request: what is answered.
        action: where the form goes.
        fields: what was typed.
        session: the session's token, if this answer begins it.

    """
    pages: Pages = request.app.state.pages
    token = csrf_token(session or request.cookies.get(pages.session_cookie, ""))
    again = {"action": action, "fields": fields, "csrf": token}
    return await pages.render(
        request,
        "again.html",
        status=200 if session else 403,
        title=_("Wyślij jeszcze raz"),
        headers={"Cache-Control": "no-store"},
        again=again,
    )
