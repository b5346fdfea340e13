from __future__ import annotations

import pytest

from shared.database.client import Collection, Database, relax_write_concern
from shared.eventlog.consumer.crash_guard import Batch, CrashGuard
from shared.eventlog.consumer.partition import PartitionStates
from shared.eventlog.port import Partition, Record

HERE = Partition("programme.v1", 0)


@pytest.fixture
def collection(database: Database) -> Collection:
    return database["attempts"]


def records(first: int, last: int, partition: Partition = HERE) -> list[Record]:
    return [Record(partition, offset, 0, b"e1", b"{}", ()) for offset in range(first, last + 1)]


def life(collection: Collection, group: str = "calendar") -> CrashGuard:
    """A process; it dies when nothing more is asked of it."""
    return CrashGuard(collection, group, PartitionStates())


async def test_in_good_times_a_whole_batch_is_taken(collection: Collection) -> None:
    living = life(collection)

    for batch in (records(0, 9), records(10, 12)):
        assert await living.take(batch) == Batch(batch, 0)
        await living.release(HERE)

    assert await life(collection).take(records(13, 20)) == Batch(records(13, 20), 0)


async def test_after_a_death_in_a_batch_its_records_are_taken_one_by_one(collection: Collection) -> None:
    await life(collection).take(records(0, 9))

    second = life(collection)

    assert await second.take(records(0, 20)) == Batch(records(0, 0), 1)
    await second.release(HERE)
    assert await second.take(records(1, 20)) == Batch(records(1, 1), 1)
    await second.release(HERE)
    assert await second.take(records(10, 20)) == Batch(records(10, 20), 0)


async def test_a_deadly_record_has_its_deaths_counted_the_first_in_its_batch_included(collection: Collection) -> None:
    await life(collection).take(records(0, 9))
    for crashes in (1, 2, 3):
        living = life(collection)
        if crashes == 1:  # this life comes as far as the deadly one
            await living.take(records(0, 9))
            await living.release(HERE)
        assert (await living.take(records(1, 9))).crashes == crashes


async def test_a_deadly_record_that_was_alone_from_the_start_is_counted_too(collection: Collection) -> None:
    crashes = [(await life(collection).take(records(7, 7))).crashes for _ in range(4)]

    assert crashes == [0, 1, 2, 3]


async def test_the_records_behind_a_deadly_one_are_not_blamed_for_it(collection: Collection) -> None:
    await life(collection).take(records(0, 9))
    for _ in range(2):
        await life(collection).take(records(0, 9))
    living = life(collection)
    assert (await living.take(records(0, 9))).crashes == 3
    await living.release(HERE)

    assert (await living.take(records(1, 9))).crashes == 1


async def test_a_record_that_is_tried_again_in_the_same_life_is_not_blamed(collection: Collection) -> None:
    living = life(collection)
    for _ in range(5):
        assert (await living.take(records(7, 9))).crashes == 0
        await living.release(HERE)


async def test_what_others_noted_is_read_once_the_partitions_were_given_anew(collection: Collection) -> None:
    states = PartitionStates()
    living, other = CrashGuard(collection, "calendar", states), life(collection)
    await living.take(records(0, 9))
    await living.release(HERE)
    await other.take(records(0, 9))

    states.reset()

    assert (await living.take(records(0, 9))).crashes == 1


async def test_partitions_and_groups_count_for_themselves(collection: Collection) -> None:
    there = Partition("programme.v1", 1)
    await life(collection).take(records(0, 9))

    assert (await life(collection).take(records(0, 9, there))).crashes == 0
    assert (await life(collection, "ingest").take(records(0, 9))).crashes == 0


async def test_there_is_one_small_document_a_partition(collection: Collection) -> None:
    living = life(collection)
    for first in range(20):
        await living.take(records(first, first))
        await living.release(HERE)

    assert await relax_write_concern(collection).count_documents({}) == 1
