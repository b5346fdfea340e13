"""Pages that show calls: the list, and the criteria as editors read them."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from fastapi import APIRouter, Request, Response

from services.calendar.call.api import Year
from services.calendar.call.commands import get_call
from services.calendar.call.view import make_call_row
from services.calendar.state import Service
from shared.i18n.text import _
from shared.web.auth.roles import PageChief
from shared.web.problems import NotFound

router = APIRouter()


@router.get("/calendar/calls")
async def show_calls(request: Request, account: PageChief, state: Service) -> Response:
    lang, zone = state.pages.choose_language(request), state.region.time_zone
    return await state.pages.render(
        request,
        "calls.html",
        title=_("Calls"),
        account=account,
        rows=[make_call_row(each, lang, zone, now=state.now()) for each in await state.calls.list_calls()],
    )


@router.get("/calendar/calls/{year}/criteria/{code}")
async def preview_criteria(request: Request, year: Year, code: str, account: PageChief, state: Service) -> Response:
    """Show the criteria in one language, as editors read them."""
    call = await get_call(state, year)
    text = call.terms.criteria.get(code)
    if text is None:
        raise NotFound
    lang, zone = state.pages.choose_language(request), state.region.time_zone
    return await state.pages.render(
        request,
        "criteria.html",
        title=_("What is taken into the programme of %(year)s", year=year),
        account=account,
        back=f"/calendar/calls/{year}",
        call=make_call_row(call, lang, zone, now=state.now()),
        text=text,
        text_lang=code,
    )
