"""The public list: a year as a wall of months, and the events of a month in rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from services.distribution.months import (
    Month,
    MonthSheet,
    first_month,
    neighbours,
    one_month,
    several_months,
)
from services.distribution.pages.reader import (
    Language,
    active_filters,
    carried,
    filter_fields,
    filters_of,
    with_query,
)
from services.distribution.programme import Listing
from services.distribution.selection import Asked, Selection
from services.distribution.state import Opened, State
from shared.languages import locale
from shared.web.locale import _, n_
from shared.web.problems import NotFound

router = APIRouter()
Year = Annotated[int, Path(ge=2000, le=2099)]


@router.get("/{lang}/")
async def first_page(request: Request, state: Opened, lang: Language) -> Response:
    """Show the programme from now on, or what the filters leave of it."""
    asked = filters_of(request, state, lang)
    start = date.fromisoformat(asked.selection.first) if asked.selection.first else state.today()
    chosen = state.months.of(asked.selection)
    year = (chosen if chosen.years else state.months.of(Selection())).year_to_show(start)
    months = chosen.of_year(year)
    return await _page(request, state, asked, months, several_months(months, first_month(months, start)))


@router.get("/{lang}/{year:int}")
async def one_year(request: Request, state: Opened, lang: Language, year: Year) -> Response:
    """Show a year from its first event on."""
    asked = filters_of(request, state, lang)
    months = state.months.of(asked.selection).of_year(year)
    return await _page(request, state, asked, months, several_months(months, Month(year, 1)))


@router.get("/{lang}/{year:int}/{number:int}")
async def month(  # noqa: PLR0917 - FastAPI names them all
    request: Request,
    state: Opened,
    lang: Language,
    year: Year,
    number: Annotated[int, Path(ge=1, le=12)],
    page: Annotated[int, Query(ge=1, le=1000)] = 1,
) -> Response:
    """Show one month.

    Raises:
        NotFound: if it does not have so many pages.

    """
    asked = filters_of(request, state, lang)
    months = state.months.of(asked.selection).of_year(year)
    sheets = one_month(months, Month(year, number), page)
    if page > sheets[0].pages:
        raise NotFound
    return await _page(request, state, asked, months, sheets)


async def _page(
    request: Request,
    state: State,
    asked: Asked,
    months: Mapping[Month, Sequence[Listing]],
    sheets: Sequence[MonthSheet],
) -> Response:
    language = asked.language
    year = min(months).year
    listed = [listing for month in months.values() for listing in month]
    shown = [sheet.month for sheet in sheets] or [min(months)]
    before, after = neighbours(months, shown)
    return await state.pages.render(
        request,
        "programme.html",
        title=_("Program wydarzeń %(year)s", year=year),
        year=year,
        years=[(each, with_query(f"/{language}/{each}", asked.selection.pairs())) for each in _years(state)],
        summary=_summary(listed),
        wall=[_brick(each, len(listings), asked, current=[each] == shown) for each, listings in months.items()],
        sheets=[_sheet(state, sheet, asked) for sheet in sheets],
        running=_running(state, asked, shown[0]),
        before=before and _link(before, asked),
        after=after and _link(after, asked),
        fields=filter_fields(asked, state),
        carried=carried(asked),
        active=active_filters(asked, state, request.url.path),
        all_url=f"/{language}/",
        subscribe_url=with_query(f"/{language}/subscribe", asked.selection.pairs()),
        feeds=[_alternate(state, asked, extension) for extension in ("ics", "rss", "json")],
        alternates=alternates(request, state),
    )


def alternates(request: Request, state: State) -> list[tuple[str, str]]:
    """Give the address of this page in every language of the site, for search engines."""
    _empty, _lang, rest = request.url.path.split("/", 2)
    query = f"?{request.url.query}" if request.url.query else ""
    known, base = state.imprint.region.languages, state.imprint.public_url
    found = [(each, f"{base}/{each}/{rest}{query}") for each in known.site]
    return [*found, ("x-default", f"{base}/{known.default}/{rest}{query}")]


def _years(state: State) -> list[int]:
    return state.months.of(Selection()).years


def _summary(listed: Sequence[Listing]) -> tuple[str, str]:
    counties = len({listing.county for listing in listed})
    return (
        n_("%(num)s wydarzenie", "%(num)s wydarzeń", len(listed)),
        n_("w %(num)s powiecie", "w %(num)s powiatach", counties),
    )


def _brick(month: Month, count: int, asked: Asked, *, current: bool) -> dict[str, Any]:
    return {
        "label": locale(asked.language).months["stand-alone"]["abbreviated"][month.number].rstrip("."),
        "url": with_query(f"/{asked.language}/{month.path}", asked.selection.pairs()),
        "count": count,
        "words": n_("%(num)s wydarzenie", "%(num)s wydarzeń", count),
        "current": current,
    }


def _sheet(state: State, sheet: MonthSheet, asked: Asked) -> dict[str, Any]:
    rows = [state.rows.row(each, asked.language) for each in sheet.shown]
    path = f"/{asked.language}/{sheet.month.path}"
    pairs = asked.selection.pairs()
    return {
        "id": f"m{sheet.month.number}",
        "name": month_name(sheet.month, asked.language),
        "count": n_("%(num)s wydarzenie", "%(num)s wydarzeń", sheet.total),
        "rows": [row for row in rows if not row["open"]],
        "open_rows": [row for row in rows if row["open"]],
        "page": sheet.page,
        "pages": sheet.pages,
        "previous_url": with_query(path, [*pairs, ("page", str(sheet.page - 1))]) if sheet.page > 1 else "",
        "next_url": with_query(path, [*pairs, ("page", str(sheet.page + 1))]) if sheet.page < sheet.pages else "",
    }


def _running(state: State, asked: Asked, month: Month) -> list[dict[str, Any]]:
    rows = (state.rows.row(each, asked.language) for each in state.months.of(asked.selection).running(month))
    return [row for row in rows if not row["open"]]


def _link(month: Month, asked: Asked) -> dict[str, str]:
    url = with_query(f"/{asked.language}/{month.path}", asked.selection.pairs())
    return {"label": month_name(month, asked.language), "url": url}


def month_name(month: Month, language: str) -> str:
    """Name a month as a heading does: with a capital, without the year."""
    name = str(locale(language).months["stand-alone"]["wide"][month.number])
    return name[:1].upper() + name[1:]


def _alternate(state: State, asked: Asked, extension: str) -> dict[str, str]:
    form = state.formats[extension]
    return {
        "type": form.content_type.partition(";")[0],
        "title": state.imprint.feed_title(asked),
        "url": state.imprint.feed_url(asked, extension),
    }
