"""Overview page: an organisation's submissions by state, those to correct first."""

from collections.abc import Sequence

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.ingest.state import Service
from services.ingest.submission import labels, view
from shared.i18n.text import _
from shared.messages import ReviewState
from shared.web.auth.roles import PageEditor
from shared.web.pages.renderer import Pages
from shared.web.paging import clamp_page, number_pages, read_page

ON_A_PAGE = 50

router = APIRouter()


@router.get("/ingest")
async def redirect_home() -> Response:
    return Pages.redirect("/ingest/")


@router.get("/ingest/")
async def show_submissions(request: Request, account: PageEditor, state: Service) -> Response:
    lang = state.pages.choose_language(request)
    standings = await state.submissions.list_states(account.organisation)
    page = clamp_page(read_page(request), count=len(standings), size=ON_A_PAGE)
    wanted = _sort_by_group(standings)[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
    found = await state.submissions.list_submissions(account.organisation, ids=wanted) if wanted else []
    today = state.get_today()
    rows = [view.make_row(each, lang, state.region, today=today) for each in found]
    counts = {key: sum(stands == key for _id, stands in standings) for key in labels.GROUPS}
    groups = [
        view.SubmissionGroup(name, counts[key], [row for row in rows if row.state == key])
        for key, name in labels.GROUPS.items()
    ]
    return await state.pages.render(
        request,
        "own.html",
        title=_("My submissions"),
        account=account,
        groups=[group for group in groups if group.rows],
        paging=number_pages(
            page, count=len(standings), size=ON_A_PAGE, make_address=lambda number: f"/ingest/?page={number}"
        ),
    )


def _sort_by_group(standings: Sequence[tuple[str, ReviewState]]) -> list[str]:
    place = {state: number for number, state in enumerate(labels.GROUPS)}
    return [each for each, _state in sorted(standings, key=lambda one: place[one[1]])]
