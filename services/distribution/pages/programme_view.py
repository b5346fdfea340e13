"""What the public list shows: links to months and years, and sections of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from services.distribution.pages.back_link import build_parameters, format_month
from services.distribution.pages.page_parameters import build_url, describe_filters
from services.distribution.parts import find_public_umbrella
from services.distribution.programme.indexed_event import IndexedEvent
from services.distribution.programme.months import Month, Section, YearMonths, get_month
from services.distribution.programme.selection import Query, Selection
from services.distribution.rows import EventRow, mark_over
from services.distribution.state import State
from shared.i18n.languages import get_locale
from shared.i18n.text import _, n_, translate
from shared.web.pages.layout import Link


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


@dataclass(frozen=True, slots=True)
class PeriodLink:
    """A month or a year for ``parts/wall.html``; ``words`` is ``count`` in words."""

    label: str
    url: str
    count: int
    words: str
    current: bool


@dataclass(frozen=True, slots=True)
class SectionPart:
    """Rows under a heading, which may be empty."""

    name: str
    rows: Sequence[EventRow]


@dataclass(frozen=True, slots=True)
class SectionView:
    """One page of a section; an address is empty where the list ends."""

    id: str
    name: str
    count: str
    parts: Sequence[SectionPart]
    page: int
    pages: int
    previous_url: str
    next_url: str


def join_filters(name: str, query: Query, state: State) -> str:
    """Name a list with the county and kind that it is narrowed to, as the link back to it does."""
    return " · ".join([translate(name, query.language), *describe_filters(query, state, days=False)])


def describe_missing(state: State, query: Query, view: ListView) -> str:
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


def build_title(view: ListView, language: str) -> str:
    if "/" in view.path:
        return f"{format_month(view.sections[0].month or min(view.months), language)} {view.year}"
    return _("Programme of events %(year)s", year=view.year)


def build_description(state: State, query: Query, view: ListView) -> str:
    language = query.language
    name = view.span_name or (build_title(view, language) if "/" in view.path else view.path)
    count = view.sections[0].total if "/" in view.path else len(view.events)
    said = translate(n_("%(num)s event", "%(num)s events", count), language)
    about = state.site.build_feed_description(Query(Selection(), language))
    return f"{translate(name, language)}: {said}. {about}" if name else f"{said}. {about}"


def build_summary(listed: Sequence[IndexedEvent], *, programme_is_empty: bool) -> list[str]:
    if programme_is_empty:
        return [_("The programme is still empty.")]
    counties = len({event.county for event in listed})
    said: list[str] = [n_("%(num)s event", "%(num)s events", len(listed))]
    return [*said, n_("in %(num)s county", "in %(num)s counties", counties)] if counties else said


def list_years(counts: Mapping[int, int], query: Query, view: ListView) -> list[PeriodLink]:
    return [
        _build_period_link(str(year), str(year), count, query, current=year == view.year)
        for year, count in counts.items()
    ]


def build_wall(query: Query, view: ListView) -> list[PeriodLink]:
    names = get_locale(query.language).months["stand-alone"]["abbreviated"]
    return [
        _build_period_link(
            names[month.number].rstrip("."), month.path, len(found), query, current=month.path == view.path
        )
        for month, found in view.months.items()
    ]


def _build_period_link(label: str, path: str, count: int, query: Query, *, current: bool) -> PeriodLink:
    url = build_url(f"/{query.language}/{path}", query.selection.pairs())
    return PeriodLink(label, url, count, n_("%(num)s event", "%(num)s events", count), current)


def build_section_view(state: State, section: Section, query: Query, view: ListView) -> SectionView:
    path, pairs, page = f"/{query.language}/{view.path}", query.selection.pairs(), section.page
    name = view.span_name
    if section.month:
        name = format_month(section.month, query.language)
        path = f"/{query.language}/{section.month.path}"
    parts = [
        SectionPart(name, [row for each in events if (row := _build_row(state, each, query, view, section))])
        for name, events in _split_section(section, query.language)
    ]
    return SectionView(
        id=f"m{section.month.number}" if section.month else "days",
        name=join_filters(name, query, state) if view.is_one_section else name,
        count=n_("%(num)s event", "%(num)s events", section.total),
        parts=parts,
        page=section.page,
        pages=section.page_count,
        previous_url=build_url(path, [*pairs, ("page", str(page - 1))]) if page > 1 else "",
        next_url=build_url(path, [*pairs, ("page", str(page + 1))]) if page < section.page_count else "",
    )


def _split_section(section: Section, language: str) -> list[tuple[str, Sequence[IndexedEvent]]]:
    """Split a section: first events without a starting day here, then by day, in a span of several months by month.

    What runs for long stands apart, at the end.
    """
    shown = section.events
    first = [(_("Still running"), shown.running), (_("Day to be confirmed"), shown.undated)]
    found: list[tuple[str, Sequence[IndexedEvent]]] = [each for each in first if each[1]]
    months = {month: list(events) for month, events in groupby(shown.starting, key=get_month)}
    last = [(_("Exhibitions, seasons and other long events"), shown.lasting)] if shown.lasting else []
    if section.month is None and len(months) > 1:
        by_month = [(f"{format_month(month, language)} {month.year}", events) for month, events in months.items()]
        return [*found, *by_month, *last]
    by_day = [(_("Day by day") if found or last else "", shown.starting)] if shown.starting else []
    return [*found, *by_day, *last]


def _build_row(state: State, event: IndexedEvent, query: Query, view: ListView, section: Section) -> EventRow | None:
    """The row's link carries the list, unless it is the one that the event page links to anyway; None if unreadable."""
    row, pairs = state.rows.get(event, query.language), query.selection.pairs()
    umbrella = find_public_umbrella(state, event)
    if row and umbrella and (above := state.rows.get(umbrella, query.language)):
        row = replace(row, part_of=above.title, part_of_lang=above.title_lang)
    whole = state.programme.get(event.id) or event  # one that repeats stands here by some of its occurrences
    is_its_own = "/" not in view.path or (section.page == 1 and section.month == get_month(whole))
    if row is not None and whole.last_day < state.get_today().isoformat():
        row = replace(row, tags=mark_over(row.tags))
    if row is None or (is_its_own and not pairs):
        return row
    return replace(row, url=build_url(row.url, build_parameters(view.path, pairs, section.page)))


def build_neighbour_link(month: Month, query: Query, view: ListView) -> Link:
    name = format_month(month, query.language)
    label = name if month.year == view.year else f"{name} {month.year}"
    return Link(label, build_url(f"/{query.language}/{month.path}", query.selection.pairs()))
