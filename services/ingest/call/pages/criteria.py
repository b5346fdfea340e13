"""Criteria page of a call, and the call that each page of an editor shows."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from services.ingest.call.model import choose_call, list_other_calls
from services.ingest.call.view import make_banner, make_criteria_view
from services.ingest.state import Service, State
from shared.call import parse_instant
from shared.i18n.text import _
from shared.web.auth.roles import PageEditor
from shared.web.http.numbers import WHOLE_NUMBER
from shared.web.pages.layout import CallBanner
from shared.web.problems import NotFound

router = APIRouter(prefix="/ingest/calls", include_in_schema=False)


@router.get("/{year}")
async def show_criteria(
    request: Request,
    year: Annotated[int, Path(ge=1900, le=2999), WHOLE_NUMBER],
    account: PageEditor,
    state: Service,
) -> Response:
    call = state.calls.get(year)
    if call is None:
        raise NotFound
    lang, zone, now = state.pages.choose_language(request), state.region.time_zone, parse_instant(state.now())
    others = list_other_calls(state.calls.list_calls(), call, now, zone)
    return await state.pages.render(
        request,
        "criteria.html",
        title=_("What is taken into the programme of %(year)s", year=year),
        account=account,
        view=make_criteria_view(call, lang, zone, now=now, others=others),
    )


def find_banner(request: Request, lang: str) -> CallBanner | None:
    """Find the call to show; None while there is none, or before the service is opened."""
    state: State | None = getattr(request.app.state, "service", None)
    if state is None:
        return None
    now, zone = parse_instant(state.now()), state.region.time_zone
    calls = state.calls.list_calls()
    call = choose_call(calls, now, zone)
    others = list_other_calls(calls, call, now, zone)
    return make_banner(call, lang, zone, now=now, others=others) if call else None
