"""Memberships of who is logged in: change to another one, and ask which one a request is meant for."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from shared.accounts.model import Membership, MembershipUnknown
from shared.i18n.text import Text, _
from shared.web.auth.roles import AS_PARAMETER, PageAnybody, get_accounts
from shared.web.csrf import check_local_path
from shared.web.forms import read_field
from shared.web.pages.renderer import Pages
from shared.web.pages.role_labels import ROLE_LABELS
from shared.web.problems import NotPossibleNow, WrongRole

HAT_FIELD = "hat"
_GONE = _("You no longer have this role. Reload the page and choose one that you have.")


@dataclass(frozen=True, slots=True)
class MembershipChoice:
    """``url`` is where the form is sent with this choice."""

    key: str
    organisation: str
    role: Text
    url: str


async def change_hat(request: Request, account: PageAnybody) -> Response:
    """Let the session act by another membership; lead to ``next``, else to the start page of its role."""
    pages: Pages = request.app.state.pages
    form = await pages.read_form(request)
    token = request.cookies.get(pages.session_cookie, "")
    try:
        acting = await get_accounts(request).choose_membership(token, account, read_field(form, HAT_FIELD))
    except MembershipUnknown:
        raise NotPossibleNow(_GONE, code="membership_gone") from None
    return Pages.redirect(check_local_path(read_field(form, "next"), pages.get_home(acting)))


async def render_hat_question(
    request: Request, memberships: Sequence[Membership], *, address: str, fields: Sequence[tuple[str, str]] | None
) -> HTMLResponse:
    """Ask by which membership a page is to be opened, or its form sent; ``fields`` are None for a page."""
    pages: Pages = request.app.state.pages
    change = f"/{pages.service}/hat"
    choices = [
        MembershipChoice(
            each.key,
            each.organisation_name,
            ROLE_LABELS[each.role],
            change if fields is None else _name_membership(address, each.key),
        )
        for each in memberships
    ]
    context: dict[str, Any] = {"choices": choices, "fields": fields, "next": address}
    return await pages.render(
        request,
        "hats.html",
        status=200 if fields is None else WrongRole.status,
        title=_("Choose as whom"),
        hats=context,
    )


def _name_membership(address: str, key: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}{AS_PARAMETER}={quote(key, safe=':')}"
