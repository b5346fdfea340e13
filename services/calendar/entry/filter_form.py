"""Filter form of a page: parsing, choices, links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request

from services.calendar.entry.filters import read_selection
from services.calendar.entry.repository import Entries
from services.calendar.entry.selection import EntrySelection
from services.calendar.labels import QUEUE_REASON_LABELS
from shared.i18n.collation import build_collation_key
from shared.i18n.text import translate
from shared.messages import ReviewState
from shared.region import Region
from shared.web.pages.layout import Link

Choice = tuple[str, str]
"""Value and label of an option."""


@dataclass(frozen=True, slots=True)
class FilterForm:
    """The filters of a page, by name, and their selection."""

    on: tuple[tuple[str, str], ...]
    selection: EntrySelection

    @property
    def query(self) -> str:
        """The query string, with ``?`` if there is any."""
        return _write_query(self.on)

    def get_value(self, name: str) -> str:
        return next((value for each, value in self.on if each == name), "")

    def make_address(self, path: str, **more: str | int) -> str:
        return path + _write_query((*self.on, *((name, str(value)) for name, value in more.items())))

    def list_active(self, path: str, choices: Mapping[str, Sequence[Choice]], **more: str | int) -> list[Link]:
        """Link each active filter to the list without it, and with ``more``."""
        kept = [(name, str(value)) for name, value in more.items()]
        return [
            Link(
                dict(choices[name]).get(value, value),
                path + _write_query([*(each for each in self.on if each != (name, value)), *kept]),
            )
            for name, value in self.on
        ]


def read_filters(
    request: Request,
    region: Region,
    names: Sequence[str],
    *,
    review: Sequence[ReviewState] = (),
    year: int | None = None,
) -> FilterForm:
    """Raises BadRequest if one has a value that it cannot have."""
    on = tuple((name, value) for name in names for value in request.query_params.getlist(name) if value)
    by_name = {name: [value for each, value in on if each == name] for name in names}
    return FilterForm(on, read_selection(region, state=review, year=year, **by_name))


def list_queue_reasons(language: str) -> list[Choice]:
    return [(code, translate(words, language)) for code, words in QUEUE_REASON_LABELS.items()]


def list_counties(region: Region, language: str) -> list[Choice]:
    return region.list_county_labels(language)


def list_categories(region: Region, language: str) -> list[Choice]:
    return [(slug, each.get_label(language)) for slug, each in region.categories.items()]


async def list_organisations(entries: Entries, names: Mapping[str, str], language: str) -> list[Choice]:
    """List the organisations that have sent something; one without a name by its slug."""
    named = [(slug, names.get(slug, slug)) for slug in await entries.list_organisations()]
    return sorted(named, key=lambda each: build_collation_key(each[1], language))


def _write_query(on: Iterable[tuple[str, str]]) -> str:
    written = urlencode(list(on))
    return f"?{written}" if written else ""
