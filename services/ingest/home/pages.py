"""Overview page: an organisation's submissions by state, those to correct first."""

from collections.abc import Sequence

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.ingest.draft import view as draft_view
from services.ingest.request.commands import close_answered
from services.ingest.request.view import list_request_to_do
from services.ingest.rollover.commands import get_default_year, list_last_year
from services.ingest.state import Service, State
from services.ingest.submission import labels, view
from services.ingest.submission.model import Submission
from services.ingest.to_do.view import MAX_SUBMISSIONS, ToDo, list_to_do
from services.ingest.uncertain_date.model import list_closing
from services.ingest.venue.place_correction_view import list_place_corrections
from shared.accounts.accounts import Account
from shared.i18n.text import _
from shared.messages import ReviewState
from shared.web.auth.roles import PageEditor
from shared.web.pages.renderer import Pages
from shared.web.paging import clamp_page, number_pages, read_page

ON_A_PAGE = 50

router = APIRouter(include_in_schema=False)


@router.get("/ingest")
async def redirect_home() -> Response:
    return Pages.redirect("/ingest/")


@router.get("/ingest/")
async def show_submissions(request: Request, account: PageEditor, state: Service) -> Response:
    lang = state.pages.choose_language(request)
    standings = await state.submissions.list_states(account.organisation)
    page = clamp_page(read_page(request), count=len(standings), size=ON_A_PAGE)
    wanted = _sort_by_group(standings)[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
    has_to_do, everything = page == 1, len(standings) <= MAX_SUBMISSIONS
    ids = None if has_to_do and everything else wanted
    found = await state.submissions.list_submissions(account.organisation, ids=ids) if wanted else []
    today = state.get_today()
    rows = [view.make_row(each, lang, state.region, today=today) for each in found if each.id in wanted]
    counts = {key: sum(stands == key for _id, stands in standings) for key in labels.GROUPS}
    groups = [
        view.SubmissionGroup(name, counts[key], [row for row in rows if row.state == key])
        for key, name in labels.GROUPS.items()
    ]
    place = draft_view.Place(lang, state.region.time_zone, state.now())
    drafts = await state.drafts.list(account.organisation) if has_to_do else []
    return await state.pages.render(
        request,
        "own.html",
        title=_("My submissions"),
        account=account,
        to_do=await _list_to_do(state, account, found, lang, everything=everything) if has_to_do else [],
        drafts=[draft_view.make_row(each, place) for each in drafts],
        groups=[group for group in groups if group.rows],
        paging=number_pages(
            page, count=len(standings), size=ON_A_PAGE, make_address=lambda number: f"/ingest/?page={number}"
        ),
    )


async def _list_to_do(
    state: State, account: Account, found: Sequence[Submission], lang: str, *, everything: bool
) -> list[ToDo]:
    """``found`` are all submissions, or where there are too many those on the first page."""
    today, rollover = state.get_today(), None
    if everything:
        rollover = await list_last_year(state, account.organisation, get_default_year(today), found)
    await close_answered(state, account.organisation)
    asked = await state.requests.list_open(account.organisation)
    closing = list_closing(state.calls.list_calls(), today, state.region.time_zone)
    return [
        *list_request_to_do(asked, lang, state.region),
        *list_place_corrections(found, state.venues.index, lang, state.region, today=today),
        *list_to_do(found, rollover, lang, state.region, today=today, closing=closing),
    ]


def _sort_by_group(standings: Sequence[tuple[str, ReviewState]]) -> list[str]:
    place = {state: number for number, state in enumerate(labels.GROUPS)}
    return [each for each, _state in sorted(standings, key=lambda one: place[one[1]])]
