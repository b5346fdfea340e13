"""The loop of a service that reads topics with a group.

One round: take records, handle each partition's one after another, commit what is done. A record that fails for a
reason outside is tried again for ever, a bug five times and then parked, a message that can never work is parked at
once. Handling twice is harmless, because every handler writes only if newer; losing one is not, so the group's offset
only ever passes a record whose effect is kept.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import structlog

from shared.database import Collection
from shared.eventlog.attempts import Attempts, alone_in_this_process
from shared.eventlog.handling import Handler, Handling, Rejected, TryAgain, outside_world_is_away
from shared.eventlog.port import EventLog, LogAway, Partition, PartitionLost, Polled, Record, Subscription
from shared.eventlog.progress import ConsumerProgress, ConsumerSettings, measures_of
from shared.eventlog.stopping import cancelled, ended, unless
from shared.eventlog.topics import topic_of
from shared.eventlog.troubles import Troubles
from shared.eventlog.watchdog import Stuck, Watchdog
from shared.eventlog.watermark import Watermark
from shared.measures import Measure
from shared.messages import Message

__all__ = ["Consumer", "ConsumerProgress", "ConsumerSettings", "Handler", "Rejected", "Stuck"]

log = structlog.get_logger(__name__)

JOINING_SECONDS = 30.0
"""Joining a group takes seconds, and a dead member keeps its partitions for ten."""


class Consumer:
    """Reads topics as one member of a group."""

    def __init__(
        self,
        log: EventLog,
        *,
        group: str,
        handlers: Mapping[type[Message], Handler],
        topics: Sequence[str] | None = None,
        expect: Callable[[Sequence[Record]], None] = lambda _: None,
        outage: Callable[[BaseException], bool] = outside_world_is_away,
        attempts: Collection | None = None,
        settings: ConsumerSettings | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make a consumer; nothing is contacted before it runs.

        Args:
            log: the event log.
            group: the service's name; its members share the topics' partitions.
            handlers: what to do with each message; types without one are passed by.
            topics: what to read; by default the topics of the handled messages.
            expect: gets the records of a round before they are handled, so that one question can do for all of them.
            outage: tells trouble of the outside world from a bug.
            attempts: where to count records that kill the process; without it they are not counted.
            settings: how the loop paces itself.
            clock: a monotonic clock in seconds.

        """
        self._log = log
        self._group = group
        self.topics = sorted({topic_of(message).name for message in handlers}) if topics is None else list(topics)
        self._settings = settings = settings or ConsumerSettings()
        self._clock = clock
        self._expect = expect
        self._outage = outage
        self._handling = Handling(
            log,
            group=group,
            handlers=handlers,
            outage=outage,
            attempts=None if attempts is None else Attempts(attempts, group),
            bug_attempts=settings.bug_attempts,
            deaths=settings.deaths,
        )
        self._troubles = Troubles(first_wait=settings.first_wait, longest_wait=settings.longest_wait)
        self._watermark = Watermark(self.topics)
        self._watchdog = Watchdog(
            settings.stuck_after_seconds,
            clock,
            last_poll=clock(),
            waiting=lambda: self._troubles.waiting,
            watermark=self._watermark,
        )
        self._finished: dict[Partition, int] = {}
        self._epoch = 0
        self._refused_commits = 0

    @property
    def progress(self) -> ConsumerProgress:
        """How the loop gets on, for health and metrics."""
        subscription, tally = self._watchdog.subscription, self._handling.tally
        return ConsumerProgress(
            lag=sum(self._watchdog.lag.values()),
            last_poll_age=self._clock() - self._watchdog.last_poll,
            attempts=self._troubles.most_tries,
            waiting=len(self._troubles.waiting),
            handled=tally.handled,
            parked=tally.parked,
            tried_again=tally.tried_again,
            refused_commits=self._refused_commits,
            epoch=self._epoch,
            joined=subscription is not None and not subscription.joining,
        )

    def note(self) -> str | None:
        """Say that the log keeps us waiting, once it has for a while; the service can do its other work meanwhile."""
        progress, behind = self.progress, max(self._watermark.seconds().values(), default=0.0)
        if progress.joined or behind < JOINING_SECONDS:
            return None
        return f"the event log has given us no partitions; what came in the last {behind:.0f} s is not known"

    def measures(self) -> Sequence[Measure]:
        """Tell how the loop gets on; the numbers by topic are of the partitions that this process has."""
        return measures_of(lambda: self.progress, self._watermark)

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until ``stop`` is set; then finish the record in hand, commit, leave the group and return.

        Raises:
            Stuck: records wait and none arrives; end the process.
            TopicMismatch: a topic is kept in another way than this release needs.
            AnotherProcessConsumes: on the embedded log.

        """
        consuming = asyncio.create_task(self._consume(stop))
        watching = asyncio.create_task(self._watchdog.run())
        try:
            await asyncio.wait({consuming, watching}, return_when=asyncio.FIRST_COMPLETED)
            await (watching if watching.done() else consuming)
        finally:
            await cancelled(consuming, watching)

    async def _consume(self, stop: asyncio.Event) -> None:
        failures = 0
        while not stop.is_set():
            self._watchdog.polled()
            try:
                subscription = await unless(stop, self._log.subscribe(self.topics, self._group))
                if subscription is not None:
                    await self._stay(subscription, stop)
                failures = 0
            except LogAway as away:
                failures += 1
                log.warning("event_log_away", group=self._group, reason=str(away))
                await unless(stop, asyncio.sleep(self._wait(failures)))

    def _wait(self, failures: int) -> float:
        return min(self._settings.away_wait, self._settings.first_wait * 2.0 ** min(failures - 1, 30))

    async def _stay(self, subscription: Subscription, stop: asyncio.Event) -> None:
        self._begin_anew(subscription.epoch)
        self._watchdog.subscription = subscription
        joining_since = self._clock()
        try:
            while not stop.is_set():
                if not subscription.joining:
                    joining_since = self._clock()
                elif self._clock() - joining_since > self._settings.stuck_after_seconds:
                    raise LogAway("the group gave no answer to joining")
                await self._round(subscription, stop)
        finally:
            self._watchdog.subscription = None
            await subscription.close()

    async def _round(self, subscription: Subscription, stop: asyncio.Event) -> None:
        self._resume(subscription)
        polled = await unless(
            stop, subscription.poll(timeout=self._poll_seconds(), max_records=self._settings.max_records)
        )
        if polled is None:
            return
        self._watchdog.polled({partition: records[-1].offset for partition, records in polled.batches.items()})
        if polled.epoch != self._epoch:
            self._begin_anew(polled.epoch)
        if polled.batches:
            self._expect([record for records in polled.batches.values() for record in records])
            await self._handle_all(subscription, polled, stop)
        await self._commit(subscription)
        await self._gather(polled, stop)

    async def _gather(self, polled: Polled, stop: asyncio.Event) -> None:
        """Let the next records come together after a round of many."""
        settings, count = self._settings, sum(map(len, polled.batches.values()))
        if settings.gather_seconds and settings.many <= count < settings.max_records:
            await unless(stop, asyncio.sleep(settings.gather_seconds))

    def _poll_seconds(self) -> float:
        due = self._troubles.next_due()
        return (
            self._settings.poll_seconds
            if due is None
            else max(0.0, min(self._settings.poll_seconds, due - self._clock()))
        )

    def _begin_anew(self, epoch: int) -> None:
        self._epoch = epoch
        self._finished.clear()
        self._troubles.forget()
        self._handling.begin_anew()
        self._watermark.begin_anew()

    def _resume(self, subscription: Subscription) -> None:
        for partition in self._troubles.take_due(self._clock()):
            with suppress(PartitionLost):
                subscription.resume(partition)

    async def _handle_all(self, subscription: Subscription, polled: Polled, stop: asyncio.Event) -> None:
        """Handle first, each alone, the partitions whose next record the process may have died with, then the others.

        What is in hand beside a deadly record would be blamed for the same deaths, and parked with it.
        """
        suspects = await unless(stop, self._handling.suspects(polled.batches))
        if isinstance(suspects, TryAgain):
            for records in polled.batches.values():
                self._put_off_all(subscription, polled.epoch, records, suspects)
        elif suspects is not None:
            for partition in suspects:
                async with alone_in_this_process():
                    await self._handle_side_by_side(subscription, polled, [partition], stop)
            others = [partition for partition in polled.batches if partition not in suspects]
            await self._handle_side_by_side(subscription, polled, others, stop)

    async def _handle_side_by_side(
        self, subscription: Subscription, polled: Polled, partitions: Sequence[Partition], stop: asyncio.Event
    ) -> None:
        """Handle partitions beside each other; on ``stop`` finish what is in hand, within a deadline."""
        tasks = [
            asyncio.create_task(self._handle(subscription, polled.epoch, polled.batches[each], stop))
            for each in partitions
            if not stop.is_set()
        ]
        if not await ended(tasks, stop, seconds=self._settings.finish_seconds):
            log.warning("record_in_hand_abandoned", group=self._group)

    async def _handle(
        self, subscription: Subscription, epoch: int, records: Sequence[Record], stop: asyncio.Event
    ) -> None:
        """Handle one partition's records one after another, as long as they are ours."""
        partition = records[0].partition
        self._watermark.handed_out(records)
        batch = await self._handling.take(records)
        if isinstance(batch, TryAgain):
            self._put_off_all(subscription, epoch, records, batch)
            return
        for record in batch.records:
            if subscription.epoch != epoch or stop.is_set():
                break
            bugs = self._troubles.bugs(partition, record.offset)
            again = await self._handling.handle(record, bugs=bugs, deaths=batch.deaths)
            if again is not None:
                self._put_off(subscription, epoch, record, again)
                break
            self._finished[partition] = record.offset + 1
            self._troubles.past(partition, record.offset)
            self._watermark.handled(record)
        else:
            if len(batch.records) < len(records) and subscription.epoch == epoch:
                subscription.seek(partition, records[len(batch.records)].offset)
        self._watermark.let_go(partition)
        await self._handling.let_go(partition)

    def _put_off_all(self, subscription: Subscription, epoch: int, records: Sequence[Record], again: TryAgain) -> None:
        """Put off records of one partition, none of which could be taken in hand."""
        self._watermark.handed_out(records)
        self._put_off(subscription, epoch, records[0], again)
        self._watermark.let_go(records[0].partition)

    def _put_off(self, subscription: Subscription, epoch: int, record: Record, again: TryAgain) -> None:
        """Hand the record out again after a while, unless that would pause a partition that was given anew."""
        if subscription.epoch != epoch:
            return
        wait = self._troubles.add(record.partition, record.offset, again, now=self._clock())
        log.info("record_put_off", partition=record.partition, offset=record.offset, seconds=wait)
        with suppress(PartitionLost):
            subscription.seek(record.partition, record.offset)
            subscription.pause(record.partition)

    async def _commit(self, subscription: Subscription) -> None:
        """Commit what is done. A refusal is normal in a rebalance: what is done twice does no harm (A9)."""
        if not self._finished:
            return
        try:
            await subscription.commit(dict(self._finished), self._epoch)
        except PartitionLost as lost:
            self._refused_commits += 1
            log.info("commit_refused", group=self._group, reason=str(lost))
        except LogAway as away:
            log.warning("commit_unknown", group=self._group, reason=str(away))
            return
        self._finished.clear()
