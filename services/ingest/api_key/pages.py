"""Page of all API keys for administrators: whose they are, whether they are used, revoke."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.ingest.api_key.view import make_key_rows
from services.ingest.invitation.inviting import lead_back
from services.ingest.state import Service
from shared.i18n.text import _
from shared.web.auth.roles import PageAdministrator
from shared.web.pages.layout import Link
from shared.web.problems import NotFound

KEYS_URL: Final = "/ingest/administration/keys"

router = APIRouter(prefix=KEYS_URL, include_in_schema=False)


@router.get("")
async def show_keys(request: Request, account: PageAdministrator, state: Service) -> Response:
    accounts, lang = state.accounts, state.pages.choose_language(request)
    owners = {each.id: each for each in await accounts.list_members()}
    rows = make_key_rows(await accounts.keys.list_records(), owners, lang, state.region, folder=KEYS_URL)
    return await state.pages.render(request, "keys.html", title=_("Keys"), account=account, rows=rows)


@router.post("/{key_id}/revoke")
async def revoke_key(request: Request, key_id: str, account: PageAdministrator, state: Service) -> Response:
    await state.pages.read_form(request)
    if not await state.accounts.revoke_key(key_id, by=account.id):
        raise NotFound
    return lead_back(request, state, Link(_("Keys"), KEYS_URL), _("The key is revoked; it stops within ten seconds."))
