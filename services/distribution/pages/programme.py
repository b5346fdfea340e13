"""The public list: a year's months, and the events of a month in rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.responses import RedirectResponse, Response

from services.distribution.pages.back_link import build_parameters, format_month
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
from services.distribution.pages.subscriptions import list_alternates
from services.distribution.programme.model import IndexedEvent
from services.distribution.programme.months import (
    FIRST_YEAR,
    LAST_YEAR,
    Month,
    MonthIndex,
    Section,
    YearMonths,
    build_period,
    build_section,
    build_sections,
    build_year_sections,
    choose_month,
    find_neighbours,
    get_month,
)
from services.distribution.programme.selection import Query, Selection
from services.distribution.rows import EventRow, mark_over
from services.distribution.state import OpenState, State
from shared.i18n.languages import get_locale
from shared.i18n.text import _, n_, translate
from shared.web.pages.layout import Link, PageAddress


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


@dataclass(frozen=True, slots=True)
class ListView:
    """``path`` is its address after the language, ``months`` those of the wall, ``events`` what the heading counts."""

    # ``span_name`` names the days that a page without months is narrowed to.

    path: str
    months: YearMonths
    sections: Sequence[Section]
    events: Sequence[IndexedEvent]
    span_name: str = ""

    @property
    def year(self) -> int:
        return min(self.months).year

    @property
    def is_one_section(self) -> bool:
        """Whether it is a list of a month or of days, and not of a year's months."""
        return bool(self.span_name) or "/" in self.path


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
    section = build_section(None, build_period(chosen.events, selection.first), page, lang)
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
    years = {year: index.year_counts[year] for year in state.months.get(Selection()).years}
    before, after = _find_neighbours(view, index)
    return await state.pages.render(
        request,
        "programme.html",
        title=_join_filters(view.span_name or _build_title(view, language), query, state),
        year=view.year,
        chosen="" if view.is_one_section else " · ".join(describe_filters(query, state, days=False)),
        years=[_build_year_link(year, count, by_month, view) for year, count in years.items()],
        summary=_build_summary(view.events),
        wall=[
            _build_month_link(each, len(found), by_month, current=each.path == view.path)
            for each, found in view.months.items()
        ],
        sections=[_build_section(state, section, query, view) for section in view.sections],
        missing=_describe_missing(state, query, view),
        before=before and _build_link(before, query, view),
        after=after and _build_link(after, query, view),
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
        description=_build_description(state, query, view),
    )


def _join_filters(name: str, query: Query, state: State) -> str:
    """Name a list with the county and kind that it is narrowed to, as the link back to it does."""
    return " · ".join([translate(name, query.language), *describe_filters(query, state, days=False)])


def _describe_missing(state: State, query: Query, view: ListView) -> str:
    """For print, which has no link to the next page: how much of the list is missing, and where it is."""
    shown = len({event.id for section in view.sections for event in section.events})
    total = view.sections[0].total if view.is_one_section else len(view.events)
    path = view.path if view.path or view.span_name else str(view.year)
    url = state.site.public_url + build_url(f"/{query.language}/{path}", query.selection.pairs())
    if shown == total:
        return ""
    return _(
        "This printout has %(shown)s of %(total)s events. The whole list: %(url)s", shown=shown, total=total, url=url
    )


def _build_title(view: ListView, language: str) -> str:
    if "/" in view.path:
        return f"{format_month(view.sections[0].month or min(view.months), language)} {view.year}"
    return _("Programme of events %(year)s", year=view.year)


def _build_description(state: State, query: Query, view: ListView) -> str:
    language = query.language
    name = view.span_name or (_build_title(view, language) if "/" in view.path else view.path)
    count = view.sections[0].total if "/" in view.path else len(view.events)
    said = translate(n_("%(num)s event", "%(num)s events", count), language)
    about = state.site.build_feed_description(Query(Selection(), language))
    return f"{translate(name, language)}: {said}. {about}" if name else f"{said}. {about}"


