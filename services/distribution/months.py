"""The programme by months, as people read it: years, how full each month is, and what a page shows. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.distribution.programme import Listing, Programme
from services.distribution.selection import Selection

FULL_PAGE = 40
"""A page that is not one month's goes on with the next month until it shows this many events."""

MOST_ROWS = 60
"""A month with more is shown in several pages."""

MOST_KEPT = 32


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of a year."""

    year: int
    number: int

    @property
    def first(self) -> str:
        """Its first day."""
        return f"{self.year}-{self.number:02d}-01"

    @property
    def path(self) -> str:
        """How addresses name it: ``2027/08``."""
        return f"{self.year}/{self.number:02d}"


@dataclass(frozen=True, slots=True)
class MonthSheet:
    """What a page shows of one month.

    ``total`` counts all its events, ``shown`` are those of this page, ``page`` of ``pages`` says which.
    """

    month: Month
    total: int
    shown: Sequence[Listing]
    page: int
    pages: int


class Months:
    """A part of the programme by the months in which its events begin."""

    def __init__(self, listings: Iterable[Listing]) -> None:
        self._months: dict[str, list[Listing]] = {}
        self._long: list[Listing] = []
        self._last: dict[int, str] = {}
        for listing in listings:
            month = listing.first[:7]
            self._months.setdefault(month, []).append(listing)
            if listing.last[:7] != month:
                self._long.append(listing)
        for month, found in self._months.items():
            year = int(month[:4])
            self._last[year] = max(self._last.get(year, ""), *(listing.last for listing in found))

    @property
    def years(self) -> list[int]:
        """The years in which events begin, in order."""
        return sorted(self._last)

    def year_to_show(self, today: date) -> int:
        """Choose the year of the first page: this one while something of it is still to come, else the next with any.

        Without anything to come it is the last year there was, and this one if there never was any.
        """
        to_come = [year for year, last in self._last.items() if last >= today.isoformat()]
        return min(to_come) if to_come else max(self._last, default=today.year)

    def of_year(self, year: int) -> dict[Month, Sequence[Listing]]:
        """Give the events that begin in a year by their month, in order; every month is there."""
        return {Month(year, number): self._months.get(f"{year}-{number:02d}", ()) for number in range(1, 13)}

    def running(self, month: Month) -> list[Listing]:
        """Give the events that began before a month and still run in it."""
        return [listing for listing in self._long if listing.first < month.first <= listing.last]


class MonthsKept:
    """The months of the selections that were asked for, until the programme changes."""

    def __init__(self, programme: Programme) -> None:
        self._programme = programme
        self._kept: dict[Selection, Months] = {}
        self._changes = programme.changes

    def of(self, selection: Selection) -> Months:
        """Give the months of a selection."""
        if self._changes != self._programme.changes or len(self._kept) >= MOST_KEPT:
            self._kept.clear()
            self._changes = self._programme.changes
        found = self._kept.get(selection)
        if found is None:
            found = self._kept[selection] = Months(selection.of(self._programme))
        return found


def month_of(listing: Listing) -> Month:
    """Give the month in which an event begins."""
    return Month(int(listing.first[:4]), int(listing.first[5:7]))


def first_month(months: Mapping[Month, Sequence[Listing]], today: date) -> Month:
    """Choose where a year's page begins: at the present month if it is this year's, else at the first with events."""
    filled = [month for month, listings in months.items() if listings]
    this = Month(today.year, today.month)
    return next((month for month in filled if month >= this), filled[0] if filled else min(months))


def one_month(months: Mapping[Month, Sequence[Listing]], month: Month, page: int) -> list[MonthSheet]:
    """Give a page of one month."""
    listings = months[month]
    pages = max(1, -(-len(listings) // MOST_ROWS))
    return [MonthSheet(month, len(listings), listings[(page - 1) * MOST_ROWS : page * MOST_ROWS], page, pages)]


def several_months(months: Mapping[Month, Sequence[Listing]], start: Month) -> list[MonthSheet]:
    """Give a page that begins with a month and goes on until it is full."""
    sheets: list[MonthSheet] = []
    for month in (each for each in months if each >= start and months[each]):
        if sum(len(sheet.shown) for sheet in sheets) >= FULL_PAGE:
            break
        sheets += one_month(months, month, 1)
    return sheets


def neighbours(months: Mapping[Month, Sequence[Listing]], shown: Sequence[Month]) -> tuple[Month | None, Month | None]:
    """Give the months with events before and after those that are shown."""
    filled = [month for month, listings in months.items() if listings]
    before = max((month for month in filled if month < min(shown)), default=None)
    return before, min((month for month in filled if month > max(shown)), default=None)
