"""Which events a feed, a page or an answer holds: the filters of design section 6, read from a query.

Pure. ``county`` and ``category`` may repeat (or); different filters narrow (and); ``category`` looks at ``also`` too;
``from`` and ``to`` are inclusive local dates and take what overlaps.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

from services.distribution.programme import Listing

PUBLIC = "public"
"""The channel of everybody: the public site, its API and the feed called ``programme``."""

MOST_FILTERS = 100
"""More pairs than this in one query are a mistake or an attack."""


class FilterRefused(Exception):
    """A filter, or its value, means nothing here; ``code`` names why, ``known`` lists what would be understood."""

    def __init__(self, name: str, value: str, code: str, known: Collection[str] = ()) -> None:
        super().__init__(f"{name}={value}: {code}")
        self.name = name
        self.value = value
        self.code = code
        self.known = known


@dataclass(frozen=True, slots=True)
class Selection:
    """A part of the programme. Two queries that mean the same are equal: values are sorted and unique.

    An empty tuple narrows nothing; ``first`` and ``last`` are days like ``2027-08-14``. ``inside`` is what a channel
    takes at all, which filters can only narrow.
    """

    channel: str = PUBLIC
    counties: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    first: str | None = None
    last: str | None = None
    inside: Selection | None = None

    def takes(self, listing: Listing) -> bool:
        """Tell whether an event belongs to it."""
        if listing.channels and self.channel not in listing.channels:
            return False
        if self.counties and listing.county not in self.counties:
            return False
        if self.categories and not any(each in self.categories for each in listing.categories):
            return False
        if self.first and listing.last < self.first:
            return False
        if self.inside and not self.inside.takes(listing):
            return False
        return not (self.last and listing.first > self.last)

    def of(self, listings: Iterable[Listing]) -> Iterator[Listing]:
        """Give the events that belong to it, in the order they come."""
        return (listing for listing in listings if self.takes(listing))

    def pairs(self) -> list[tuple[str, str]]:
        """Write it as the pairs of a query, in the one order that its canonical address has."""
        pairs = [("county", each) for each in self.counties] + [("category", each) for each in self.categories]
        days = (("from", self.first), ("to", self.last))
        return pairs + [(name, day) for name, day in days if day]


class Known(NamedTuple):
    """What the values of filters may be."""

    counties: Collection[str]
    categories: Collection[str]
    languages: Collection[str]


class Asked(NamedTuple):
    """What a query asks for: a part of the programme, in a language."""

    selection: Selection
    language: str

    def query(self, default_language: str) -> str:
        """Write it as its canonical query string, without the question mark; empty if it asks for nothing special."""
        language = [("lang", self.language)] if self.language != default_language else []
        return urlencode(language + self.selection.pairs())


def read_filters(query: str, known: Known, *, whole: Selection, language: str) -> Asked:
    """Read the filters of a query string.

    Args:
        query: what stands behind the question mark.
        known: the values that mean something.
        whole: what the channel has without filters.
        language: that of the answer if the query names none.

    Raises:
        FilterRefused: for an unknown filter, an unknown value, a filter that may stand only once and stands twice,
            a date that does not exist, or a ``from`` after its ``to``.

    """
    found: dict[str, list[str]] = {"county": [], "category": [], "lang": [], "from": [], "to": []}
    for name, value in _pairs(query):
        if name not in found:
            raise FilterRefused(name, value, "unknown_filter", tuple(found))
        found[name].append(value)
    selection = replace(
        whole,
        counties=_several("county", found["county"], known.counties),
        categories=_several("category", found["category"], known.categories),
        first=_day("from", found["from"]),
        last=_day("to", found["to"]),
    )
    if selection.first and selection.last and selection.first > selection.last:
        raise FilterRefused("to", selection.last, "before_from")
    return Asked(selection, _one("lang", found["lang"], known.languages) or language)


def _pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=MOST_FILTERS)
    except ValueError as error:  # too many, or not UTF-8
        raise FilterRefused("query", query[:100], "not_readable") from error


def _several(name: str, values: Sequence[str], known: Collection[str]) -> tuple[str, ...]:
    for value in values:
        if value not in known:
            raise FilterRefused(name, value, "unknown_value", known)
    return tuple(sorted(set(values)))


def _one(name: str, values: Sequence[str], known: Collection[str] | None = None) -> str | None:
    if len(values) > 1:
        raise FilterRefused(name, values[1], "only_once")
    if not values:
        return None
    if known is not None and values[0] not in known:
        raise FilterRefused(name, values[0], "unknown_value", known)
    return values[0]


def _day(name: str, values: Sequence[str]) -> str | None:
    day = _one(name, values)
    if day is None:
        return None
    try:
        if date.fromisoformat(day).isoformat() == day:
            return day
    except ValueError:
        pass
    raise FilterRefused(name, day, "not_a_date")
