"""Transactional outbox and its relay: at-least-once delivery of messages that were written with the state.

State and outbox are one document, written by one update; there is no flag to be cleared in a race. The relay sends a
document's messages in order and removes each by its id once the log has acknowledged it. Of the relays of
a service one works at a time, by a lease.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import structlog

from shared.aio.backoff import backoff
from shared.aio.cancellation import cancel_and_wait, join_within, wait_or_stop
from shared.aio.single_flight import SingleFlight
from shared.database.client import ASCENDING, Collection, Document, IndexModel
from shared.database.lease import Lease
from shared.eventlog.envelope import Envelope, InvalidMessage
from shared.eventlog.outbox.backlog import WAITING, Backlog, count_backlog
from shared.eventlog.outbox.pending import PendingMessages, parse_pending
from shared.eventlog.port import RecordRefused, Sender
from shared.eventlog.tracing import trace_sending
from shared.eventlog.transient import is_transient
from shared.observability.metrics import MetricDefinition

log = structlog.get_logger(__name__)

OUTBOX_INDEX = IndexModel([("outbox.id", ASCENDING)], name="outbox", sparse=True)


def push(envelopes: Sequence[Envelope]) -> Document:
    """Part of an update; combine it with the state's ``$set``."""
    return {"$push": {"outbox": {"$each": [envelope.to_document() for envelope in envelopes]}}}


@dataclass(frozen=True, slots=True, kw_only=True)
class RelaySettings:
    """The poll is the guarantee, a notification only a short cut.

    ``documents`` are looked up at once; if ``gather_from`` or more were found, but not all, the next round waits
    ``gather_seconds``, as one document costs it as much as dozens. ``parallel`` is the number of sends in flight.
    """

    poll_seconds: float = 1.0
    lease_seconds: float = 10.0
    documents: int = 64
    gather_from: int = 6
    gather_seconds: float = 0.02
    parallel: int = 64
    first_wait: float = 0.25
    longest_wait: float = 5.0
    refused_wait: float = 60.0
    finish_seconds: float = 2.0


