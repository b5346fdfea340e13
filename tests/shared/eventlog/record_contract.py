"""What sending and reading must do on every event log: bytes, order, refusals, and readers without a group."""

from __future__ import annotations

import asyncio

import pytest

from shared.eventlog.port import EventLog, Outgoing, RecordRefused, TopicMismatch
from shared.eventlog.topics import Topic
from tests.shared.eventlog.taking import nothing_comes, take


class RecordContract:
    """The suite; see :class:`tests.shared.eventlog.contract.EventLogContract`."""

    async def test_what_is_sent_says_where_it_stands(self, event_log: EventLog, topic: Topic) -> None:
        sent = await event_log.send(Outgoing(topic.name, b"a", b"1"))

        reader = await event_log.read([topic.name])
        (record,) = await take(reader, 1)
        await reader.close()
        assert (record.partition, record.offset) == sent

    async def test_key_value_and_headers_come_back_as_they_were(self, event_log: EventLog, topic: Topic) -> None:
        """A5: bytes in, bytes out; headers may be empty, repeated or without a value."""
        headers = (
            ("ce_id", b"1"),
            ("ce_id", b"2"),
            ("empty", b""),
            ("none", None),
            ("żagle", "ż".encode()),
            ("raw", b"\xff"),
        )

        await event_log.send(Outgoing(topic.name, "klucz ż".encode(), b"\x00\xff{", headers))

        reader = await event_log.read([topic.name])
        (record,) = await take(reader, 1)
        await reader.close()
        assert (record.key, record.value, tuple(record.headers)) == ("klucz ż".encode(), b"\x00\xff{", headers)

    async def test_a_record_without_value_comes_back_without(self, event_log: EventLog, plain_topic: Topic) -> None:
        await event_log.send(Outgoing(plain_topic.name, b"a", None))

        reader = await event_log.read([plain_topic.name])
        (record,) = await take(reader, 1)
        await reader.close()
        assert record.value is None

    async def test_a_record_without_key_and_value_is_taken_too(self, event_log: EventLog, plain_topic: Topic) -> None:
        """Others may write one, and then it must be possible to park it."""
        await event_log.send(Outgoing(plain_topic.name, None, None, [("why", b"1")]))

        reader = await event_log.read([plain_topic.name])
        (record,) = await take(reader, 1)
        await reader.close()
        assert (record.key, record.value or None, tuple(record.headers)) == (None, None, (("why", b"1"),))

    async def test_records_sent_at_once_are_all_kept(self, event_log: EventLog, topic: Topic) -> None:
        await asyncio.gather(*(event_log.send(Outgoing(topic.name, b"%d" % n, b"%d" % n)) for n in range(50)))

        reader = await event_log.read([topic.name])
        records = await take(reader, 50)
        await reader.close()
        assert sorted(int(record.value or b"") for record in records) == list(range(50))

    async def test_a_reader_reads_every_partition_from_the_beginning(self, event_log: EventLog, topic: Topic) -> None:
        for number in range(20):
            await event_log.send(Outgoing(topic.name, b"%d" % number, b"%d" % number))

        reader = await event_log.read([topic.name])
        ends = await reader.get_ends()
        records = await take(reader, 20)

        assert sorted(int(record.value or b"") for record in records) == list(range(20))
        assert reader.positions == ends
        await reader.close()

    async def test_a_reader_of_an_empty_topic_is_at_its_end(self, event_log: EventLog, topic: Topic) -> None:
        reader = await event_log.read([topic.name])

        assert reader.positions == await reader.get_ends()
        await reader.close()

    async def test_a_reader_starts_where_it_is_told(self, event_log: EventLog, topic: Topic) -> None:
        sent = [await event_log.send(Outgoing(topic.name, b"a", b"%d" % number)) for number in range(3)]

        reader = await event_log.read([topic.name], {sent[2].partition: sent[2].offset})

        assert [record.value for record in await take(reader, 1)] == [b"2"]
        await reader.close()

    async def test_a_reader_told_a_place_that_is_gone_starts_at_the_beginning(
        self, event_log: EventLog, topic: Topic
    ) -> None:
        """A13: a snapshot may speak of a topic that was made again since."""
        sent = await event_log.send(Outgoing(topic.name, b"a", b"1"))

        reader = await event_log.read([topic.name], {sent.partition: 1000})

        assert [record.value for record in await take(reader, 1)] == [b"1"]
        await reader.close()

    async def test_a_reader_follows(self, event_log: EventLog, topic: Topic) -> None:
        reader = await event_log.read([topic.name])
        assert await nothing_comes(reader, 0.2)

        await event_log.send(Outgoing(topic.name, b"a", b"1"))

        assert [record.value for record in await take(reader, 1)] == [b"1"]
        await reader.close()

    async def test_readers_commit_nothing(self, event_log: EventLog, topic: Topic) -> None:
        await event_log.send(Outgoing(topic.name, b"a", b"1"))
        for _ in range(2):
            reader = await event_log.read([topic.name])
            assert [record.value for record in await take(reader, 1)] == [b"1"]
            await reader.close()

    async def test_a_topic_that_does_not_exist_is_not_read(self, event_log: EventLog) -> None:
        with pytest.raises(TopicMismatch):
            await event_log.read(["no-such-topic.v1"])

    async def test_a_record_that_is_too_large_is_refused_and_the_next_is_taken(
        self, event_log: EventLog, topic: Topic
    ) -> None:
        """A1, A18: a refusal breaks nothing that comes after it, and is known at the sender."""
        await event_log.send(Outgoing(topic.name, b"a", b"1"))
        with pytest.raises(RecordRefused):
            await event_log.send(Outgoing(topic.name, b"a", b"x" * 1_500_000))
        with pytest.raises(RecordRefused):
            await event_log.send(Outgoing(topic.name, b"a", b"x" * 5_000_000))
        await event_log.send(Outgoing(topic.name, b"a", b"2"))

        reader = await event_log.read([topic.name])
        assert [record.value for record in await take(reader, 2)] == [b"1", b"2"]
        await reader.close()

    async def test_a_record_without_key_is_refused_where_the_last_of_a_key_is_kept(
        self, event_log: EventLog, topic: Topic
    ) -> None:
        with pytest.raises(RecordRefused):
            await event_log.send(Outgoing(topic.name, None, b"1"))
