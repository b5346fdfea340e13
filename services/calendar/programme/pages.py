"""Programme page: a year's public events by month."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Request, Response

from services.calendar.entry import filter_form
from services.calendar.entry.filter_form import FilterForm
from services.calendar.entry.model import Entry, get_live_status
from services.calendar.entry.view import EventView, get_title
from services.calendar.state import Service
from shared.event.date_phrases import format_date_pieces, make_stamp
from shared.i18n.languages import get_locale
from shared.i18n.text import _, n_, translate
from shared.web.auth.roles import require_page_account
from shared.web.csrf import check_local_path
from shared.web.http.numbers import WHOLE_NUMBER
from shared.web.pages.layout import Link
from shared.web.paging import clamp_page, number_pages, read_page
from shared.web.problems import BadRequest

NAMES = ("organisation", "county", "category")
ON_A_PAGE = 50
MONTHS = range(1, 13)
BACK: Final = "back"
_YEAR_OF_LIST = re.compile(r"/calendar/programme/([0-9]{4})(?:\?|$)")

router = APIRouter(include_in_schema=False, dependencies=[Depends(require_page_account("curator"))])


@router.get("/calendar/programme")
async def redirect_to_year(state: Service) -> Response:
    """Redirect to next year, whose programme is being prepared."""
    return state.pages.redirect(f"/calendar/programme/{int(state.now()[:4]) + 1}")


@router.get("/calendar/programme/{year}")
async def show_programme(
    request: Request,
    year: Annotated[int, Path(ge=1900, le=2999), WHOLE_NUMBER],
    state: Service,
) -> Response:
    here = f"/calendar/programme/{year}"
    lang = state.pages.choose_language(request)
    filters = filter_form.read_filters(request, state.region, NAMES, year=year)
    counts = await state.entries.count_months(filters.selection)
    month = read_month(request, counts)
    page = clamp_page(read_page(request), count=counts.get(month, 0), size=ON_A_PAGE)
    found = await state.entries.list_programme(
        filters.selection, month=month, skip=(page - 1) * ON_A_PAGE, limit=ON_A_PAGE
    )
    view = EventView(state.region, lang)
    choices = {
        "organisation": await filter_form.list_organisations(state.entries, state.region, lang),
        "county": filter_form.list_counties(state.region, lang),
        "category": filter_form.list_categories(state.region, lang),
    }
    return await state.pages.render(
        request,
        "programme.html",
        title=_("Programme %(year)s", year=year),
        headers={"Cache-Control": "no-store"},
        year=year,
        month={"number": month, "name": _format_month(month, lang), "count": counts.get(month, 0)},
        months=list_months(filters, here, counts, month, lang),
        total=sum(counts.values()),
        rows=[make_row(entry, view, opened_from=_make_address(filters, here, month, page)) for entry in found],
        here=here,
        filters=filters,
        choices=choices,
        active=filters.list_active(here, choices, month=month),
        paging=number_pages(
            page,
            count=counts.get(month, 0),
            size=ON_A_PAGE,
            make_address=lambda number: filters.make_address(here, month=month, page=number),
        ),
        years=[Link(str(each), filters.make_address(f"/calendar/programme/{each}")) for each in (year - 1, year + 1)],
    )


def read_month(request: Request, counts: Mapping[int, int]) -> int:
    """Return the month of the address, else the first with events; raise BadRequest."""
    value = request.query_params.get("month")
    if not value:
        return min((month for month, count in counts.items() if count), default=1)
    if value not in {str(month) for month in MONTHS}:
        raise BadRequest
    return int(value)


def list_months(
    filters: FilterForm, here: str, counts: Mapping[int, int], current: int, lang: str
) -> list[dict[str, Any]]:
    names = get_locale(lang).months["format"]["abbreviated"]
    return [
        {
            "label": names[month].rstrip("."),
            "url": filters.make_address(here, month=month),
            "count": counts.get(month, 0),
            "words": translate(n_("%(num)s event", "%(num)s events", counts.get(month, 0)), lang),
            "current": month == current,
        }
        for month in MONTHS
    ]


def make_row(entry: Entry, view: EventView, *, opened_from: str) -> dict[str, Any]:
    """Make a row for ``parts/row.html``; its entry links back to this list."""
    event = entry.live.event if entry.live else entry.event
    status = get_live_status(entry) or "confirmed"
    title, title_lang = get_title(event, view.language)
    return {
        "stamp": make_stamp(event.dates, view.language, status),
        "title": title,
        "title_lang": title_lang,
        "url": f"/calendar/entries/{entry.id}?{urlencode({BACK: opened_from})}",
        "when": format_date_pieces(event.dates, view.language),
        "where": " · ".join(filter(None, (event.venue.town, event.venue.name))),
        "kind": view.name_category(event.category),
        "tags": _list_tags(entry, event.dates.certainty, status),
        "organisation": entry.organiser.name,
    }


def _list_tags(entry: Entry, certainty: str, status: str) -> list[dict[str, Any]]:
    kinds = ["cancelled"] if status == "cancelled" else [certainty] if certainty != "exact" else []
    tags: list[dict[str, Any]] = [{"kind": kind} for kind in kinds]
    if entry.waiting:
        tags.append({"kind": "change", "text": _("A change is waiting for a decision")})
    return tags


def read_list_link(request: Request) -> Link | None:
    """Return the link to the list of a year from which an entry was opened."""
    path = check_local_path(request.query_params.get(BACK), "")
    year = _YEAR_OF_LIST.match(path)
    return Link(_("Programme %(year)s", year=year[1]), path) if year else None


def _make_address(filters: FilterForm, here: str, month: int, page: int) -> str:
    return filters.make_address(here, month=month, **({"page": page} if page > 1 else {}))


def _format_month(month: int, lang: str) -> str:
    name = str(get_locale(lang).months["stand-alone"]["wide"][month])
    return name[:1].upper() + name[1:]
