"""The consumer loop: reads topics as one member of a group, at least once.

One round: poll, handle each partition's records in order, commit what is done. A transient error is retried without
limit, a bug five times and then dead-lettered, an invalid message dead-lettered at once. Handling twice is harmless,
because handlers write only what is newer; so the committed offset passes a record only once its effect is stored.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import structlog

from shared.aio.backoff import backoff
from shared.aio.cancellation import cancel_and_wait, join_within, wait_or_stop
from shared.database.client import Collection
from shared.eventlog.consumer.crash_guard import CrashGuard, get_suspect_lock
from shared.eventlog.consumer.handling import Handler, Handling, Rejected
from shared.eventlog.consumer.lag import LagTracker
from shared.eventlog.consumer.partition import PartitionStates, Retry
from shared.eventlog.consumer.settings import ConsumerProgress, ConsumerSettings, build_metrics
from shared.eventlog.consumer.watchdog import ConsumerStalled, Watchdog
from shared.eventlog.port import (
    EventLog,
    LogUnavailable,
    Partition,
    PartitionLost,
    PollResult,
    Record,
    Subscription,
)
from shared.eventlog.topics import find_topic
from shared.eventlog.transient import is_transient
from shared.messages import Message
from shared.observability.metrics import MetricDefinition

__all__ = ["Consumer", "ConsumerProgress", "ConsumerSettings", "ConsumerStalled", "Handler", "Rejected"]

log = structlog.get_logger(__name__)

# Joining takes seconds, and a dead member keeps its partitions for ten.
JOINING_SECONDS = 30.0


class Consumer:
    """Nothing is contacted before :meth:`run`.

    ``expect`` gets the records of a round before they are handled, so that one query can serve all of them. The crash
    guard writes to ``crash_records``; without it there is none. ``clock`` is monotonic, in seconds.
    """

    def __init__(
        self,
        log: EventLog,
        *,
        group: str,
        handlers: Mapping[type[Message], Handler],
        topics: Sequence[str] | None = None,
        expect: Callable[[Sequence[Record]], None] = lambda _: None,
        is_transient: Callable[[BaseException], bool] = is_transient,
        crash_records: Collection | None = None,
        settings: ConsumerSettings | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._log = log
        self._group = group
        self.topics = sorted({find_topic(message).name for message in handlers}) if topics is None else list(topics)
        self._settings = settings = settings or ConsumerSettings()
        self._clock = clock
        self._expect = expect
        self._states = PartitionStates()
        self._handling = Handling(
            log,
            group=group,
            handlers=handlers,
            is_transient=is_transient,
            guard=None if crash_records is None else CrashGuard(crash_records, group, self._states),
            bug_attempts=settings.bug_attempts,
            most_crashes=settings.most_crashes,
        )
        self._lag = LagTracker(self._states, self.topics)
        self._watchdog = Watchdog(settings.stalled_after_seconds, self._states, self._lag, clock, last_poll=clock())
        self._epoch = 0
        self._refused_commits = 0

    @property
    def progress(self) -> ConsumerProgress:
        subscription, counters = self._watchdog.subscription, self._handling.counters
        return ConsumerProgress(
            lag=self._states.lag,
            last_poll_age=self._clock() - self._watchdog.last_poll,
            attempts=self._states.most_tries,
            waiting=self._states.waiting,
            handled=counters.handled,
            dead_lettered=counters.dead_lettered,
            retried=counters.retried,
            refused_commits=self._refused_commits,
            epoch=self._epoch,
            joined=subscription is not None and not subscription.joining,
        )

    def note(self) -> str | None:
        """Why health is degraded: the log has given us no partitions for a while. The service can do its other work."""
        progress, behind = self.progress, max(self._lag.get_seconds().values(), default=0.0)
        if progress.joined or behind < JOINING_SECONDS:
            return None
        return f"the event log has given us no partitions; what came in the last {behind:.0f} s is not known"

    def metrics(self) -> Sequence[MetricDefinition]:
        """By topic, of this process's partitions."""
        return build_metrics(lambda: self.progress, self._lag)

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until ``stop`` is set; then finish the records in flight, commit and leave the group.

        Raises ConsumerStalled (end the process), TopicMismatch, and on the embedded log AnotherProcessConsumes.
        """
        consuming = asyncio.create_task(self._consume(stop))
        watching = asyncio.create_task(self._watchdog.run())
        try:
            await asyncio.wait({consuming, watching}, return_when=asyncio.FIRST_COMPLETED)
            await (watching if watching.done() else consuming)
        finally:
            await cancel_and_wait(consuming, watching)

    async def _consume(self, stop: asyncio.Event) -> None:
        failures = 0
        while not stop.is_set():
            self._watchdog.note_poll()
            try:
                subscription = await wait_or_stop(stop, self._log.subscribe(self.topics, self._group))
                if subscription is not None:
                    await self._run_subscription(subscription, stop)
                failures = 0
            except LogUnavailable as error:
                failures += 1
                log.warning("event_log_unavailable", group=self._group, reason=str(error))
                await wait_or_stop(stop, asyncio.sleep(self._compute_wait(failures)))

    def _compute_wait(self, failures: int) -> float:
        return backoff(failures, first=self._settings.first_wait, longest=self._settings.unavailable_wait)

    async def _run_subscription(self, subscription: Subscription, stop: asyncio.Event) -> None:
        self._reset(subscription.epoch)
        self._watchdog.subscription = subscription
        joining_since = self._clock()
        try:
            while not stop.is_set():
                if not subscription.joining:
                    joining_since = self._clock()
                elif self._clock() - joining_since > self._settings.stalled_after_seconds:
                    raise LogUnavailable("the group gave no answer to joining")
                await self._run_round(subscription, stop)
        finally:
            self._watchdog.subscription = None
            await subscription.close()

    async def _run_round(self, subscription: Subscription, stop: asyncio.Event) -> None:
        self._resume(subscription)
        polled = await wait_or_stop(
            stop, subscription.poll(timeout=self._poll_seconds(), max_records=self._settings.max_records)
        )
        if polled is None:
            return
        self._watchdog.note_poll({partition: records[-1].offset for partition, records in polled.batches.items()})
        if polled.epoch != self._epoch:
            self._reset(polled.epoch)
        if polled.batches:
            self._expect([record for records in polled.batches.values() for record in records])
            await self._handle_all(subscription, polled, stop)
        await self._commit(subscription)
        await self._gather(polled, stop)

    async def _gather(self, polled: PollResult, stop: asyncio.Event) -> None:
        # After a round of many, let the next records come together.
        settings, count = self._settings, sum(map(len, polled.batches.values()))
        if settings.gather_seconds and settings.many <= count < settings.max_records:
            await wait_or_stop(stop, asyncio.sleep(settings.gather_seconds))

    def _poll_seconds(self) -> float:
        due = self._states.find_next_due()
        return (
            self._settings.poll_seconds
            if due is None
            else max(0.0, min(self._settings.poll_seconds, due - self._clock()))
        )

    def _reset(self, epoch: int) -> None:
        self._epoch = epoch
        self._states.reset()
        self._lag.reset()

    def _resume(self, subscription: Subscription) -> None:
        for partition in self._states.resume_due(self._clock()):
            with suppress(PartitionLost):
                subscription.resume(partition)

    async def _handle_all(self, subscription: Subscription, polled: PollResult, stop: asyncio.Event) -> None:
        # What is in flight next to a deadly record would be blamed for the same crashes, so suspects go first and
        # alone.
        suspects = await wait_or_stop(stop, self._handling.find_suspects(polled.batches))
        if isinstance(suspects, Retry):
            for records in polled.batches.values():
                self._retry_all(subscription, polled.epoch, records, suspects)
        elif suspects is not None:
            for partition in suspects:
                async with get_suspect_lock():
                    await self._handle_concurrently(subscription, polled, [partition], stop)
            others = [partition for partition in polled.batches if partition not in suspects]
            await self._handle_concurrently(subscription, polled, others, stop)

    async def _handle_concurrently(
        self, subscription: Subscription, polled: PollResult, partitions: Sequence[Partition], stop: asyncio.Event
    ) -> None:
        tasks = [
            asyncio.create_task(self._handle(subscription, polled.epoch, polled.batches[each], stop))
            for each in partitions
            if not stop.is_set()
        ]
        if not await join_within(tasks, stop, seconds=self._settings.finish_seconds):
            log.warning("records_in_flight_abandoned", group=self._group)

    async def _handle(
        self, subscription: Subscription, epoch: int, records: Sequence[Record], stop: asyncio.Event
    ) -> None:
        partition = records[0].partition
        state = self._states[partition]
        state.start(records)
        batch = await self._handling.take(records)
        if isinstance(batch, Retry):
            self._retry_all(subscription, epoch, records, batch)
            return
        for record in batch.records:
            if subscription.epoch != epoch or stop.is_set():
                break
            retry = await self._handling.handle(record, bugs=state.count_bugs(record.offset), crashes=batch.crashes)
            if retry is not None:
                self._schedule_retry(subscription, epoch, record, retry)
                break
            state.finish(record)
        else:
            if len(batch.records) < len(records) and subscription.epoch == epoch:
                subscription.seek(partition, records[len(batch.records)].offset)
        state.release()
        await self._handling.release(partition)

    def _retry_all(self, subscription: Subscription, epoch: int, records: Sequence[Record], retry: Retry) -> None:
        # The crash guard could note none of them.
        state = self._states[records[0].partition]
        state.start(records)
        self._schedule_retry(subscription, epoch, records[0], retry)
        state.release()

    def _schedule_retry(self, subscription: Subscription, epoch: int, record: Record, retry: Retry) -> None:
        # A partition that was reassigned is not ours to pause.
        if subscription.epoch != epoch:
            return
        settings, now = self._settings, self._clock()
        wait = self._states[record.partition].schedule_retry(
            record.offset, retry, now=now, first=settings.first_wait, longest=settings.longest_wait
        )
        log.info("record_retry_scheduled", partition=record.partition, offset=record.offset, seconds=wait)
        with suppress(PartitionLost):
            subscription.seek(record.partition, record.offset)
            subscription.pause(record.partition)

    async def _commit(self, subscription: Subscription) -> None:
        # A refusal is normal in a rebalance: handling twice is harmless.
        offsets = self._states.list_uncommitted()
        if not offsets:
            return
        try:
            await subscription.commit(offsets, self._epoch)
        except PartitionLost as lost:
            self._refused_commits += 1
            log.info("commit_refused", group=self._group, reason=str(lost))
        except LogUnavailable as error:
            log.warning("commit_unknown", group=self._group, reason=str(error))
            return
        self._states.mark_committed()
