"""Commands on the register of venues: add, change, merge, keep apart; and the place that an event names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from msgspec import structs
from uuid_utils import uuid7

from services.ingest.state import State
from services.ingest.submission.commands import OutcomeUnknown
from services.ingest.submission.content import SubmittedEvent, invalid_field
from services.ingest.venue.model import (
    MAX_OF_ORGANISATION,
    MAX_VENUES,
    AnyPlace,
    PlaceField,
    RegisteredVenue,
    Twin,
    change_words,
    find_municipality,
)
from services.ingest.venue.place_words import VenueWords
from services.ingest.venue.repository import RegisterFull
from shared.accounts.accounts import Account
from shared.accounts.organisations import OrganisationClosed
from shared.database.client import PyMongoError, is_unavailable
from shared.i18n.text import gettext_noop

_UNKNOWN: Final = gettext_noop(
    "There is no such place in the register of venues. Choose one that is there, or leave the place without an id."
)


class NearTwins(Exception):
    """Places that may be the one that was to be added."""

    def __init__(self, twins: Sequence[Twin]) -> None:
        super().__init__([each.venue.id for each in twins])
        self.twins = tuple(twins)


class VenueUnknown(Exception):
    """The register has no such place."""


class VenueChanged(Exception):
    """Somebody else has changed or merged the place since it was shown."""


class NotMerged(Exception):
    """A place cannot be merged into itself, or into one that is merged itself."""


async def resolve_venue(state: State, event: SubmittedEvent) -> SubmittedEvent:
    """Replace the ids of places that were merged by those of the ones that stay; the words remain.

    Raises ValidationFailed if there is no such place; OutcomeUnknown if the database is unavailable.
    """
    venue = await _resolve(state, event.venue, "venue")
    start = event.start_place and await _resolve(state, event.start_place, "start_place")
    return structs.replace(event, venue=venue, start_place=start)


async def _resolve(state: State, said: AnyPlace, field: PlaceField) -> AnyPlace:
    if said.id is None:
        return said
    with report_outage():
        place = await state.venues.find_staying(said.id)
    if place is None:
        raise invalid_field(f"{field}.id", "unknown_venue", _UNKNOWN)
    return structs.replace(said, id=place.id)


async def add_venue(state: State, account: Account, words: VenueWords, *, again: bool = False) -> RegisteredVenue:
    """Add a place; ``again`` adds it next to one that may be the same. What is there already word by word is returned.

    Raises NearTwins, RegisterFull, OrganisationClosed; OutcomeUnknown if the database is unavailable.
    """
    if account.is_closed:
        raise OrganisationClosed(account.organisation)
    commune = find_municipality(state.region, words.town, words.county)
    venue = RegisteredVenue(
        id=str(uuid7()),
        **structs.asdict(words),
        municipality=commune.teryt if commune else None,
        organisation=account.organisation,
        created_at=state.now(),
    )
    with report_outage():
        await state.venues.refresh()
        twins = state.venues.index.list_twins(venue)
        for each in twins:
            if each.venue.words == venue.words:
                return each.venue
        if twins and not again:
            raise NearTwins(twins)
        own = await state.venues.count_of(account.organisation, most=MAX_OF_ORGANISATION)
        if own >= MAX_OF_ORGANISATION or await state.venues.count() >= MAX_VENUES:
            raise RegisterFull
        await state.venues.add(venue)
    return venue


async def change_venue(
    state: State, venue_id: str, words: VenueWords, *, municipality: str | None, number: int
) -> RegisteredVenue:
    """Change what the register says of a place. Raises VenueUnknown, VenueChanged.

    Events keep what they say: organisations whose events said the same are asked to take the change over.
    """
    before = await _find(state, venue_id)
    if before.number != number or before.merged_into is not None:
        raise VenueChanged
    after = change_words(before, structs.asdict(words), municipality)
    if not await state.venues.replace(before, after):
        raise VenueChanged
    return after


async def merge_venues(state: State, merged_id: str, into_id: str, *, number: int) -> RegisteredVenue:
    """Merge one place into another, which stays as it is. Raises VenueUnknown, VenueChanged, NotMerged.

    Events keep what they say: their organisations are asked to take the place over.
    """
    before, into = await _find(state, merged_id), await _find(state, into_id)
    if before.merged_into == into.id:
        return into
    if before.number != number or before.merged_into is not None:
        raise VenueChanged
    if into.id == before.id or into.merged_into is not None:
        raise NotMerged
    if not await state.venues.replace(before, structs.replace(before, merged_into=into.id, number=before.number + 1)):
        raise VenueChanged
    # Two curators may have merged the two crosswise: then neither stays, so this one takes it back.
    if (await _find(state, into.id)).merged_into is not None:
        await take_apart(state, before.id)
        raise NotMerged
    await state.venues.shorten(before.id, into.id)
    return into


async def take_apart(state: State, venue_id: str) -> RegisteredVenue:
    """Undo that a place was merged. Raises VenueUnknown, VenueChanged."""
    before = await _find(state, venue_id)
    after = structs.replace(before, merged_into=None, number=before.number + 1)
    if before.merged_into is not None and not await state.venues.replace(before, after):
        raise VenueChanged
    return after


async def keep_apart(state: State, venue_id: str, other_id: str) -> None:
    """Say that two places are not the same. Raises VenueUnknown."""
    one, other = await _find(state, venue_id), await _find(state, other_id)
    await state.venues.keep_apart(one.id, other.id)


async def _find(state: State, venue_id: str) -> RegisteredVenue:
    found = await state.venues.find(venue_id)
    if found is None:
        raise VenueUnknown
    return found


@contextmanager
def report_outage() -> Iterator[None]:
    """Raises OutcomeUnknown instead of the driver's error."""
    try:
        yield
    except PyMongoError as error:
        if is_unavailable(error):
            raise OutcomeUnknown from error
        raise
