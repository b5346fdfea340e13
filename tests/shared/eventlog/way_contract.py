"""The loop, the replay and the parking on a real log: the same suite on Kafka and on the embedded log."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec
import pytest

from shared.eventlog.consumer.loop import Consumer, Rejected
from shared.eventlog.dead_letters.inspect import list_dead_letters, replay
from shared.eventlog.envelope import Envelope, parse, parse_message
from shared.eventlog.port import EventLog, LogUnavailable, Outgoing, Record
from shared.eventlog.topic_reader import TopicReader
from shared.eventlog.topics import Topic
from shared.messages import EventPublished
from tests.shared.eventlog.builders import HASTY, envelope, eventually, published, running
from tests.shared.eventlog.taking import new_topic


class Desk:
    """A handler that notes what it handled, and fails as told."""

    def __init__(self) -> None:
        self.handled: list[tuple[str, int]] = []
        self.tried = 0
        self.outages = 0
        self.rejected: set[str] = set()

    async def handle(self, message: EventPublished, _: Envelope) -> None:
        self.tried += 1
        if self.outages:
            self.outages -= 1
            raise LogUnavailable("the outside world is away")
        if message.event_id in self.rejected:
            raise Rejected("not this one")
        self.handled.append((message.event_id, message.revision))


class WayContract:
    """The suite; a subclass gives the fixture ``event_log`` on ``topic``."""

    @pytest.fixture
    def topic(self) -> Topic:
        return new_topic()

    @pytest.fixture
    def plain_topic(self) -> Topic:
        return new_topic(**{"cleanup.policy": "delete"})

    @pytest.fixture
    def desk(self) -> Desk:
        return Desk()

    @staticmethod
    def consumer(event_log: EventLog, topic: Topic, desk: Desk) -> Consumer:
        group = topic.name.split(".")[0]
        return Consumer(
            event_log, group=group, topics=[topic.name], handlers={EventPublished: desk.handle}, settings=HASTY
        )

    @staticmethod
    async def post(event_log: EventLog, topic: Topic, event_id: str, revision: int = 1) -> None:
        there = msgspec.structs.replace(envelope(published(event_id, revision)), topic=topic.name)
        await event_log.send(there.to_outgoing())

    async def test_messages_are_handled_in_the_order_of_each_event(
        self, event_log: EventLog, topic: Topic, desk: Desk
    ) -> None:
        async with running(self.consumer(event_log, topic, desk)):
            for revision in range(1, 6):
                for number in range(4):
                    await self.post(event_log, topic, f"e{number}", revision)
            await eventually(lambda: len(desk.handled) == 20)

        for number in range(4):
            assert [revision for event_id, revision in desk.handled if event_id == f"e{number}"] == [1, 2, 3, 4, 5]

    async def test_a_restart_goes_on_where_it_stopped(self, event_log: EventLog, topic: Topic, desk: Desk) -> None:
        async with running(self.consumer(event_log, topic, desk)):
            for revision in (1, 2, 3):
                await self.post(event_log, topic, "e1", revision)
            await eventually(lambda: len(desk.handled) == 3)

        async with running(self.consumer(event_log, topic, desk)):
            await self.post(event_log, topic, "e1", 4)
            await eventually(lambda: ("e1", 4) in desk.handled)

        assert desk.handled == [("e1", revision) for revision in (1, 2, 3, 4)]

    async def test_restarts_in_the_middle_miss_nothing(self, event_log: EventLog, topic: Topic, desk: Desk) -> None:
        for number in range(60):
            await self.post(event_log, topic, f"e{number}")
        for wanted in (1, 20, 40, 60):
            enough = partial(lambda wanted: len({*desk.handled}) >= wanted, wanted)
            async with running(self.consumer(event_log, topic, desk)):
                await eventually(enough)

        assert {event_id for event_id, _ in desk.handled} == {f"e{number}" for number in range(60)}

    async def test_an_outage_is_waited_out_in_order(self, event_log: EventLog, topic: Topic, desk: Desk) -> None:
        desk.outages = 6
        for revision in (1, 2, 3):
            await self.post(event_log, topic, "e1", revision)

        async with running(self.consumer(event_log, topic, desk)):
            await eventually(lambda: len(desk.handled) == 3)

        assert (desk.handled, await list_dead_letters(event_log, topic=topic.name)) == (
            [("e1", 1), ("e1", 2), ("e1", 3)],
            [],
        )

    async def test_what_cannot_be_handled_is_parked_and_can_be_sent_again(
        self, event_log: EventLog, topic: Topic, desk: Desk
    ) -> None:
        desk.rejected = {"e1"}
        garbage = Outgoing(topic.name, b"e0", b"\xff{", [("ce_id", b"\xff"), ("none", None)])
        at_work = self.consumer(event_log, topic, desk)
        async with running(at_work):
            await event_log.send(garbage)
            await self.post(event_log, topic, "e1")
            await self.post(event_log, topic, "e2")
            await eventually(lambda: at_work.progress.dead_lettered == 2 and desk.handled == [("e2", 1)])
        desk.rejected = set()
        parked = {record.key: record for record in await list_dead_letters(event_log, topic=topic.name)}

        sent = await replay(event_log, [parked[b"e1"].place], by="an operator")
        async with running(self.consumer(event_log, topic, desk)):
            await eventually(lambda: desk.handled == [("e2", 1), ("e1", 1)])

        assert [record.key for record in sent] == [b"e1"]
        assert (parked[b"e0"].value, tuple(parked[b"e0"].headers)) == (garbage.value, tuple(garbage.headers))
        assert [record.key for record in await list_dead_letters(event_log, topic=topic.name)] == [b"e0"]

    async def test_a_replay_catches_up_and_follows_and_a_snapshot_saves_the_way(
        self, event_log: EventLog, topic: Topic
    ) -> None:
        shelf: list[str] = []

        def put(records: Sequence[Record]) -> None:
            for record in records:
                content = {"key": record.key, "value": record.value, "headers": record.headers}
                shelf.append(parse_message(parse(topic=record.topic, **content)).subject)  # type: ignore[arg-type] # a record's own parts

        for number in range(10):
            await self.post(event_log, topic, f"e{number}")
        first = TopicReader(event_log, topic.name, put)
        async with running(first):
            await first.caught_up.wait()
            assert sorted(shelf) == [f"e{number}" for number in range(10)]
            await self.post(event_log, topic, "e10")
            await eventually(lambda: shelf[-1] == "e10")
        await self.post(event_log, topic, "e11")

        second = TopicReader(event_log, topic.name, put, start=first.positions)
        async with running(second):
            await second.caught_up.wait()

        assert shelf[11:] == ["e11"]
