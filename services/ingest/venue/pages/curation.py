"""Curators' pages of the register: the list, one place, merging."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.ingest.form.mapping import read_number
from services.ingest.form.view import make_field_id
from services.ingest.state import Service, State
from services.ingest.submission.field_errors import ValidationFailed
from services.ingest.venue.commands import (
    NotMerged,
    VenueChanged,
    change_venue,
    keep_apart,
    merge_venues,
    take_apart,
)
from services.ingest.venue.curation_view import (
    MOST_COUNTED,
    VENUES_URL,
    build_list_url,
    build_venue_url,
    list_facts,
    list_municipalities,
    make_row,
    make_values,
)
from services.ingest.venue.model import MAX_TWINS, WORDS, RegisteredVenue, make_twin
from services.ingest.venue.place_words import read_words
from services.ingest.venue.problems import NOT_MERGED
from services.ingest.venue.venue_index import MAX_QUERY
from shared.accounts.model import Account
from shared.i18n.text import Text, _, translate
from shared.web.auth.roles import PageCurator
from shared.web.forms import read_field
from shared.web.http.numbers import parse_number
from shared.web.pages.parts import ErrorLink
from shared.web.pages.renderer import Pages
from shared.web.paging import clamp_page, number_pages, read_page
from shared.web.problems import NotFound

router = APIRouter(prefix=VENUES_URL)

ON_A_PAGE: Final = 50
_SAVED: Final = _(
    "The place is saved. Events keep the words they were sent with; organisations whose events say what the register "
    "said before are asked to take the change over."
)
LONGEST: Final = 400
"""Of what is shown again of a field."""
OUTDATED: Final = _(
    "Somebody else has changed or merged this place since you opened the page. Nothing was saved: below is what you "
    "typed; save it again if it still applies."
)


@router.get("")
async def show_venues(request: Request, account: PageCurator, state: Service) -> Response:
    lang, query = state.pages.choose_language(request), request.query_params.get("q", "")[:MAX_QUERY].strip()
    if query:
        fitting = state.venues.index.suggest(query, ON_A_PAGE)
        found = [each for each in fitting if _may_curate(account, each)]
    else:
        found = state.venues.index.list_staying(account.counties)
    page = clamp_page(read_page(request), count=len(found), size=ON_A_PAGE)
    shown = found[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
    return await state.pages.render(
        request,
        "venues.html",
        title=_("Venues"),
        account=account,
        query=query,
        count=len(found),
        rows=[make_row(each, lang, state.region, index=state.venues.index) for each in shown],
        paging=number_pages(
            page, count=len(found), size=ON_A_PAGE, make_address=lambda number: build_list_url(query, number)
        ),
    )


@router.get("/{venue_id}")
async def show_venue(request: Request, venue_id: str, account: PageCurator, state: Service) -> Response:
    venue = await _find(state, account, venue_id)
    return await _render(request, state, account, venue, make_values(venue))


@router.post("/{venue_id}")
async def curate_venue(request: Request, venue_id: str, account: PageCurator, state: Service) -> Response:
    form = await state.pages.read_form(request)
    venue = await _find(state, account, venue_id)
    act, _space, rest = read_field(form, "act").partition(" ")
    try:
        match act:
            case "save":
                return await _save(request, state, account, venue, form)
            case "keep":
                return await _merge(request, state, account, rest, into=venue)
            case "leave":
                return await _merge(request, state, account, f"{venue.id} {venue.number}", into=rest)
            case "apart":
                await keep_apart(state, venue.id, rest)
                return _lead(request, state, venue.id, _("They stay two places."))
            case "restore":
                await take_apart(state, venue.id)
                return _lead(request, state, venue.id, _("It is a place of its own again."))
    except (VenueChanged, NotMerged) as refused:
        now = await _find(state, account, venue_id)
        conflict = NOT_MERGED if isinstance(refused, NotMerged) else OUTDATED
        return await _render(request, state, account, now, make_values(now), conflict=conflict)
    raise NotFound


async def _save(request: Request, state: State, account: Account, venue: RegisteredVenue, form: FormData) -> Response:
    typed = {name: read_field(form, f"venue.{name}").strip()[:LONGEST] for name in (*WORDS, "municipality")}
    number = parse_number(read_field(form, "number")) or 0
    numbers = {name: read_number(typed[name]) for name in ("lat", "lon") if typed[name]}
    sent = {name: typed[name] for name in WORDS if typed[name]} | numbers
    try:
        words = read_words(sent, state.vocabulary)
    except ValidationFailed as refused:
        lang = state.pages.choose_language(request)
        errors = {each.field: translate(each.message, lang) for each in refused.errors}
        return await _render(request, state, account, venue, typed, number=number, errors=errors)
    commune = typed["municipality"] if typed["municipality"] in state.region.municipalities else None
    try:
        await change_venue(state, venue.id, words, municipality=commune, number=number)
    except VenueChanged:
        now = await _find(state, account, venue.id)
        return await _render(request, state, account, now, typed, conflict=OUTDATED)
    return _lead(request, state, venue.id, _SAVED)


async def _merge(
    request: Request, state: State, account: Account, merged: str, *, into: RegisteredVenue | str
) -> Response:
    merged_id, _space, number = merged.partition(" ")
    into_id = into if isinstance(into, str) else into.id
    await _find(state, account, merged_id)
    await _find(state, account, into_id)
    stays = await merge_venues(state, merged_id, into_id, number=parse_number(number) or 0)
    done = _("The places are merged. Organisations whose events name the other one are asked to take this one over.")
    return _lead(request, state, stays.id, done)


async def _find(state: State, account: Account, venue_id: str) -> RegisteredVenue:
    """Raises NotFound, also for a place outside of the curator's counties."""
    found = await state.venues.find(venue_id)
    if found is None or not _may_curate(account, found):
        raise NotFound
    return found


