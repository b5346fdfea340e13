"""What groups must do on every event log: resume, redeliver, seek, pause, and say what was lost."""

from __future__ import annotations

import asyncio

import pytest

from shared.eventlog.port import EventLog, Outgoing, Partition, PartitionLost, PollResult
from shared.eventlog.topics import Topic, name_dead_letter_topic
from tests.shared.eventlog.taking import PATIENCE, after, member, nothing_comes, take


class GroupContract:
    """The suite; see :class:`tests.shared.eventlog.contract.EventLogContract`."""

    async def test_records_of_a_key_keep_their_order(self, event_log: EventLog, topic: Topic, group: str) -> None:
        for number in range(30):
            await event_log.send(Outgoing(topic.name, b"key-%d" % (number % 3), b"%d" % number))

        async with member(event_log, [topic.name], group) as ours:
            records = await take(ours, 30)

        for key in range(3):
            numbers = [int(record.value or b"") for record in records if record.key == b"key-%d" % key]
            assert numbers == list(range(key, 30, 3))

    async def test_a_new_group_starts_at_the_beginning(self, event_log: EventLog, topic: Topic, group: str) -> None:
        """A13: what was there before the group, or after its offsets were forgotten, is read."""
        await event_log.send(Outgoing(topic.name, b"a", b"before"))

        async with member(event_log, [topic.name], group) as ours:
            (record,) = await take(ours, 1)

        assert record.value == b"before"

    async def test_a_group_goes_on_after_what_it_committed(self, event_log: EventLog, topic: Topic, group: str) -> None:
        for number in range(4):
            await event_log.send(Outgoing(topic.name, b"a", b"%d" % number))
        async with member(event_log, [topic.name], group) as ours:
            records = await take(ours, 4)
            await ours.commit(after(records[:3]), ours.epoch)

        async with member(event_log, [topic.name], group) as ours:
            (record,) = await take(ours, 1)

        assert record.value == b"3"

    async def test_what_was_handed_out_but_not_committed_comes_again(
        self, event_log: EventLog, topic: Topic, group: str
    ) -> None:
        """A8, A11: nothing is committed behind our back, not even at the end."""
        await event_log.send(Outgoing(topic.name, b"a", b"1"))
        async with member(event_log, [topic.name], group) as ours:
            await take(ours, 1)

        async with member(event_log, [topic.name], group) as ours:
            (record,) = await take(ours, 1)

        assert record.value == b"1"

    async def test_groups_do_not_disturb_each_other(self, event_log: EventLog, topic: Topic, group: str) -> None:
        await event_log.send(Outgoing(topic.name, b"a", b"1"))
        async with member(event_log, [topic.name], group) as ours:
            await ours.commit(after(await take(ours, 1)), ours.epoch)

        async with member(event_log, [topic.name], f"{group}-other") as other:
            (record,) = await take(other, 1)

        assert record.value == b"1"

    async def test_a_commit_of_another_epoch_is_refused(self, event_log: EventLog, topic: Topic, group: str) -> None:
        """A8: work of an assignment that is over moves no offset."""
        await event_log.send(Outgoing(topic.name, b"a", b"1"))
        async with member(event_log, [topic.name], group) as ours:
            records = await take(ours, 1)
            with pytest.raises(PartitionLost):
                await ours.commit(after(records), ours.epoch - 1)

        async with member(event_log, [topic.name], group) as ours:
            assert [record.value for record in await take(ours, 1)] == [b"1"]

    async def test_what_a_poll_gives_belongs_to_the_epoch_that_it_names(
        self, event_log: EventLog, topic: Topic, group: str
    ) -> None:
        """A8: also the poll during which the group was joined."""
        await event_log.send(Outgoing(topic.name, b"a", b"1"))
        ours = await event_log.subscribe([topic.name], group)
        polled = PollResult(0, {})
        async with asyncio.timeout(PATIENCE):
            while not polled.batches:
                polled = await ours.poll(timeout=0.5, max_records=1)

        assert polled.epoch == ours.epoch
        await ours.close()

    async def test_a_partition_that_is_not_ours_is_said_to_be_lost(
        self, event_log: EventLog, topic: Topic, group: str
    ) -> None:
        """A9: losing a partition is a normal answer of seek, pause and resume."""
        elsewhere = Partition("elsewhere", 0)
        async with member(event_log, [topic.name], group) as ours:
            with pytest.raises(PartitionLost):
                ours.seek(elsewhere, 0)
            with pytest.raises(PartitionLost):
                ours.pause(elsewhere)
            with pytest.raises(PartitionLost):
                ours.resume(elsewhere)

    async def test_seek_hands_out_again_from_there(self, event_log: EventLog, topic: Topic, group: str) -> None:
        for number in range(4):
            await event_log.send(Outgoing(topic.name, b"a", b"%d" % number))
        async with member(event_log, [topic.name], group) as ours:
            records = await take(ours, 4)

            ours.seek(records[2].partition, records[2].offset)

            assert [record.value for record in await take(ours, 2)] == [b"2", b"3"]

    async def test_a_paused_partition_waits_while_others_go_on(
        self, event_log: EventLog, topic: Topic, plain_topic: Topic, group: str
    ) -> None:
        async with member(event_log, [topic.name, plain_topic.name], group) as ours:
            paused = (await event_log.send(Outgoing(topic.name, b"a", b"1"))).partition
            (record,) = await take(ours, 1)
            ours.seek(paused, record.offset)
            ours.pause(paused)
            await event_log.send(Outgoing(plain_topic.name, b"a", b"other"))

            assert [record.value for record in await take(ours, 1)] == [b"other"]
            assert await nothing_comes(ours)
            ours.resume(paused)
            assert [record.value for record in await take(ours, 1)] == [b"1"]

    async def test_a_poll_gives_no_more_than_was_asked_for(self, event_log: EventLog, topic: Topic, group: str) -> None:
        for number in range(10):
            await event_log.send(Outgoing(topic.name, b"%d" % number, b"%d" % number))
        async with member(event_log, [topic.name], group) as ours:
            sizes: list[int] = []
            async with asyncio.timeout(PATIENCE):
                while sum(sizes) < 10:
                    polled = await ours.poll(timeout=0.5, max_records=4)
                    sizes.append(sum(map(len, polled.batches.values())))

        assert max(sizes) <= 4

    async def test_a_poll_without_records_ends_in_time(self, event_log: EventLog, topic: Topic, group: str) -> None:
        async with member(event_log, [topic.name], group) as ours:
            before = asyncio.get_running_loop().time()
            assert await nothing_comes(ours, 0.3)
            assert asyncio.get_running_loop().time() - before < 2

    async def test_a_record_sent_during_a_poll_ends_it(self, event_log: EventLog, topic: Topic, group: str) -> None:
        async with member(event_log, [topic.name], group) as ours:
            polling = asyncio.create_task(take(ours, 1))
            await asyncio.sleep(0.1)
            sent = asyncio.get_running_loop().time()
            await event_log.send(Outgoing(topic.name, b"a", b"1"))
            (record,) = await polling

        assert record.value == b"1"
        assert asyncio.get_running_loop().time() - sent < 5

    async def test_lag_is_what_the_log_still_holds(self, event_log: EventLog, topic: Topic, group: str) -> None:
        """A6: the log is asked, not the client's own fetching."""
        async with member(event_log, [topic.name], group) as ours:
            partition = (await event_log.send(Outgoing(topic.name, b"a", b"1"))).partition
            ours.seek(partition, 0)
            assert (await ours.get_lag())[partition] == 1
            await take(ours, 1)
            assert sum((await ours.get_lag()).values()) == 0

    async def test_a_group_has_its_parked_topic_and_the_largest_record_fits_into_it(
        self, event_log: EventLog, topic: Topic, group: str
    ) -> None:
        """A18: whatever got onto a topic can be parked with where and why added."""
        parked = name_dead_letter_topic(topic.name, group)
        async with member(event_log, [topic.name], group):
            assert parked in await event_log.list_topics()
            await event_log.send(Outgoing(parked, b"a", b"x" * 1_048_000, [("why", b"y" * 20_000)]))

            reader = await event_log.read([parked])
            (record,) = await take(reader, 1)
            await reader.close()

        assert len(record.value or b"") == 1_048_000
