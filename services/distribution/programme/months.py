"""The programme by month, with each event in every month that it touches. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Final

from services.distribution.programme.indexed_event import IndexedEvent, IndexedOccurrence, decode_title
from services.distribution.programme.model import Programme
from services.distribution.programme.selection import Selection
from shared.i18n.collation import build_collation_key

FULL_PAGE: Final = 40
"""A page that is not one month's goes on with the next month until it shows this many events."""

FULL_YEAR: Final = 300
"""A year with no more is shown whole, so that it can be printed; a larger one by its months."""

MAX_ROWS: Final = 60
"""A month or span with more is shown in several pages."""

MAX_COLLATED: Final = 1_000
"""More events of the same dates are not put in the order of their titles: each title takes some 30 µs."""

MAX_INDEXES: Final = 32
MAX_YEARS: Final = 4
"""So many years of a selection are kept; who asks for one after the other must not fill the memory."""

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2099

LONGEST_LISTED: Final = 5
"""Of an event that touches more years only the first and the last are listed."""

MAX_YEAR_LINKS: Final = 10


@dataclass(frozen=True, slots=True, order=True)
class Month:
    year: int
    number: int

    @property
    def key(self) -> str:
        """The prefix of its days: ``2027-08``."""
        return f"{self.year}-{self.number:02d}"

    @property
    def path(self) -> str:
        return f"{self.year}/{self.number:02d}"


