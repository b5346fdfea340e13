"""Warnings about the place of an event that is sent in by a program: what the form asks while somebody types. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from services.ingest.submission.content import SubmittedEvent
from services.ingest.venue.model import has_similar_name
from services.ingest.venue.place_correction import find_correction
from services.ingest.venue.venue_index import VenueIndex
from services.ingest.venue.view import describe_changes
from shared.event.model import Venue
from shared.i18n.text import _, translate
from shared.region import Region

RegisterCode = Literal["place_in_register", "place_corrected"]


@dataclass(frozen=True, slots=True)
class RegisterWarning:
    """``text`` is in the reader's language."""

    code: RegisterCode
    text: str
    field: str = "venue.id"


def find_register_warnings(
    event: SubmittedEvent, index: VenueIndex, region: Region, lang: str
) -> list[RegisterWarning]:
    """Ask about a place of the register that the event may mean, or whose words have been corrected."""
    twins = [] if event.venue.id else _ask_about_twin(event.venue, index, lang)
    found = find_correction(event, index)
    if found is None or found.is_merge:
        return twins
    text = _(
        "The place was corrected in the register since, and the event says what it said before: %(changes)s. Send the "
        "new words, or leave it as it is.",
        changes=describe_changes(found.before, found.changes, lang, region, field=found.field),
    )
    return [*twins, RegisterWarning("place_corrected", translate(text, lang), f"{found.field}.id")]


def _ask_about_twin(venue: Venue, index: VenueIndex, lang: str) -> list[RegisterWarning]:
    name = venue.name
    if not name:
        return []
    for place in index.suggest(f"{name} {venue.town}"):
        if has_similar_name((venue.town, name), (place.town, place.name)):
            text = _(
                "The register has a place that may be this one: %(place)s. If it is, name it as venue.id: %(id)s.",
                place=place.label,
                id=place.id,
            )
            return [RegisterWarning("place_in_register", translate(text, lang))]
    return []
