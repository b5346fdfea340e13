"""Selections of the programme, and the filters of a query string. Pure.

``county``, ``category``, ``audience`` and ``setting`` may repeat (or); different filters narrow (and); ``category``
also matches ``also``; ``from`` and ``to`` are inclusive local dates and match what overlaps.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import Final, NamedTuple, Protocol
from urllib.parse import parse_qsl, urlencode

from msgspec.json import Decoder
from msgspec.structs import replace as replace_fields

from services.distribution.programme.indexed_event import IndexedEvent, IndexedOccurrence, NewsPosition
from shared.event.vocabulary import AUDIENCE, SETTING
from shared.i18n.languages import get_base_language
from shared.web.http.cursors import InvalidCursor, decode_cursor
from shared.web.http.tracking_parameters import is_click_identifier

PUBLIC = "public"
"""The channel of everybody: the public site, its API and the feed called ``programme``."""

AFTER = "after"
"""The parameter of a page of a feed: a cursor, and no filter."""

_POSITIONS: Final = Decoder[NewsPosition](NewsPosition)

SEVERAL: Final = ("county", "category", "audience", "setting")
"""The filters that may repeat."""

MOST_FILTERS = 100
"""More pairs than this in one query are a mistake or an attack."""


class InvalidFilter(Exception):
    """``code`` names the rule, ``known`` lists the values that would be valid."""

    def __init__(self, name: str, value: str, code: str, known: Collection[str] = ()) -> None:
        super().__init__(f"{name}={value}: {code}")
        self.name = name
        self.value = value
        self.code = code
        self.known = known


class Selectable(Protocol):
    """What a selection looks at."""

    @property
    def channels(self) -> Collection[str]: ...
    @property
    def county(self) -> str: ...
    @property
    def categories(self) -> Collection[str]: ...
    @property
    def audience(self) -> Collection[str]: ...
    @property
    def setting(self) -> Collection[str]: ...
    @property
    def first_day(self) -> str: ...
    @property
    def last_day(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Selection:
    """Queries of the same meaning are equal: values are sorted and unique; an empty tuple does not narrow."""

    # ``first`` and ``last`` are days like ``2027-08-14``. ``within`` is the channel's own selection, which filters
    # narrow.

    channel: str = PUBLIC
    counties: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    first: str | None = None
    last: str | None = None
    within: Selection | None = None
    audience: tuple[str, ...] = ()
    setting: tuple[str, ...] = ()

    def matches(self, event: Selectable) -> bool:
        if event.channels and self.channel not in event.channels:
            return False
        if self.counties and event.county not in self.counties:
            return False
        chosen = (
            _overlap(self.categories, event.categories)
            and _overlap(self.audience, event.audience)
            and _overlap(self.setting, event.setting)
        )
        if not chosen:
            return False
        if (self.first or self.last) and not self._matches_days(event):
            return False
        return self.within is None or self.within.matches(event)

    def _matches_days(self, event: Selectable) -> bool:
        """Of an event that repeats any occurrence must lie in the days."""
        if isinstance(event, IndexedEvent) and event.occurrences:
            return any(map(self._touches, event.occurrences))
        return self._touches(event)

    def _touches(self, days: Selectable | IndexedOccurrence) -> bool:
        return not ((self.first and days.last_day < self.first) or (self.last and days.first_day > self.last))

    def matches_notice(self, event: IndexedEvent) -> bool:
        """Tell whether the last notice of an event is for its readers.

        It is also if the event moved out of its days: they knew it, and are told where it went.
        """
        if self.matches(event):
            return True
        previous = event.previous_days
        return previous is not None and self.matches(
            replace_fields(event, first_day=previous[0], last_day=previous[1], occurrences=())
        )

    def filter(self, events: Iterable[IndexedEvent]) -> Iterator[IndexedEvent]:
        return (event for event in events if self.matches(event))

    @property
    def has_days(self) -> bool:
        """Whether it is narrowed to days."""
        return bool(self.first or self.last)

    def without_days(self) -> Selection:
        """The same selection without its days."""
        return replace(self, first=None, last=None)

    def pairs(self) -> list[tuple[str, str]]:
        """The query parameters, in the order of the canonical address."""
        chosen = (self.counties, self.categories, self.audience, self.setting)
        pairs = [(name, each) for name, values in zip(SEVERAL, chosen, strict=True) for each in values]
        days = (("from", self.first), ("to", self.last))
        return pairs + [(name, day) for name, day in days if day]


class Vocabulary(NamedTuple):
    counties: Collection[str]
    categories: Collection[str]
    languages: Collection[str]

    def get_values(self, name: str) -> Collection[str]:
        """The values of a filter of :data:`SEVERAL`."""
        return {"county": self.counties, "category": self.categories, "audience": AUDIENCE, "setting": SETTING}[name]


class Query(NamedTuple):
    selection: Selection
    language: str

    def encode(self, default_language: str) -> str:
        """The canonical query string, without the question mark."""
        language = [("lang", self.language)] if self.language != default_language else []
        return urlencode(language + self.selection.pairs())


def parse_filters(query_string: str, vocabulary: Vocabulary, *, base: Selection, language: str) -> Query:
    """Parse a query string; empty values and click identifiers are ignored.

    Args:
        query_string: without the question mark.
        vocabulary: the values that filters may have.
        base: the channel's selection without filters.
        language: used if the query string names none.

    Raises:
        InvalidFilter: an unknown filter or value, a single filter given twice, an invalid date, ``from`` after ``to``.

    """
    found: dict[str, list[str]] = {name: [] for name in (*SEVERAL, "lang", "from", "to")}
    for name, value in _parse_pairs(query_string):
        if name in found:
            found[name] += [value] if value else []
        elif not is_click_identifier(name):
            raise InvalidFilter(name, value, "unknown_filter", tuple(found))
    several = {name: _check_values(name, found[name], vocabulary.get_values(name)) for name in SEVERAL}
    selection = replace(
        base,
        counties=several["county"],
        categories=several["category"],
        audience=several["audience"],
        setting=several["setting"],
        first=_check_day("from", found["from"]),
        last=_check_day("to", found["to"]),
    )
    if selection.first and selection.last and selection.first > selection.last:
        raise InvalidFilter("to", selection.last, "before_from")
    known = vocabulary.languages
    languages = [code if (code := get_base_language(tag)) in known else tag for tag in found["lang"]]
    return Query(selection, _check_single("lang", languages, known) or language)


def split_page(query_string: str) -> tuple[str, NewsPosition | None]:
    """Split off the cursor of a feed's page from the filters; raises InvalidFilter."""
    pairs = [(each, *each.partition("=")[::2]) for each in query_string.split("&")]
    cursor = _check_single(AFTER, [value for _, name, value in pairs if name == AFTER and value])
    try:
        after = decode_cursor(cursor, _POSITIONS) if cursor else None
    except InvalidCursor as error:
        raise InvalidFilter(AFTER, "", "not_a_page") from error
    return "&".join(each for each, name, _ in pairs if name != AFTER), after


