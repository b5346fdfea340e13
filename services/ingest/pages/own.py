"""The list of an organisation's submissions: what waits for it comes first."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.ingest import words
from services.ingest.pages import showing
from services.ingest.state import Service
from shared.web.access import PageEditor
from shared.web.locale import _
from shared.web.pages import Pages

router = APIRouter()


@router.get("/ingest")
async def home() -> Response:
    """Lead to the list; its address ends with a slash."""
    return Pages.redirect("/ingest/")


@router.get("/ingest/")
async def own_submissions(request: Request, account: PageEditor, state: Service) -> Response:
    """Show what the organisation has sent, by where it stands."""
    lang = state.pages.language(request)
    found = await state.submissions.in_order(account.organisation)
    rows = [showing.row(each, lang, state.region) for each in found]
    groups = [(name, [row for row in rows if row["state"] == key]) for key, name in words.GROUPS.items()]
    shown = [{"name": name, "rows": rows} for name, rows in groups if rows]
    return await state.pages.render(request, "own.html", title=_("Moje zgłoszenia"), account=account, groups=shown)
