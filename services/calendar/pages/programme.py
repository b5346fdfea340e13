"""A year's programme: everything public, month by month, with where it stands."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from services.calendar.domain.entry import Entry, live_status
from services.calendar.pages import filtering
from services.calendar.pages.filtering import Filters
from services.calendar.pages.spoken import Speaker, title_of
from services.calendar.state import Service
from shared.languages import locale
from shared.messages import read_event
from shared.web.access import PageCurator
from shared.web.frame import Link
from shared.web.locale import _, n_, translate
from shared.web.phrases import date_pieces, stamp
from shared.web.problems import BadRequest

NAMES = ("organisation", "county", "category")
ON_A_PAGE = 50
MONTHS = range(1, 13)

router = APIRouter(include_in_schema=False)


@router.get("/calendar/programme")
async def lead_to_year(account: PageCurator, state: Service) -> Response:  # noqa: ARG001 - says who may
    """Lead to the programme that is being prepared: next year's."""
    return state.pages.redirect(f"/calendar/programme/{int(state.now()[:4]) + 1}")


@router.get("/calendar/programme/{year}")
async def show_programme(
    request: Request,
    year: Annotated[int, Path(ge=1900, le=2999)],
    account: PageCurator,  # noqa: ARG001 - says who may
    state: Service,
) -> Response:
    """Show a month of a year's programme, and how many events each month has."""
    here = f"/calendar/programme/{year}"
    lang = state.pages.language(request)
    filters = filtering.filters_in(request, state, NAMES, year=year)
    page = filtering.page_in(request)
    counts = await state.entries.months(filters.selection)
    month = month_in(request, counts)
    found = await state.entries.programme(filters.selection, month=month, skip=(page - 1) * ON_A_PAGE, limit=ON_A_PAGE)
    speaker = Speaker(state.region, lang)
    choices = {
        "organisation": await filtering.organisations(state),
        "county": filtering.counties(state, lang),
        "category": filtering.categories(state, lang),
    }
    return await state.pages.render(
        request,
        "programme.html",
        title=_("Program %(year)s", year=year),
        headers={"Cache-Control": "no-store"},
        year=year,
        month={"number": month, "name": _month_name(month, lang), "count": counts.get(month, 0)},
        months=months(filters, here, counts, month, lang),
        total=sum(counts.values()),
        rows=[row(entry, speaker) for entry in found],
        here=here,
        filters=filters,
        choices=choices,
        active=filters.active(here, choices),
        paging=_paging(filters, here, month, page, counts.get(month, 0)),
        years=[Link(str(each), filters.at(f"/calendar/programme/{each}")) for each in (year - 1, year + 1)],
    )


def month_in(request: Request, counts: Mapping[int, int]) -> int:
    """Read which month is asked for; without one, the first that has something.

    Raises:
        BadRequest: if it is no month.

    """
    said = request.query_params.get("month")
    if not said:
        return min((month for month, count in counts.items() if count), default=1)
    if said not in {str(month) for month in MONTHS}:
        raise BadRequest
    return int(said)


def months(filters: Filters, here: str, counts: Mapping[int, int], current: int, lang: str) -> list[dict[str, Any]]:
    """Give the months as ``parts/wall.html`` takes them."""
    names = locale(lang).months["format"]["abbreviated"]
    return [
        {
            "label": names[month].rstrip("."),
            "url": filters.at(here, month=month),
            "count": counts.get(month, 0),
            "words": translate(n_("%(num)s wydarzenie", "%(num)s wydarzenia", counts.get(month, 0)), lang),
            "current": month == current,
        }
        for month in MONTHS
    ]


def row(entry: Entry, speaker: Speaker) -> dict[str, Any]:
    """Give an event as ``parts/row.html`` takes it, with its organisation."""
    content = entry.live.event if entry.live else entry.event
    event = read_event(content)
    status = live_status(entry) or "confirmed"
    title, title_lang = title_of(content, speaker.language)
    return {
        "stamp": stamp(event.dates, speaker.language, status),
        "title": title,
        "title_lang": title_lang,
        "url": f"/calendar/entries/{entry.id}",
        "when": date_pieces(event.dates, speaker.language),
        "where": " · ".join(filter(None, (event.venue.town, event.venue.name))),
        "kind": speaker.category(event.category),
        "tags": _tags(entry, event.dates.certainty, status),
        "organisation": entry.organiser.name,
    }


def _tags(entry: Entry, certainty: str, status: str) -> list[dict[str, Any]]:
    kinds = ["cancelled"] if status == "cancelled" else [certainty] if certainty != "exact" else []
    tags: list[dict[str, Any]] = [{"kind": kind} for kind in kinds]
    if entry.waiting:
        tags.append({"kind": "change", "text": _("Zmiana czeka na decyzję")})
    return tags


def _month_name(month: int, lang: str) -> str:
    name = str(locale(lang).months["stand-alone"]["wide"][month])
    return name[:1].upper() + name[1:]


def _paging(filters: Filters, here: str, month: int, page: int, count: int) -> dict[str, Any]:
    """Give the ways on: within a month that does not fit on one page, else to the months beside it."""
    last = max(1, -(-count // ON_A_PAGE))
    if last == 1 and page == 1:
        return {"previous": None, "next": None, "words": ""}
    before = Link(_("Wstecz"), filters.at(here, month=month, page=page - 1)) if page > 1 else None
    after = Link(_("Dalej"), filters.at(here, month=month, page=page + 1)) if page < last else None
    return {"previous": before, "next": after, "words": _("strona %(page)s z %(last)s", page=page, last=last)}
