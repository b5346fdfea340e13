"""The public list: a year's months, and the events of a month in rows."""

from __future__ import annotations

from datetime import date
from typing import Final

from fastapi import APIRouter, Request
from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.responses import RedirectResponse, Response

from services.distribution.pages.page_parameters import (
    Language,
    PageFilters,
    build_filter_fields,
    build_url,
    describe_filters,
    describe_span,
    list_active_filters,
    list_hidden_values,
    read_filters,
    read_page_number,
)
from services.distribution.pages.programme_view import (
    ListView,
    build_description,
    build_neighbour_link,
    build_section_view,
    build_summary,
    build_title,
    build_wall,
    describe_missing,
    join_filters,
    list_years,
)
from services.distribution.pages.subscriptions import list_alternates
from services.distribution.programme.months import (
    FIRST_YEAR,
    LAST_YEAR,
    Month,
    MonthIndex,
    build_period,
    build_section,
    build_sections,
    build_year_sections,
    choose_month,
    find_neighbours,
    place_events,
    select_years,
)
from services.distribution.programme.selection import Query, Selection
from services.distribution.state import OpenState, State
from shared.web.pages.layout import PageAddress


class _YearConvertor(IntegerConvertor):
    """Years of this century only."""

    regex = "20[0-9]{2}"


class _MonthConvertor(IntegerConvertor):
    """A month, always with two digits."""

    regex = "0[1-9]|1[0-2]"


LONGEST_REFUSED: Final = 40
"""So much of a filter that means nothing is repeated in an address, where it is refused again."""

register_url_convertor("year", _YearConvertor())
register_url_convertor("month", _MonthConvertor())
router = APIRouter()


@router.get("/{lang}/")
async def show_start(request: Request, state: OpenState, lang: Language) -> Response:
    filters = read_filters(request, state, lang)
    selection = filters.query.selection
    if selection.has_days:
        view = _build_days_view(state, selection, read_page_number(request), lang)
    else:
        view = _build_start_view(state, selection, lang)
    return await _render(request, state, filters, view)


def _build_start_view(state: State, selection: Selection, lang: str) -> ListView:
    today, chosen = state.get_today(), state.months.get(selection)
    year = (chosen if chosen.years else state.months.get(Selection())).choose_year(today)
    months = chosen.get_year(year)
    return ListView("", months, build_sections(months, choose_month(months, today), lang), chosen.list_year(year))


def _build_days_view(state: State, selection: Selection, page: int, lang: str) -> ListView:
    """Build the list of a span of days; its wall is of a year of these days and counts its months whole."""
    chosen = state.months.get(selection)
    months = state.months.get(selection.without_days()).get_year(_choose_year_of_days(chosen, selection, state))
    events = place_events(chosen.events, selection.first, selection.last)
    section = build_section(None, build_period(events, selection.first), page, lang)
    return ListView("", months, [section], chosen.events, describe_span(selection, lang))


def _choose_year_of_days(chosen: MonthIndex, selection: Selection, state: State) -> int:
    """Choose the year of a span of days: the first with something of it still to come, else that of its beginning."""
    last = date.fromisoformat(selection.last) if selection.last else date.max
    start = date.fromisoformat(selection.first) if selection.first else min(state.get_today(), last)
    return chosen.choose_year(start) if chosen.years else min(max(start.year, FIRST_YEAR), LAST_YEAR)


@router.get("/{lang}/{year:year}")
async def show_year(request: Request, state: OpenState, lang: Language, year: int) -> Response:
    filters = read_filters(request, state, lang)
    if filters.query.selection.has_days:
        return _redirect_to_days(request, filters)
    chosen = state.months.get(filters.query.selection)
    months = chosen.get_year(year)
    return await _render(
        request, state, filters, ListView(str(year), months, build_year_sections(months, lang), chosen.list_year(year))
    )


@router.get("/{lang}/{year:year}/{number:month}")
async def show_month(request: Request, state: OpenState, lang: Language, year: int, number: int) -> Response:
    """A page number beyond the last shows the last page."""
    filters, shown = read_filters(request, state, lang), Month(year, number)
    if filters.query.selection.has_days:
        return _redirect_to_days(request, filters)
    chosen = state.months.get(filters.query.selection)
    months = chosen.get_year(year)
    section = build_section(shown, months[shown], read_page_number(request), lang)
    return await _render(request, state, filters, ListView(shown.path, months, [section], chosen.list_year(year)))


def _redirect_to_days(request: Request, filters: PageFilters) -> Response:
    """Redirect from a month or year to the days that are chosen in it: they win, and have one address."""
    query = filters.query
    refused = [(name, request.query_params.get(name, "")[:LONGEST_REFUSED]) for name in filters.errors]
    url = build_url(f"/{query.language}/", [*query.selection.pairs(), *refused])
    return RedirectResponse(url, status_code=302)


async def _render(request: Request, state: State, filters: PageFilters, view: ListView) -> Response:
    query = filters.query
    language, pairs = query.language, query.selection.pairs()
    by_month = Query(query.selection.without_days(), language)
    here = f"/{language}/{view.path}"
    index = state.months.get(by_month.selection)
    programme = state.months.get(Selection())
    years = {year: index.year_counts[year] for year in select_years(programme.years, view.year)}
    before, after = _find_neighbours(view, index)
    return await state.pages.render(
        request,
        "programme.html",
        title=join_filters(view.span_name or build_title(view, language), query, state),
        year=view.year,
        chosen="" if view.is_one_section else " · ".join(describe_filters(query, state, days=False)),
        years=list_years(years, by_month, view),
        summary=build_summary(view.events, programme_is_empty=not programme.events),
        programme_is_empty=not programme.events,
        wall=build_wall(by_month, view),
        sections=[build_section_view(state, section, query, view) for section in view.sections],
        missing=describe_missing(state, query, view),
        before=before and build_neighbour_link(before, query, view),
        after=after and build_neighbour_link(after, query, view),
        fields=build_filter_fields(filters, state),
        wrong=bool(filters.errors),
        carried=list_hidden_values(query),
        action=here,
        active=list_active_filters(query, state, here),
        all_url=f"/{language}/",
        subscribe_url=build_url(f"/{language}/subscribe", pairs),
        feeds=list_alternates(state, query),
        address=PageAddress(
            view.path, [*pairs, *(("page", str(each.page)) for each in view.sections if each.page > 1)]
        ),
        description=build_description(state, query, view),
    )


def _find_neighbours(view: ListView, index: MonthIndex) -> tuple[Month | None, Month | None]:
    """Find the months before and after; a year ends with itself, a list of days has none."""
    shown = [section.month for section in view.sections if section.month] or [min(view.months)]
    if view.span_name:
        return None, None
    return find_neighbours(view.months, shown) if view.path == str(view.year) else index.find_neighbours(shown)
