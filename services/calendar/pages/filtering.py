"""The filters of a page: read from its address, shown in its bar, carried on by its links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request

from services.calendar.domain.selection import Selection
from services.calendar.filters import selection
from services.calendar.state import State
from services.calendar.words import MATTER_WORDS
from shared.messages import ReviewState
from shared.web.locale import translate
from shared.web.problems import BadRequest

Choice = tuple[str, str]
"""What a select holds: the value and its words."""
LAST_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters that are on, by name, and what they select."""

    on: tuple[tuple[str, str], ...]
    selection: Selection

    @property
    def query(self) -> str:
        """Give them as they stand in an address, with ``?`` if there are any."""
        return _query(self.on)

    def value(self, name: str) -> str:
        """Give the first value of a filter, which its select shows."""
        return next((value for each, value in self.on if each == name), "")

    def at(self, path: str, **more: str | int) -> str:
        """Give an address with these filters and more."""
        return path + _query((*self.on, *((name, str(value)) for name, value in more.items())))

    def active(self, path: str, choices: Mapping[str, Sequence[Choice]]) -> list[dict[str, str]]:
        """Give a link for each filter that is on, to the list without it."""
        return [
            {
                "label": dict(choices[name]).get(value, value),
                "url": path + _query(each for each in self.on if each != (name, value)),
            }
            for name, value in self.on
        ]


def filters_in(
    request: Request,
    state: State,
    names: Sequence[str],
    *,
    review: Sequence[ReviewState] = (),
    year: int | None = None,
) -> Filters:
    """Read the filters in a page's address; empty ones are off.

    Raises:
        BadRequest: if one has a value that it cannot have.

    """
    on = tuple((name, value) for name in names for value in request.query_params.getlist(name) if value)
    by_name = {name: [value for each, value in on if each == name] for name in names}
    return Filters(on, selection(state.region, state=review, year=year, **by_name))


def page_in(request: Request) -> int:
    """Read which page of a list is asked for, from 1.

    Raises:
        BadRequest: if it is no number of a page.

    """
    said = request.query_params.get("page") or "1"
    if not (said.isascii() and said.isdecimal() and 1 <= int(said[:9]) <= LAST_PAGE):
        raise BadRequest
    return int(said)


def matters(language: str) -> list[Choice]:
    """Give why entries come."""
    return [(code, translate(words, language)) for code, words in MATTER_WORDS.items()]


def counties(state: State, language: str) -> list[Choice]:
    """Give the counties, cities first as the region pack has them."""
    return [(code, each.label(language)) for code, each in state.region.counties.items()]


def categories(state: State, language: str) -> list[Choice]:
    """Give the kinds of events."""
    return [(slug, each.label(language)) for slug, each in state.region.categories.items()]


async def organisations(state: State) -> list[Choice]:
    """Give the organisations that have sent something, by name; one that the region pack does not know by its slug."""
    known = state.region.organisations
    named = [(slug, known[slug].name if slug in known else slug) for slug in await state.entries.organisations()]
    return sorted(named, key=lambda each: each[1].casefold())


def _query(on: Iterable[tuple[str, str]]) -> str:
    written = urlencode(list(on))
    return f"?{written}" if written else ""
