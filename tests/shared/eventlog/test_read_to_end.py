"""One-time reading of topics."""

from __future__ import annotations

import pytest

from shared.eventlog.port import LogUnavailable, Outgoing
from shared.eventlog.read_to_end import read_to_end
from tests.support.fakes import FakeEventLog

TOPICS = ["submissions.v1", "programme.v1"]


async def write(log: FakeEventLog, *keys: str) -> None:
    for key in keys:
        for topic in TOPICS:
            await log.send(Outgoing(topic, key.encode(), b"{}"))


async def test_all_records_of_all_topics_are_read_once() -> None:
    log = FakeEventLog()
    await write(log, "a", "b", "c")

    found = [(record.topic, record.key) async for record in read_to_end(log, TOPICS)]

    assert sorted(found) == sorted((topic, key) for topic in TOPICS for key in (b"a", b"b", b"c"))


async def test_an_empty_topic_has_no_records() -> None:
    assert [record async for record in read_to_end(FakeEventLog(), TOPICS)] == []


async def test_what_is_written_meanwhile_is_not_waited_for() -> None:
    log = FakeEventLog()
    await write(log, "a")
    found = []

    async for record in read_to_end(log, TOPICS):
        found.append(record.key)
        await write(log, "later")

    assert found.count(b"a") == len(TOPICS)


async def test_a_log_that_hands_out_nothing_is_unavailable() -> None:
    log = FakeEventLog()
    await write(log, "a")
    log.silent = True

    with pytest.raises(LogUnavailable, match="nothing came"):
        await anext(read_to_end(log, TOPICS, quiet_seconds=0.0))