def _may_curate(account: Account, venue: RegisteredVenue) -> bool:
    return not account.counties or venue.county in account.counties


def _lead(request: Request, state: State, venue_id: str, text: Text) -> Response:
    response = Pages.redirect(build_venue_url(venue_id))
    state.pages.flash(response, text, request)
    return response


async def _render(
    request: Request,
    state: State,
    account: Account,
    venue: RegisteredVenue,
    typed: Mapping[str, str],
    *,
    number: int | None = None,
    errors: Mapping[str, str] = {},
    conflict: Text | None = None,
) -> Response:
    lang, index = state.pages.choose_language(request), state.venues.index
    query = request.query_params.get("q", "")[:MAX_QUERY].strip()
    near = index.list_near(venue)
    known = {venue.id, *(each.venue.id for each in near)}
    others = [make_twin(venue, each) for each in index.suggest(query, 2 * MAX_TWINS) if each.id not in known]
    stays = index.find_staying(venue.id) if venue.merged_into else None
    count = await state.submissions.count_at_venue(venue.id, most=MOST_COUNTED)
    status = HTTPStatus.CONFLICT if conflict else HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    return await state.pages.render(
        request,
        "register_venue.html",
        title=venue.name,
        account=account,
        status=status,
        url=build_venue_url(venue.id),
        venue=venue,
        stays=make_row(stays, lang, state.region, index=index) if stays else None,
        facts=list_facts(venue, count, state, lang),
        twins=[make_row(each.venue, lang, state.region, index=index, metres=each.metres) for each in near],
        others=[make_row(each.venue, lang, state.region, index=index, metres=each.metres) for each in others],
        query=query,
        typed=typed,
        number=venue.number if number is None else number,
        errors=errors,
        summary=[ErrorLink(make_field_id(name), message) for name, message in errors.items()],
        conflict=conflict,
        counties=state.region.list_county_labels(lang),
        municipalities=list_municipalities(state.region, lang),
    )