class Relay:
    """Sends the messages in the outboxes of a collection, which needs :data:`OUTBOX_INDEX`."""

    def __init__(
        self,
        log: Sender,
        collection: Collection,
        *,
        service: str,
        leases: Collection,
        settings: RelaySettings | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._log = log
        self._collection = collection
        self._service = service
        self._settings = settings or RelaySettings()
        self._clock = clock
        self._notified = asyncio.Event()
        self._slots = asyncio.Semaphore(self._settings.parallel)
        self._refused: dict[Any, float] = {}
        self._must_look_up = True
        self._looked_up_at = 0.0
        self._lease = Lease(
            leases,
            f"relay/{service}/{collection.name}",
            holder=f"{socket.gethostname()}/{os.getpid()}/{uuid4().hex}",
            seconds=self._settings.lease_seconds,
            clock=clock,
        )
        self._measuring = SingleFlight(self.measure_backlog)
        self.sent = 0

    def notify(self) -> None:
        """Wake the relay, as something was written."""
        self._must_look_up = True
        self._notified.set()

    @property
    def working(self) -> bool:
        # Of all relays of its service this is the one that sends.
        return self._lease.held

    def metrics(self) -> Sequence[MetricDefinition]:
        return (
            MetricDefinition(
                name="kal_outbox_unsent_messages",
                meaning="Messages in outboxes that are not sent yet, over all replicas of the service; "
                "not a number while the database is unavailable.",
                reading=self._count_unsent,
            ),
            MetricDefinition(
                name="kal_outbox_oldest_unsent_seconds",
                meaning="How long the oldest of them has waited, by the database's clock; 0 if there is none.",
                reading=self._measure_oldest,
            ),
            MetricDefinition(
                name="kal_relay_working",
                meaning="1 while the relay of this process is the one of its service that sends, else 0.",
                reading=lambda: float(self.working),
            ),
            MetricDefinition(
                name="kal_relay_sent_total",
                meaning="Messages sent since the start of the process.",
                reading=lambda: self.sent,
                kind="counter",
            ),
        )

    async def read_backlog(self) -> Backlog:
        """Concurrent readers share one query; raises PyMongoError."""
        return await self._measuring()

    async def _count_unsent(self) -> float:
        return (await self._measuring()).count

    async def _measure_oldest(self) -> float:
        return (await self._measuring()).oldest_seconds

    async def measure_backlog(self) -> Backlog:
        """Raises PyMongoError."""
        return await count_backlog(self._collection)

    async def run(self, stop: asyncio.Event) -> None:
        """Send until ``stop`` is set; then wait for acknowledgements in flight. Raises TopicMismatch."""
        renewing = asyncio.create_task(self._lease.renew())
        failures = 0
        try:
            while not stop.is_set():
                self._notified.clear()
                failures = 0 if await self._send_rounds(stop) else failures + 1
                if renewing.done():
                    renewing.result()
                await self._pause(stop, failures)
        finally:
            await cancel_and_wait(renewing)
            await self._lease.release()

    async def _pause(self, stop: asyncio.Event, failures: int) -> None:
        # After a failure it waits longer, and for no notification.
        if failures:
            wait = backoff(failures, first=self._settings.first_wait, longest=self._settings.longest_wait)
            await wait_or_stop(stop, asyncio.sleep(wait))
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.poll_seconds):
                await wait_or_stop(stop, self._notified.wait())

    async def _send_rounds(self, stop: asyncio.Event) -> bool:
        """Whether all went well."""
        try:
            if not self._lease.held:
                self._must_look_up = True
                await self._lease.acquire()
            while self._lease.held and not stop.is_set():
                waiting = await self._take_next()
                if not waiting:
                    return True
                await self._send_all(waiting, stop)
                if self._settings.gather_from <= len(waiting) < self._settings.documents:
                    await wait_or_stop(stop, asyncio.sleep(self._settings.gather_seconds))
        except Exception as error:
            self._must_look_up = True
            if not is_transient(error):
                raise
            log.warning("relay_retrying_after_outage", collection=self._collection.name, reason=repr(error))
            return False
        return True

    async def _take_next(self) -> Sequence[PendingMessages]:
        now = self._clock()
        if not self._must_look_up and now - self._looked_up_at < self._settings.poll_seconds:
            return ()
        self._must_look_up, self._looked_up_at = False, now
        try:
            found = await self._look_up(now)
        except BaseException:
            self._must_look_up = True
            raise
        self._must_look_up = self._must_look_up or len(found) == self._settings.documents
        return found

    async def _look_up(self, now: float) -> list[PendingMessages]:
        self._refused = {key: until for key, until in self._refused.items() if until > now}
        wanted = WAITING | ({"_id": {"$nin": list(self._refused)}} if self._refused else {})
        found = self._collection.find(wanted, {"outbox": True}, limit=self._settings.documents, hint="outbox")
        return [parse_pending(document) for document in await found.to_list()]

    async def _send_all(self, waiting: Sequence[PendingMessages], stop: asyncio.Event) -> None:
        # One write removes what was sent from all of them: a write for each costs more than sending does.
        acknowledged: dict[Any, list[str]] = {}
        sends = [asyncio.create_task(self._send_in_order(each, stop, acknowledged)) for each in waiting]
        try:
            if not await join_within(sends, stop, seconds=self._settings.finish_seconds):
                log.warning("messages_in_flight_abandoned", collection=self._collection.name)
        finally:
            if acknowledged:
                # Ids of messages are unique, so one change fits all of these documents.
                ids = [message_id for sent in acknowledged.values() for message_id in sent]
                change = {"$pull": {"outbox": {"id": {"$in": ids}}}}
                await self._collection.update_many({"_id": {"$in": list(acknowledged)}}, change)

    async def _send_in_order(
        self, waiting: PendingMessages, stop: asyncio.Event, acknowledged: dict[Any, list[str]]
    ) -> None:
        # Never a message before an earlier one of its document.
        sent: list[str] = []
        try:
            async with self._slots:
                for envelope in waiting.envelopes:
                    if not self._lease.held or stop.is_set():
                        return
                    with trace_sending(envelope, self._service):
                        await self._log.send(envelope.to_outgoing())
                    sent.append(envelope.id)
                    self.sent += 1
            waiting.raise_error()
        except (RecordRefused, InvalidMessage) as refused:
            self._refused[waiting.id] = self._clock() + self._settings.refused_wait
            log.error("message_refused", collection=self._collection.name, document=waiting.id, reason=str(refused))  # noqa: TRY400 - no bug of ours to trace
        finally:
            if sent:
                acknowledged[waiting.id] = sent