def _find_neighbours(view: ListView, index: MonthIndex) -> tuple[Month | None, Month | None]:
    """Find the months before and after; a year ends with itself, a list of days has none."""
    shown = [section.month for section in view.sections if section.month] or [min(view.months)]
    if view.span_name:
        return None, None
    return find_neighbours(view.months, shown) if view.path == str(view.year) else index.find_neighbours(shown)


def _build_summary(listed: Sequence[IndexedEvent]) -> tuple[str, str]:
    counties = len({event.county for event in listed})
    return (
        n_("%(num)s event", "%(num)s events", len(listed)),
        n_("in %(num)s county", "in %(num)s counties", counties),
    )


def _build_month_link(month: Month, count: int, query: Query, *, current: bool) -> dict[str, Any]:
    return {
        "label": get_locale(query.language).months["stand-alone"]["abbreviated"][month.number].rstrip("."),
        "url": build_url(f"/{query.language}/{month.path}", query.selection.pairs()),
        "count": count,
        "words": n_("%(num)s event", "%(num)s events", count),
        "current": current,
    }


def _build_year_link(year: int, count: int, query: Query, view: ListView) -> dict[str, Any]:
    return {
        "label": str(year),
        "url": build_url(f"/{query.language}/{year}", query.selection.pairs()),
        "count": count,
        "words": n_("%(num)s event", "%(num)s events", count),
        "current": year == view.year,
    }


def _build_section(state: State, section: Section, query: Query, view: ListView) -> dict[str, Any]:
    path, pairs, page = f"/{query.language}/{view.path}", query.selection.pairs(), section.page
    name = view.span_name
    if section.month:
        name = format_month(section.month, query.language)
        path = f"/{query.language}/{section.month.path}"
    parts = [
        {"name": name, "rows": [row for each in events if (row := _build_row(state, each, query, view, section))]}
        for name, events in _split_section(section, query.language)
    ]
    return {
        "id": f"m{section.month.number}" if section.month else "days",
        "name": _join_filters(name, query, state) if view.is_one_section else name,
        "count": n_("%(num)s event", "%(num)s events", section.total),
        "parts": parts,
        "page": section.page,
        "pages": section.page_count,
        "previous_url": build_url(path, [*pairs, ("page", str(page - 1))]) if page > 1 else "",
        "next_url": build_url(path, [*pairs, ("page", str(page + 1))]) if page < section.page_count else "",
    }


def _split_section(section: Section, language: str) -> list[tuple[str, Sequence[IndexedEvent]]]:
    """Split a section: first events without a starting day here, then by day, in a span of several months by month."""
    shown = section.events
    first = [(_("Still running"), shown.running), (_("Day to be confirmed"), shown.undated)]
    found: list[tuple[str, Sequence[IndexedEvent]]] = [each for each in first if each[1]]
    months = {month: list(events) for month, events in groupby(shown.starting, key=get_month)}
    if section.month is None and len(months) > 1:
        return found + [(f"{format_month(month, language)} {month.year}", events) for month, events in months.items()]
    return [*found, (_("Day by day") if found else "", shown.starting)] if shown.starting else found


def _build_row(state: State, event: IndexedEvent, query: Query, view: ListView, section: Section) -> EventRow | None:
    """The row's link carries the list, unless it is the one that the event page links to anyway; None if unreadable."""
    row, pairs = state.rows.get(event, query.language), query.selection.pairs()
    is_its_own = "/" not in view.path or (section.page == 1 and section.month == get_month(event))
    if row is not None and event.last_day < state.get_today().isoformat():
        row = replace(row, tags=mark_over(row.tags))
    if row is None or (is_its_own and not pairs):
        return row
    return replace(row, url=build_url(row.url, build_parameters(view.path, pairs, section.page)))


def _build_link(month: Month, query: Query, view: ListView) -> Link:
    name = format_month(month, query.language)
    label = name if month.year == view.year else f"{name} {month.year}"
    return Link(label, build_url(f"/{query.language}/{month.path}", query.selection.pairs()))
