"""Corrections that the register of venues proposes for an event: its place was merged, or what is said of it. Pure.

An event is asked about a change only where it says what the register said before: an organisation's own words stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from msgspec import structs

from services.ingest.submission.model import Submission
from services.ingest.venue.model import WORDS, RegisteredVenue, take_over
from services.ingest.venue.venue_index import VenueIndex
from shared.event.days import get_span
from shared.event.model import Venue
from shared.messages import ReviewState

# What belongs together: half of a position would be another place.
_GROUPS: Final = (("name",), ("street",), ("postcode",), ("town", "county"), ("lat", "lon"))
_STANDING: Final[frozenset[ReviewState]] = frozenset({"waiting", "accepted", "changes_requested"})


@dataclass(frozen=True, slots=True)
class PlaceCorrection:
    """``place`` is the one of the register that stays; ``changes`` are new words by name, for one that was not merged.

    ``before`` are the event's words of the same names.
    """

    place: RegisteredVenue
    changes: Mapping[str, Any]
    before: Mapping[str, Any]

    @property
    def is_merge(self) -> bool:
        return not self.changes


def list_changes(said: Mapping[str, Any], place: RegisteredVenue) -> dict[str, Any]:
    """Give the register's words, by name, for those that are what it said before; ``said`` are an event's."""
    changes: dict[str, Any] = {}
    for names in _GROUPS:
        words, now = [said.get(each) for each in names], [getattr(place, each) for each in names]
        if words != now and any(words == [former.get(each) for each in names] for former in place.former):
            changes |= {name: new for name, new in zip(names, now, strict=True) if new != said.get(name)}
    return changes


def find_correction(venue: Venue, index: VenueIndex) -> PlaceCorrection | None:
    place = index.find_staying(venue.id) if venue.id else None
    return None if place is None else compare(venue, place)


def compare(venue: Venue, place: RegisteredVenue) -> PlaceCorrection | None:
    """``place`` is the one that stays of what the event names; None if there is nothing to correct."""
    if place.id != venue.id:
        return PlaceCorrection(place, {}, {})
    changes = list_changes(_get_words(venue), place)
    return PlaceCorrection(place, changes, {name: getattr(venue, name) for name in changes}) if changes else None


def correct(venue: Venue, place: RegisteredVenue) -> Venue:
    """Take over all words of a place that another was merged into; of one that was changed, those that are outdated."""
    if place.id != venue.id:
        return take_over(venue, place)
    return structs.replace(venue, **list_changes(_get_words(venue), place))


def find_proposed(submission: Submission, index: VenueIndex, *, today: date) -> PlaceCorrection | None:
    """The correction that an organisation is asked to take over: of an event that stands and is still to come."""
    event = submission.current_event
    if event.venue.id is None or submission.state not in _STANDING or submission.called_off:
        return None
    if date.fromisoformat(get_span(event.dates)[1]) < today:
        return None
    return find_correction(event.venue, index)


def _get_words(venue: Venue) -> dict[str, Any]:
    return {name: getattr(venue, name) for name in WORDS}
