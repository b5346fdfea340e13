"""What the relay, the consumer and the watch over parked records tell of themselves."""

from __future__ import annotations

import inspect
from collections.abc import Mapping

import pytest

from shared.database.client import Collection, PyMongoError, open_database
from shared.eventlog.consumer.loop import Rejected
from shared.eventlog.dead_letters.gauge import DeadLetterGauge
from shared.eventlog.dead_letters.inspect import replay
from shared.eventlog.topics import PROGRAMME
from shared.observability.metrics import MetricSource
from tests.shared.eventlog.builders import eventually, post, published, running
from tests.shared.eventlog.desk import DEAD_LETTERS, GROUP, Desk, consumer
from tests.shared.eventlog.outboxes import relay, write
from tests.support.fakes import FakeEventLog

NOWHERE = "mongodb://127.0.0.1:1/"


async def told(owner: MetricSource) -> dict[str, float | Mapping[str, float] | None]:
    """Read all numbers of a part."""
    answers = {each.name: each.reading() for each in owner.metrics()}
    return {name: await each if inspect.isawaitable(each) else each for name, each in answers.items()}


async def test_what_waits_in_the_outboxes_is_counted_anew_each_time(
    event_log: FakeEventLog, entries: Collection
) -> None:
    idle = relay(event_log, entries)
    before = await told(idle)

    await write(entries, "e1", 1)
    await write(entries, "e1", 2)
    after = await told(idle)

    assert (before["kal_outbox_unsent_messages"], before["kal_outbox_oldest_unsent_seconds"]) == (0, 0.0)
    assert after["kal_outbox_unsent_messages"] == 2
    assert (after["kal_relay_working"], after["kal_relay_sent_total"]) == (0.0, 0)
    async with running(idle):
        await eventually(lambda: idle.sent == 2)
        assert (await told(idle))["kal_relay_working"] == 1.0


async def test_a_database_that_is_away_is_no_old_number(event_log: FakeEventLog) -> None:
    async with open_database(NOWHERE, "nowhere", timeout_ms=100) as database:
        measures = {each.name: each.reading for each in relay(event_log, database["entries"]).metrics()}
        asked = measures["kal_outbox_unsent_messages"]()

        assert inspect.isawaitable(asked)
        with pytest.raises(PyMongoError):
            await asked


async def test_a_consumer_tells_how_it_gets_on(event_log: FakeEventLog, desk: Desk) -> None:
    at_work = consumer(event_log, desk.handle)
    await post(event_log, published("e1"))

    async with running(at_work):
        await eventually(lambda: at_work.progress.handled == 1)
        numbers = await told(at_work)

    assert (numbers["kal_consumer_handled_total"], numbers["kal_consumer_joined"]) == (1, 1.0)
    assert (numbers["kal_consumer_parked_total"], numbers["kal_consumer_retries_total"]) == (0, 0)


async def test_parked_records_count_until_they_are_sent_again(event_log: FakeEventLog, desk: Desk) -> None:
    desk.fails = lambda _: Rejected("not today")
    watch = DeadLetterGauge(event_log, group=GROUP, topics=[PROGRAMME.name], every_seconds=0.01)
    at_work = consumer(event_log, desk.handle)
    seen: list[object] = []

    def count() -> object:
        seen.append(watch.metrics()[0].reading())
        return seen[-1]

    async with running(at_work, watch):
        await eventually(lambda: count() == {PROGRAMME.name: 0.0})
        await post(event_log, published("e1"))
        await eventually(lambda: count() == {PROGRAMME.name: 1.0})
        desk.fails = lambda _: None
        await replay(event_log, [f"{DEAD_LETTERS}/{event_log.of(DEAD_LETTERS)[0].partition.number}/0"], by="test")
        await eventually(lambda: count() == {PROGRAMME.name: 0.0})
