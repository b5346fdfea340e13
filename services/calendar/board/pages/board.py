"""Pages that show the board: organisations, and the gaps by county and month."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from datetime import datetime

from fastapi import APIRouter, Request, Response

from services.calendar.board.commands import get_coverage, list_standings
from services.calendar.board.model import choose_year
from services.calendar.board.query import read_filter
from services.calendar.board.view import make_coverage_view, make_view
from services.calendar.call.api import Year
from services.calendar.call.view import CallRow, make_call_row
from services.calendar.reminder.view import list_sent
from services.calendar.state import Service, State
from shared.i18n.text import _
from shared.web.auth.roles import PageChief

router = APIRouter(prefix="/calendar/board", include_in_schema=False)


@router.get("")
async def redirect_to_year(_account: PageChief, state: Service) -> Response:
    year = choose_year(await state.calls.list_calls(), state.get_today())
    return state.pages.redirect(f"/calendar/board/{year}")


@router.get("/{year}")
async def show_board(request: Request, year: Year, account: PageChief, state: Service) -> Response:
    lang = state.pages.choose_language(request)
    standings = await list_standings(state, year)
    return await state.pages.render(
        request,
        "board.html",
        title=_("Campaign %(year)s", year=year),
        account=account,
        board=make_view(
            standings,
            read_filter(request.query_params),
            year,
            lang,
            state.region,
            all_ticked=request.query_params.get("tick") == "all",
        ),
        reminders=list_sent(
            await state.reminders.list_latest(year),
            lang,
            state.region.time_zone,
            now=datetime.fromisoformat(state.now()),
        ),
        call=await _find_call_row(state, year, lang),
        years=await _list_years(state, year),
    )


@router.get("/{year}/coverage")
async def show_coverage(request: Request, year: Year, account: PageChief, state: Service) -> Response:
    lang = state.pages.choose_language(request)
    return await state.pages.render(
        request,
        "coverage.html",
        title=_("Counties and months %(year)s", year=year),
        account=account,
        year=year,
        coverage=make_coverage_view(await get_coverage(state, year), year, lang, state.region),
    )


async def _find_call_row(state: State, year: int, lang: str) -> CallRow | None:
    call = await state.calls.find(year)
    return make_call_row(call, lang, state.region.time_zone, now=state.now()) if call else None


async def _list_years(state: State, shown: int) -> list[int]:
    """List the years that may be chosen instead: those of calls, and the next."""
    calls = {each.year for each in await state.calls.list_calls()}
    this_year = state.get_today().year
    return sorted((calls | {this_year, this_year + 1}) - {shown})
