"""What only the embedded log does: one consuming process, offsets under a unique index, compaction and retention."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from shared.database.client import (
    Database,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WTimeoutError,
)
from shared.eventlog.dead_letters.inspect import list_dead_letters
from shared.eventlog.factory import open_event_log
from shared.eventlog.mongo.errors import translate_errors
from shared.eventlog.mongo.log import EmbeddedLog
from shared.eventlog.port import AnotherProcessConsumes, LogUnavailable, Outgoing, PartitionLost, Record
from shared.eventlog.topics import DAY_MS, DEAD_LETTER_SETTINGS, Topic
from shared.settings import CommonSettings
from tests.shared.eventlog.taking import after, joined, take

KEPT_A_DAY = Topic("kept.v1", "any", (), "", (), {"cleanup.policy": "compact", "min.compaction.lag.ms": str(DAY_MS)})
COMPACTED = Topic("compacted.v1", "any", (), "", (), {"cleanup.policy": "compact"})
AGED = Topic("aged.v1.any.parked", "any", (), "", (), DEAD_LETTER_SETTINGS)
TOPICS = [KEPT_A_DAY, COMPACTED, AGED]


@pytest.fixture
async def event_log(database: Database) -> AsyncIterator[EmbeddedLog]:
    log = EmbeddedLog(database, TOPICS, lease_seconds=1)
    yield log
    await log.close()


class AnotherProcess:
    """A log whose registry is that of another process, as far as the database can see."""

    def __init__(self, database: Database) -> None:
        self.log = EmbeddedLog(database, TOPICS, lease_seconds=1)

    async def __aenter__(self) -> EmbeddedLog:
        registry = await self.log._load_registry()  # noqa: SLF001 - a second process, without starting one
        theirs = type(registry)()
        theirs.name = "elsewhere/4711/0"
        self.log._registry = theirs  # noqa: SLF001 - the same
        return self.log

    async def __aexit__(self, *_: object) -> None:
        await self.log.close()


async def everything(event_log: EmbeddedLog, topic: Topic) -> list[Record]:
    reader = await event_log.read([topic.name])
    polled = await reader.poll(timeout=0, max_records=1000)
    return [record for batch in polled.values() for record in batch]


async def make_old(database: Database, topic: Topic, offsets: range, age: timedelta) -> None:
    """Let records be as old as if time had passed."""
    old = {"$set": {"at": datetime.now(UTC) - age}}
    await database[f"log.{topic.name}"].update_many({"_id": {"$in": list(offsets)}}, old)


async def test_a_second_process_is_refused_with_one_line_that_says_what_to_do(
    event_log: EmbeddedLog, database: Database
) -> None:
    member = await event_log.subscribe([COMPACTED.name], "calendar")
    async with AnotherProcess(database) as second:
        with pytest.raises(AnotherProcessConsumes) as refused:
            await asyncio.wait_for(second.subscribe([COMPACTED.name], "ingest"), 10)
    await member.close()

    assert str(refused.value) == (
        f"Process {os.getpid()} on {os.uname().nodename} already consumes from this database's event log, which is "
        "made for one process: stop it, or set KAL_KAFKA_BOOTSTRAP to run several processes on Kafka."
    )


async def test_a_second_member_of_a_group_in_the_same_process_is_refused(event_log: EmbeddedLog) -> None:
    member = await event_log.subscribe([COMPACTED.name], "calendar")
    with pytest.raises(AnotherProcessConsumes):
        await event_log.subscribe([COMPACTED.name], "calendar")
    await member.close()

    await (await event_log.subscribe([COMPACTED.name], "calendar")).close()


async def test_a_process_that_died_is_followed_as_soon_as_its_lease_runs_out(
    event_log: EmbeddedLog, database: Database
) -> None:
    async with AnotherProcess(database) as dead:
        member = await dead.subscribe([COMPACTED.name], "calendar")
        await joined(member)
        await dead.send(Outgoing(COMPACTED.name, b"a", b"1"))
        await take(member, 1)
        await dead.close()  # it renews no more, and gave nothing up

        ours = await asyncio.wait_for(event_log.subscribe([COMPACTED.name], "calendar"), 10)

        assert [record.value for record in await take(ours, 1)] == [b"1"]
        await ours.close()


async def test_a_process_that_stalled_and_wakes_neither_commits_nor_consumes(
    event_log: EmbeddedLog, database: Database
) -> None:
    """A8: the commit is fenced in the database, not by a clock."""
    async with AnotherProcess(database) as stalled:
        await event_log.send(Outgoing(COMPACTED.name, b"a", b"1"))
        theirs = await stalled.subscribe([COMPACTED.name], "calendar")
        records = await take(theirs, 1)
        await stalled.close()  # it sleeps past the end of its lease
        ours = await asyncio.wait_for(event_log.subscribe([COMPACTED.name], "calendar"), 10)
        polled = await ours.poll(timeout=1, max_records=1)
        await ours.commit({records[0].partition: 0}, polled.epoch)

        with pytest.raises(PartitionLost):
            await theirs.commit(after(records), theirs.epoch)
        with pytest.raises(AnotherProcessConsumes):
            await theirs.poll(timeout=0.1, max_records=1)
        await ours.close()


async def test_a_lease_that_ran_out_and_nobody_took_is_taken_up_again(event_log: EmbeddedLog) -> None:
    member = await event_log.subscribe([COMPACTED.name], "calendar")
    await joined(member)
    epoch = member.epoch
    lease = event_log._lease  # noqa: SLF001 - the process sleeps, and so does its renewal
    assert lease is not None
    await lease.stop()
    await asyncio.sleep(1.2)
    await event_log.send(Outgoing(COMPACTED.name, b"a", b"1"))

    records = await take(member, 1)
    await member.commit(after(records), epoch)
    assert member.epoch == epoch
    await member.close()


async def test_another_process_may_append_and_read_beside_the_one_that_consumes(
    event_log: EmbeddedLog, database: Database
) -> None:
    member = await event_log.subscribe([COMPACTED.name], "calendar")
    async with AnotherProcess(database) as command:
        await asyncio.gather(
            *(log.send(Outgoing(COMPACTED.name, b"a", b"1")) for _ in range(20) for log in (event_log, command))
        )
        records = await take(member, 40)
        assert await list_dead_letters(command) == []
    await member.close()

    assert [record.offset for record in records] == list(range(40))


async def test_a_record_of_one_service_wakes_the_others_of_its_process(mongo_url: str, database_name: str) -> None:
    """Each service opens the log for itself; the poll every quarter of a second is only the guarantee."""
    settings = CommonSettings(mongo_url=mongo_url, database_prefix=database_name)
    async with (
        open_event_log(settings, service="calendar") as calendar,
        open_event_log(settings, service="distribution") as distribution,
    ):
        reader = await distribution.read(["programme.v1"])
        hops: list[float] = []
        for _ in range(20):
            reading = asyncio.create_task(take(reader, 1))
            await asyncio.sleep(0.05)
            sent = asyncio.get_running_loop().time()
            await calendar.send(Outgoing("programme.v1", b"a", b"1"))
            await reading
            hops.append(asyncio.get_running_loop().time() - sent)
        await reader.close()

    assert sorted(hops)[10] < 0.1


async def test_compaction_removes_what_is_superseded_and_keeps_the_last_of_each_key(
    event_log: EmbeddedLog,
) -> None:
    for key, value in (("a", "1"), ("b", "1"), ("a", "2"), ("b", "2"), ("a", "3")):
        await event_log.send(Outgoing(COMPACTED.name, key.encode(), value.encode()))
    await asyncio.sleep(0.01)

    assert await event_log.compact() == 3
    assert [(record.offset, record.key, record.value) for record in await everything(event_log, COMPACTED)] == [
        (3, b"b", b"2"),
        (4, b"a", b"3"),
    ]


async def test_compaction_leaves_superseded_values_alone_that_are_younger_than_the_lag(
    event_log: EmbeddedLog, database: Database
) -> None:
    for number in range(4):
        await event_log.send(Outgoing(KEPT_A_DAY.name, b"a", b"%d" % number))
    await make_old(database, KEPT_A_DAY, range(2), timedelta(hours=25))

    assert await event_log.compact() == 2
    assert [record.value for record in await everything(event_log, KEPT_A_DAY)] == [b"2", b"3"]


async def test_what_is_too_old_goes_but_never_the_newest_whose_offset_is_needed(
    event_log: EmbeddedLog, database: Database
) -> None:
    for number in range(3):
        await event_log.send(Outgoing(AGED.name, b"a", b"%d" % number))
    await make_old(database, AGED, range(3), timedelta(days=91))

    assert await event_log.compact() == 2
    assert (await event_log.send(Outgoing(AGED.name, b"a", b"3"))).offset == 3
    assert [record.value for record in await everything(event_log, AGED)] == [b"2", b"3"]


async def test_a_member_goes_on_over_the_gaps_of_compaction(event_log: EmbeddedLog) -> None:
    for number in range(6):
        await event_log.send(Outgoing(COMPACTED.name, b"%d" % (number % 2), b"%d" % number))
    member = await event_log.subscribe([COMPACTED.name], "calendar")
    first = (await member.poll(timeout=1, max_records=1)).batches
    await asyncio.sleep(0.01)
    await event_log.compact()

    records = await take(member, 2)
    await member.close()

    assert [record.offset for batch in first.values() for record in batch] == [0]
    assert [record.offset for record in records] == [4, 5]


@pytest.mark.parametrize(
    "error", [ServerSelectionTimeoutError("no server"), NetworkTimeout("no answer"), WTimeoutError("")]
)
def test_a_database_that_is_away_is_told_as_a_log_that_is_away(error: PyMongoError) -> None:
    with pytest.raises(LogUnavailable), translate_errors():
        raise error


def test_another_error_of_the_database_is_told_as_it_is() -> None:
    with pytest.raises(OperationFailure), translate_errors():
        raise OperationFailure("not allowed")