@dataclass(frozen=True, slots=True)
class Period:
    """The events that touch a month or a span of days, each once."""

    # ``running`` started before it; of ``undated`` only month or season is known; ``starting`` start in it. ``lasting``
    # run for long, whenever they started.

    running: Sequence[IndexedEvent]
    undated: Sequence[IndexedEvent]
    starting: Sequence[IndexedEvent]
    lasting: Sequence[IndexedEvent] = ()

    def __len__(self) -> int:
        return len(self.running) + len(self.undated) + len(self.starting) + len(self.lasting)

    def __iter__(self) -> Iterator[IndexedEvent]:
        yield from self.running
        yield from self.undated
        yield from self.starting
        yield from self.lasting

    def slice(self, first: int, last: int, language: str) -> Period:
        """The events between two positions, in the order of a language."""
        parts = []
        for events in (self.running, self.undated, self.starting, self.lasting):
            parts.append(_collate(events, first, last, language))
            first, last = first - len(events), last - len(events)
        return Period(*parts)

    @property
    def page_count(self) -> int:
        return max(1, -(-len(self) // MAX_ROWS))


@dataclass(frozen=True, slots=True)
class Section:
    """One page of a month, or of a span of days if ``month`` is None; ``total`` counts the events of all pages."""

    month: Month | None
    total: int
    events: Period
    page: int = 1
    page_count: int = 1


YearMonths = dict[Month, Period]
"""All months of a year, in order, with what touches them."""


class MonthIndex:
    """A part of the programme by the months that its events touch.

    ``year_counts`` counts them by year; ``years`` are the years that are listed and linked.
    """

    def __init__(self, events: Iterable[IndexedEvent]) -> None:
        self.events = list(events)
        self._begins: dict[str, list[IndexedEvent]] = {}
        self._long: list[IndexedEvent] = []
        self._placed: dict[str, list[IndexedEvent]] = {}
        self._years: dict[int, YearMonths] = {}
        self._last: dict[int, str] = {}
        self._last_of_lasting: dict[int, str] = {}
        self._listed: set[int] = set()
        self.year_counts: Counter[int] = Counter()
        for event in self.events:
            spans = _list_spans(event.occurrences) if event.occurrences else []
            years = self._place(event, spans)
            self.year_counts.update(years)
            self._listed.update(years if len(years) <= LONGEST_LISTED else (years[0], years[-1]))
            for each in spans or (event,):
                last = self._last_of_lasting if lasts_over_a_year(each) else self._last
                year = int(each.first_day[:4])
                last[year] = max(last.get(year, ""), each.last_day)

    def _place(self, event: IndexedEvent, spans: Sequence[IndexedOccurrence]) -> Sequence[int]:
        """Put an event where it begins, one that repeats into each month of its spans; return their years."""
        if spans:
            keys = _list_month_keys(spans)
            for key in keys:
                self._placed.setdefault(key, []).append(event)
            return list(dict.fromkeys(int(key[:4]) for key in keys))
        month = event.first_day[:7]
        self._begins.setdefault(month, []).append(event)
        if event.last_day[:7] != month:
            self._long.append(event)
        year = int(month[:4])
        return range(year, max(year, min(int(event.last_day[:4]), LAST_YEAR)) + 1)

    @property
    def years(self) -> list[int]:
        return sorted(year for year in self._listed if FIRST_YEAR <= year <= LAST_YEAR)

    def choose_year(self, today: date) -> int:
        """The current year while any of its events is to come, else the next year with events."""
        # What lasts longer than a year, such as a permanent exhibition, decides only where nothing else is to come. If
        # nothing at all is, the last year with events; without any, the current year.
        for ends in (self._last, self._last_of_lasting):
            to_come = [max(year, today.year) for year, last in ends.items() if last >= today.isoformat()]
            if to_come:
                return min(to_come)
        return max([*self._last, *self._last_of_lasting], default=today.year)

    def get_year(self, year: int) -> YearMonths:
        found = self._years.get(year)
        if found is None:
            if len(self._years) >= MAX_YEARS:
                self._years.clear()
            found = self._years[year] = {month: self._build_period(month) for month in list_months(year)}
        return found

    def list_year(self, year: int) -> list[IndexedEvent]:
        first, keys = f"{year}-01-01", [month.key for month in list_months(year)]
        earlier = [each for each in self._long if each.first_day < first <= each.last_day]
        begun = (event for key in keys for events in (self._begins, self._placed) for event in events.get(key, ()))
        found = [*earlier, *begun]
        return list({each.id: each for each in found}.values()) if self._placed else found

    def find_neighbours(self, shown: Sequence[Month]) -> tuple[Month | None, Month | None]:
        """The months with events before and after the ones shown, in other years too."""
        year = shown[0].year
        before, after = find_neighbours(self.get_year(year), shown)
        earlier, later = [each for each in self.years if each < year], [each for each in self.years if each > year]
        return (
            before or (list_filled(self.get_year(earlier[-1]))[-1] if earlier else None),
            after or (list_filled(self.get_year(later[0]))[0] if later else None),
        )

    def _build_period(self, month: Month) -> Period:
        earlier = (each for each in self._long if each.first_day[:7] < month.key <= each.last_day[:7])
        found = [*earlier, *self._begins.get(month.key, ())]
        first = f"{month.key}-01"
        placed = [each.place(first, f"{month.key}-31") for each in self._placed.get(month.key, ())]
        return build_period(sort_events([*found, *placed]) if placed else found, first)


class MonthIndexCache:
    """Caches an index per selection until the programme changes."""

    def __init__(self, programme: Programme) -> None:
        self._programme = programme
        self._kept: dict[Selection, MonthIndex] = {}
        self._changes = programme.change_count

    def get(self, selection: Selection) -> MonthIndex:
        if self._changes != self._programme.change_count or len(self._kept) >= MAX_INDEXES:
            self._kept.clear()
            self._changes = self._programme.change_count
        found = self._kept.get(selection)
        if found is None:
            found = self._kept[selection] = MonthIndex(selection.filter(self._programme))
        return found


def sort_events(events: Iterable[IndexedEvent]) -> list[IndexedEvent]:
    return sorted(events, key=lambda each: each.sort_key)


def place_events(events: Iterable[IndexedEvent], first: str | None, last: str | None) -> list[IndexedEvent]:
    """The events of a span of days in order, those that repeat by their occurrences there."""
    found = list(events)
    if not any(each.occurrences for each in found):
        return found
    return sort_events(each.place(first or "", last or "9999") for each in found)


def build_period(events: Iterable[IndexedEvent], first: str | None) -> Period:
    running: list[IndexedEvent] = []
    is_open: list[IndexedEvent] = []
    by_day: list[IndexedEvent] = []
    lasting: list[IndexedEvent] = []
    for each in events:
        if each.is_lasting:
            lasting.append(each)
        else:
            kind = is_open if each.has_open_date else running if first and each.first_day < first else by_day
            kind.append(each)
    return Period(running, is_open, by_day, lasting)


def list_months(year: int) -> list[Month]:
    return [Month(year, number) for number in range(1, 13)]


def list_filled(year: YearMonths) -> list[Month]:
    """The months of a year with events."""
    return [month for month, period in year.items() if len(period)]


def _list_spans(occurrences: Iterable[IndexedOccurrence]) -> list[IndexedOccurrence]:
    """Of those between the same two months only the last to end, in order: hundreds say no more of months and years."""
    by_end = sorted(occurrences, key=itemgetter(1))
    return sorted({(each.first_day[:7], each.last_day[:7]): each for each in by_end}.values())


def _list_month_keys(spans: Iterable[IndexedOccurrence]) -> list[str]:
    """Each month of spans in order once; spans of decades cost no more than their months."""
    found: list[str] = []
    upcoming = 0
    for each in spans:
        first, last = (int(day[:4]) * 12 + int(day[5:7]) - 1 for day in (each.first_day, each.last_day))
        beyond = min(last, LAST_YEAR * 12 + 11) + 1
        found += (f"{number // 12}-{number % 12 + 1:02d}" for number in range(max(first, upcoming), beyond))
        upcoming = max(upcoming, beyond)
    return found


def lasts_over_a_year(event: IndexedEvent | IndexedOccurrence) -> bool:
    return event.last_day >= f"{int(event.first_day[:4]) + 1:04}{event.first_day[4:]}"


def select_years(years: Sequence[int], shown: int) -> Sequence[int]:
    """Select the years around the shown one, as many before it as after it where there are so many."""
    place = bisect_left(years, shown)
    first = max(0, min(place - MAX_YEAR_LINKS // 2, len(years) - MAX_YEAR_LINKS))
    return years[first : first + MAX_YEAR_LINKS]


def get_month(event: IndexedEvent) -> Month:
    return Month(int(event.first_day[:4]), int(event.first_day[5:7]))


def choose_month(year: YearMonths, today: date) -> Month:
    """The current month in the current year, else the first month with events."""
    filled = list_filled(year)
    this = Month(today.year, today.month)
    return next((month for month in filled if month >= this), filled[0] if filled else min(year))


def _collate(events: Sequence[IndexedEvent], first: int, last: int, language: str) -> list[IndexedEvent]:
    """Events of the same dates are sorted by title; only visible groups, and none that is too large."""
    found: list[IndexedEvent] = []
    place = 0
    for _dates, group in groupby(events, key=lambda each: each.sort_key[:4]):
        members = list(group)
        if place < last and place + len(members) > first:
            if 1 < len(members) <= MAX_COLLATED:
                members.sort(key=lambda each: build_collation_key(decode_title(each, language), language))
            found += members[max(0, first - place) : last - place]
        place += len(members)
    return found


def build_section(month: Month | None, period: Period, page: int, language: str) -> Section:
    """A page number beyond the last gives the last page."""
    page = min(page, period.page_count)
    shown = period.slice((page - 1) * MAX_ROWS, page * MAX_ROWS, language)
    return Section(month, len(period), shown, page, period.page_count)


def build_sections(year: YearMonths, start: Month, language: str) -> list[Section]:
    """Start with a month and continue until a page is full."""
    sections: list[Section] = []
    for month in (each for each in year if each >= start and len(year[each])):
        if sum(len(section.events) for section in sections) >= FULL_PAGE:
            break
        sections.append(build_section(month, year[month], 1, language))
    return sections


def build_year_sections(year: YearMonths, language: str) -> list[Section]:
    """All months of a year with events; of a very large year only one page."""
    if sum(map(len, year.values())) > FULL_YEAR:
        return build_sections(year, min(year), language)
    filled = ((month, period, len(period)) for month, period in year.items() if len(period))
    return [Section(month, count, period.slice(0, count, language)) for month, period, count in filled]


def find_neighbours(year: YearMonths, shown: Sequence[Month]) -> tuple[Month | None, Month | None]:
    filled = list_filled(year)
    before = max((month for month in filled if month < min(shown)), default=None)
    return before, min((month for month in filled if month > max(shown)), default=None)
