"""Corrections that the register of venues proposes for an event: its place was merged, or what is said of it. Pure.

An event is asked about a change only where it says what the register said before: an organisation's own words stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from msgspec import structs

from services.ingest.submission.content import SubmittedEvent
from services.ingest.submission.model import Submission
from services.ingest.venue.model import WORDS, AnyPlace, PlaceField, RegisteredVenue, take_over
from services.ingest.venue.venue_index import VenueIndex
from shared.event.days import get_span
from shared.event.model import StartPlace, Venue
from shared.messages import ReviewState

# What belongs together: half of a position would be another place.
_GROUPS: Final = (("name",), ("street",), ("postcode",), ("town", "county"), ("lat", "lon"))
_STANDING: Final[frozenset[ReviewState]] = frozenset({"waiting", "accepted", "changes_requested"})


@dataclass(frozen=True, slots=True)
class PlaceCorrection:
    """``place`` is the one of the register that stays; ``changes`` are new words by name, for one that was not merged.

    ``before`` are the event's words of the same names, ``field`` is the one of the event that says them.
    """

    field: PlaceField
    place: RegisteredVenue
    changes: Mapping[str, Any]
    before: Mapping[str, Any]

    @property
    def is_merge(self) -> bool:
        return not self.changes


def list_changes(said: Mapping[str, Any], place: RegisteredVenue, *, field: PlaceField = "venue") -> dict[str, Any]:
    """Give the register's words, by name, for those that are what it said before; ``said`` are an event's."""
    changes: dict[str, Any] = {}
    for group in _GROUPS:
        names = [each for each in group if field == "venue" or each != "county"]
        words, now = [said.get(each) for each in names], [getattr(place, each) for each in names]
        if words != now and any(words == [former.get(each) for each in names] for former in place.former):
            changes |= {name: new for name, new in zip(names, now, strict=True) if new != said.get(name)}
    return changes


def list_places(event: SubmittedEvent) -> list[tuple[Venue | StartPlace, str]]:
    """List what an event says of places of the register, with their ids."""
    return [(said, said.id) for said in (event.venue, event.start_place) if said is not None and said.id]


def find_correction(event: SubmittedEvent, index: VenueIndex) -> PlaceCorrection | None:
    """Find the first one; the other place is asked about once this one is settled."""
    for said, place_id in list_places(event):
        place = index.find_staying(place_id)
        if place and (found := compare(said, place)):
            return found
    return None


def compare(said: Venue | StartPlace, place: RegisteredVenue) -> PlaceCorrection | None:
    """``place`` is the one that stays of what the event names; None if there is nothing to correct."""
    field = _get_field(said)
    if place.id != said.id:
        return PlaceCorrection(field, place, {}, {})
    changes = list_changes(_get_words(said), place, field=field)
    return PlaceCorrection(field, place, changes, {name: getattr(said, name) for name in changes}) if changes else None


def correct(said: AnyPlace, place: RegisteredVenue) -> AnyPlace:
    """Take over all words of a place that another was merged into; of one that was changed, those that are outdated."""
    if place.id != said.id:
        return take_over(said, place)
    return structs.replace(said, **list_changes(_get_words(said), place, field=_get_field(said)))


def find_proposed(submission: Submission, index: VenueIndex, *, today: date) -> PlaceCorrection | None:
    """The correction that an organisation is asked to take over: of an event that stands and is still to come."""
    event = submission.current_event
    if not list_places(event) or submission.state not in _STANDING or submission.called_off:
        return None
    if date.fromisoformat(get_span(event.dates)[1]) < today:
        return None
    return find_correction(event, index)


def _get_field(said: Venue | StartPlace) -> PlaceField:
    return "venue" if isinstance(said, Venue) else "start_place"


def _get_words(said: Venue | StartPlace) -> dict[str, Any]:
    return {name: getattr(said, name) for name in WORDS if name in said.__struct_fields__}
