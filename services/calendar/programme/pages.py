"""Programme page: a year's public events by month."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

import re
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from services.calendar.entry import filter_form
from services.calendar.entry.filter_form import FilterForm
from services.calendar.entry.view import EventView
from services.calendar.programme.view import BACK, MONTHS, list_months, make_row
from services.calendar.state import Service
from shared.i18n.text import _
from shared.web.auth.roles import require_page_account
from shared.web.csrf import check_local_path
from shared.web.http.numbers import WHOLE_NUMBER
from shared.web.pages.layout import Link
from shared.web.paging import clamp_page, number_pages, read_page
from shared.web.problems import BadRequest

NAMES = ("organisation", "county", "category")
ON_A_PAGE = 50
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
    names = await state.get_organisation_names()
    view = EventView(state.region, lang, names=names)
    months = list_months(counts, month, lang, lambda number: filters.make_address(here, month=number))
    choices = {
        "organisation": await filter_form.list_organisations(state.entries, names, lang),
        "county": filter_form.list_counties(state.region, lang),
        "category": filter_form.list_categories(state.region, lang),
    }
    return await state.pages.render(
        request,
        "programme.html",
        title=_("Programme %(year)s", year=year),
        headers={"Cache-Control": "no-store"},
        year=year,
        month=months[month - 1],
        months=months,
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


def read_list_link(request: Request) -> Link | None:
    """Return the link to the list of a year from which an entry was opened."""
    path = check_local_path(request.query_params.get(BACK), "")
    year = _YEAR_OF_LIST.match(path)
    return Link(_("Programme %(year)s", year=year[1]), path) if year else None


def _make_address(filters: FilterForm, here: str, month: int, page: int) -> str:
    return filters.make_address(here, month=month, **({"page": page} if page > 1 else {}))
