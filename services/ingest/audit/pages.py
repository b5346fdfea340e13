"""Page of the audit log for administrators: who did what to accounts, organisations and keys."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from typing import Final
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.ingest.audit.view import KnownNames, make_audit_row
from services.ingest.state import Service
from shared.i18n.text import _
from shared.web.auth.roles import PageAdministrator
from shared.web.pages.layout import Link

AUDIT_URL: Final = "/ingest/administration/audit"
ON_A_PAGE: Final = 50
MAX_PLACE: Final = 64
"""Characters of the id of an entry."""

router = APIRouter(prefix=AUDIT_URL, include_in_schema=False)


@router.get("")
async def show_audit(request: Request, account: PageAdministrator, state: Service) -> Response:
    """``?before=`` is the last entry of the page before."""
    accounts, lang = state.accounts, state.pages.choose_language(request)
    before = request.query_params.get("before", "")[:MAX_PLACE]
    found = await accounts.audit.list(before=before or None, limit=ON_A_PAGE + 1)
    names = KnownNames(
        {each.id: each for each in await accounts.list_members()},
        {each.slug: each for each in await accounts.organisations.list()},
    )
    older = f"{AUDIT_URL}?before={quote(found[ON_A_PAGE - 1].id, safe='')}" if len(found) > ON_A_PAGE else ""
    return await state.pages.render(
        request,
        "audit.html",
        title=_("Who did what"),
        account=account,
        rows=[make_audit_row(each, names, lang, state.region) for each in found[:ON_A_PAGE]],
        older=Link(_("Older"), older) if older else None,
        newest=Link(_("Newest"), AUDIT_URL) if before else None,
    )
