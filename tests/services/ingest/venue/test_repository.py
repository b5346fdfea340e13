"""The register in the database and in the memory of each replica."""

from __future__ import annotations

import asyncio

import pytest

from services.ingest.venue.commands import (
    NotMerged,
    VenueChanged,
    VenueUnknown,
    keep_apart,
    merge_venues,
    take_apart,
)
from services.ingest.venue.repository import Venues
from tests.services.ingest.conftest import Ingest
from tests.services.ingest.venue.places import add


async def other_replica(ingest: Ingest) -> Venues:
    venues = Venues(ingest.database)
    await venues.prepare()
    return venues


async def staying(venues: Venues, venue_id: str) -> str | None:
    found = await venues.find_staying(venue_id)
    return found.id if found else None


async def test_another_replica_learns_of_what_was_added_and_merged(ingest: Ingest) -> None:
    replica = await other_replica(ingest)
    first, second = await add(ingest, "Zamek"), await add(ingest)

    assert replica.index.suggest("zamek") == []
    assert await staying(replica, first["id"]) == first["id"], "what a replica does not know yet is read"
    await replica.refresh()
    assert {each.id for each in replica.index.suggest("zamek")} == {first["id"], second["id"]}
    await merge_venues(ingest.state, first["id"], second["id"], number=1)
    await replica.refresh()

    assert [each.id for each in replica.index.suggest("zamek")] == [second["id"]]
    assert await staying(replica, first["id"]) == second["id"]


async def test_a_replica_that_missed_a_merge_follows_it_by_reading(ingest: Ingest) -> None:
    first, second = await add(ingest, "Zamek"), await add(ingest)
    await merge_venues(ingest.state, first["id"], second["id"], number=1)

    assert await staying(Venues(ingest.database), first["id"]) == second["id"]


async def test_twins_are_kept_with_both_until_a_curator_says_otherwise(ingest: Ingest) -> None:
    first, second = await add(ingest, "Zamek"), await add(ingest)

    def near(venue_id: str) -> tuple[str, ...]:
        found = ingest.state.venues.index.get(venue_id)
        assert found is not None
        return found.near

    assert (near(first["id"]), near(second["id"])) == ((second["id"],), (first["id"],))
    await keep_apart(ingest.state, first["id"], second["id"])
    assert (near(first["id"]), near(second["id"])) == ((), ())


async def test_chains_are_shortened_and_a_merge_can_be_undone(ingest: Ingest) -> None:
    one, two, three = [await add(ingest, name) for name in ("Zamek", "Zamek Książąt", "Zamek Książąt Pomorskich")]
    await merge_venues(ingest.state, one["id"], two["id"], number=1)
    await merge_venues(ingest.state, two["id"], three["id"], number=1)

    found = await ingest.state.venues.find(one["id"])
    assert found is not None
    assert found.merged_into == three["id"]
    await take_apart(ingest.state, one["id"])
    assert await staying(ingest.state.venues, one["id"]) == one["id"]


async def test_merges_that_cannot_be_are_refused(ingest: Ingest) -> None:
    one, two, three = [await add(ingest, name) for name in ("Zamek", "Zamek Książąt", "Zamek Książąt Pomorskich")]
    await merge_venues(ingest.state, one["id"], two["id"], number=1)
    state = ingest.state

    with pytest.raises(NotMerged):
        await merge_venues(state, three["id"], three["id"], number=1)
    with pytest.raises(NotMerged):
        await merge_venues(state, three["id"], one["id"], number=1)
    with pytest.raises(VenueChanged):
        await merge_venues(state, one["id"], three["id"], number=1)
    with pytest.raises(VenueUnknown):
        await merge_venues(state, three["id"], "nothing", number=1)
    assert (await merge_venues(state, one["id"], two["id"], number=1)).id == two["id"], "a repeat is no error"


async def test_of_two_merged_crosswise_at_once_each_leads_to_one_that_stays(ingest: Ingest) -> None:
    one, two = await add(ingest, "Zamek"), await add(ingest)

    await asyncio.gather(
        merge_venues(ingest.state, one["id"], two["id"], number=1),
        merge_venues(ingest.state, two["id"], one["id"], number=1),
        return_exceptions=True,
    )

    found = [await ingest.state.venues.find_staying(each["id"]) for each in (one, two)]
    assert all(each is not None and each.merged_into is None for each in found)


async def test_a_place_of_a_later_release_is_passed_over(ingest: Ingest) -> None:
    await ingest.database["venues"].insert_one({"_id": "later", "name": {"pl": "Zamek"}})

    replica = await other_replica(ingest)

    assert len(replica.index) == 0
    assert await replica.find_staying("later") is None