def parse_filters_leniently(
    pairs: Iterable[tuple[str, str]], vocabulary: Vocabulary, *, language: str
) -> tuple[Query, tuple[InvalidFilter, ...]]:
    """Parse what is valid of a page's filters: a shared link must not be a dead end.

    Returns:
        The query without the invalid filters, and at most one error for each filter.

    """
    found: dict[str, list[str]] = {name: [] for name in (*SEVERAL, "from", "to")}
    for name, value in islice(pairs, MOST_FILTERS):
        if value and name in found:
            found[name].append(value)
    refused: list[InvalidFilter] = []
    several = {}
    for name in SEVERAL:
        values = vocabulary.get_values(name)
        several[name] = tuple(sorted({each for each in found[name] if each in values}))
        refused += [InvalidFilter(name, "", "unknown_value") for each in found[name] if each not in values][:1]
    days = {}
    for name in ("from", "to"):
        try:
            days[name] = _check_day(name, found[name][:1])
        except InvalidFilter as error:
            days[name] = None
            refused.append(error)
    if days["from"] and days["to"] and days["from"] > days["to"]:
        refused.append(InvalidFilter("to", days["to"], "before_from"))
        days = {"from": None, "to": None}
    selection = Selection(
        counties=several["county"],
        categories=several["category"],
        audience=several["audience"],
        setting=several["setting"],
        first=days["from"],
        last=days["to"],
    )
    return Query(selection, language), tuple(refused)


def _overlap(wanted: Collection[str], held: Iterable[str]) -> bool:
    return not wanted or any(each in wanted for each in held)


def _parse_pairs(query_string: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query_string, keep_blank_values=True, errors="strict", max_num_fields=MOST_FILTERS)
    except ValueError as error:  # too many, or not UTF-8
        raise InvalidFilter("query", query_string[:100], "not_readable") from error


def _check_values(name: str, values: Sequence[str], known: Collection[str]) -> tuple[str, ...]:
    for value in values:
        if value not in known:
            raise InvalidFilter(name, value, "unknown_value", known)
    return tuple(sorted(set(values)))


def _check_single(name: str, values: Sequence[str], known: Collection[str] | None = None) -> str | None:
    if len(values) > 1:
        raise InvalidFilter(name, values[1], "only_once")
    if not values:
        return None
    if known is not None and values[0] not in known:
        raise InvalidFilter(name, values[0], "unknown_value", known)
    return values[0]


def _check_day(name: str, values: Sequence[str]) -> str | None:
    day = _check_single(name, values)
    if day is None:
        return None
    if not is_day(day):
        raise InvalidFilter(name, day, "not_a_date")
    return day


def is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
