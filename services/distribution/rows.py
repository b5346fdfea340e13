"""Events as rows of a list, in the shape that ``parts/row.html`` takes."""

from __future__ import annotations

from typing import Any

from services.distribution.formats import Imprint
from services.distribution.formats.clean import one_line
from services.distribution.formats.reading import Reading, read
from services.distribution.programme import Listing, decode
from shared.web.locale import Text, _
from shared.web.phrases import date_pieces, stamp

MOST_KEPT = 20_000
Row = dict[str, Any]


class Rows:
    """Makes rows, and keeps those it made: reading an event costs more than showing it."""

    def __init__(self, imprint: Imprint) -> None:
        self._imprint = imprint
        self._kept: dict[tuple[str, int, str], Row] = {}

    def row(self, listing: Listing, language: str) -> Row:
        """Give an event's row in a language."""
        key = (listing.id, listing.revision, language)
        row = self._kept.get(key)
        if row is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            row = self._kept[key] = row_of(read(decode(listing), language, self._imprint))
        return row


def row_of(reading: Reading) -> Row:
    """Make the row of an event; ``open`` tells whether its day is."""
    event = reading.event
    return {
        "stamp": stamp(event.dates, reading.language, reading.message.status),
        "title": reading.title.value,
        "title_lang": foreign(reading.title.language, reading),
        "url": path_of(reading),
        "when": date_pieces(event.dates, reading.language),
        "where": " · ".join(one_line(each) for each in (event.venue.town, event.venue.name) if each),
        "kind": next(iter(reading.categories), ""),
        "tags": tags_of(reading),
        "open": event.dates.certainty in {"month", "season"},
    }


def path_of(reading: Reading) -> str:
    """Give the path of an event's page."""
    return f"/{reading.language}/events/{reading.message.event_id}"


def tags_of(reading: Reading) -> list[dict[str, Any]]:
    """Give the tags of an event: what is not sure, what is free, and what is not translated."""
    tags: list[dict[str, Any]] = []
    if reading.cancelled:
        tags.append({"kind": "cancelled"})
    elif reading.tentative:
        tags.append({"kind": reading.event.dates.certainty})
    if reading.event.tickets.free:
        tags.append({"kind": "free"})
    other = foreign(reading.body_language, reading) or foreign(reading.title.language, reading)
    if other:
        tags.append({"kind": "fallback", "text": only_in(other)})
    return tags


def foreign(language: str, reading: Reading) -> str:
    """Give a text's language if it is not the reader's, else nothing."""
    return "" if language == reading.language else language


def only_in(language: str) -> Text:
    """Say that a text is there in a stand-in language only."""
    return _("tylko po angielsku") if language == "en" else _("tylko po polsku")
