"""The outbox inside a document, and the relay that empties it into the event log.

State and outbox are one document, written by one update; there is no flag that could be cleared in a race. The relay
sends a document's letters in order and takes each out by its id once the log has answered, so a letter is sent at
least once. One relay a service works at a time, by a lease.
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

from shared import crash_points
from shared.database import ASCENDING, Collection, Document, IndexModel
from shared.eventlog.backlog import WAITING, Backlog, count_backlog
from shared.eventlog.envelope import Letter
from shared.eventlog.handling import outside_world_is_away
from shared.eventlog.kafka.together import Together
from shared.eventlog.lease import Lease
from shared.eventlog.port import RecordRefused, Sender
from shared.eventlog.steps import sending
from shared.eventlog.stopping import cancelled, ended, unless
from shared.eventlog.unsent import LetterUnreadable, Unsent, unsent_in
from shared.measures import Measure

log = structlog.get_logger(__name__)

OUTBOX_INDEX = IndexModel([("outbox.id", ASCENDING)], name="outbox", sparse=True)
MOST_FRESH = 2_000
"""So many documents are remembered that were handed in; beyond that they are found again."""


def push(letters: Sequence[Letter]) -> Document:
    """Write the part of an update that puts letters into a document's outbox; combine it with the state's ``$set``."""
    return {"$push": {"outbox": {"$each": [letter.document() for letter in letters]}}}


@dataclass(frozen=True, slots=True, kw_only=True)
class RelaySettings:
    """How the relay paces itself; times in seconds. The poll is the guarantee, the bell only a short cut.

    After a round of ``many`` documents or more it waits ``gather_seconds`` for the next ones to come together: a round
    costs the same for one and for dozens, and where that many come at once nobody is kept waiting by it.
    """

    poll_seconds: float = 1.0
    lease_seconds: float = 10.0
    documents: int = 64
    many: int = 6
    gather_seconds: float = 0.02
    parallel: int = 64
    first_wait: float = 0.25
    longest_wait: float = 5.0
    refused_wait: float = 60.0
    finish_seconds: float = 2.0


class Relay:
    """Sends what stands in the outboxes of one collection."""

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
        """Make a relay; nothing is contacted before it runs.

        Args:
            log: where to send.
            collection: the documents with an ``outbox``; it needs :data:`OUTBOX_INDEX`.
            service: whose relay this is.
            leases: where the service keeps its leases.
            settings: how it paces itself.
            clock: a monotonic clock in seconds.

        """
        self._log = log
        self._collection = collection
        self._service = service
        self._settings = settings or RelaySettings()
        self._clock = clock
        self._bell = asyncio.Event()
        self._room = asyncio.Semaphore(self._settings.parallel)
        self._refused: dict[Any, float] = {}
        self._fresh: list[Unsent] = []
        self._found: set[str] = set()
        """The letters that were found last; they may be handed in only now."""
        self._is_to_look = True
        self._looked_at = 0.0
        self._lease = Lease(
            leases,
            f"relay/{service}/{collection.name}",
            holder=f"{socket.gethostname()}/{os.getpid()}/{uuid4().hex}",
            seconds=self._settings.lease_seconds,
            clock=clock,
        )
        self._asked = Together(self.backlog)
        self.sent = 0

    def wake(self, written: Sequence[Unsent] | None = None) -> None:
        """Ring after a write, so that it is sent within milliseconds.

        Args:
            written: the documents, if their outboxes were empty before: then they need not be looked for.

        """
        if written is None or not self._lease.held or len(self._fresh) + len(written) > MOST_FRESH:
            self._is_to_look = True
        else:
            self._fresh += self._without_found(written)
        self._bell.set()

    @property
    def working(self) -> bool:
        """Whether this relay, of all of its service, is the one that sends."""
        return self._lease.held

    def measures(self) -> Sequence[Measure]:
        """Tell what waits to be sent, asked anew each time, and what was sent."""
        return (
            Measure(
                name="kal_outbox_unsent_messages",
                meaning="Messages in outboxes that are not sent yet, over all replicas of the service; "
                "not a number while the database is away.",
                reading=self._unsent,
            ),
            Measure(
                name="kal_outbox_oldest_unsent_seconds",
                meaning="How long the oldest of them has waited, by the database's clock; 0 if there is none.",
                reading=self._oldest,
            ),
            Measure(
                name="kal_relay_working",
                meaning="1 while the relay of this process is the one of its service that sends, else 0.",
                reading=lambda: float(self.working),
            ),
            Measure(
                name="kal_relay_sent_total",
                meaning="Messages sent since the start of the process.",
                reading=lambda: self.sent,
                kind="counter",
            ),
        )

    async def _unsent(self) -> float:
        return (await self._asked()).count

    async def _oldest(self) -> float:
        return (await self._asked()).oldest_seconds

    async def backlog(self) -> Backlog:
        """Count what waits, by the database's clock.

        Raises:
            PyMongoError: if the database is away.

        """
        return await count_backlog(self._collection)

    async def run(self, stop: asyncio.Event) -> None:
        """Send until ``stop`` is set; then wait for the answers that are under way.

        Raises:
            TopicMismatch: a topic is kept in another way than this release needs.

        """
        keeping = asyncio.create_task(self._lease.keep())
        failures = 0
        try:
            while not stop.is_set():
                self._bell.clear()
                failures = 0 if await self._round(stop) else failures + 1
                if keeping.done():
                    keeping.result()
                await self._pause(stop, failures)
        finally:
            await cancelled(keeping)
            await self._lease.release()

    async def _pause(self, stop: asyncio.Event, failures: int) -> None:
        """Wait for the bell or the next poll; after a failure, wait longer and deaf to the bell."""
        if failures:
            wait = min(self._settings.longest_wait, self._settings.first_wait * 2.0 ** min(failures - 1, 30))
            await unless(stop, asyncio.sleep(wait))
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.poll_seconds):
                await unless(stop, self._bell.wait())

    async def _round(self, stop: asyncio.Event) -> bool:
        """Send what waits until nothing does; whether all went well."""
        try:
            if not self._lease.held:
                self._is_to_look = True
                await self._lease.hold()
            while self._lease.held and not stop.is_set():
                waiting = await self._next()
                if not waiting:
                    return True
                await self._send_all(waiting, stop)
                if self._settings.many <= len(waiting) < self._settings.documents:
                    await unless(stop, asyncio.sleep(self._settings.gather_seconds))
        except Exception as error:
            self._is_to_look = True
            if not outside_world_is_away(error):
                raise
            log.warning("relay_waits_for_the_outside_world", collection=self._collection.name, reason=repr(error))
            return False
        return True

    async def _next(self) -> Sequence[Unsent]:
        """Give what is to be sent next: what was handed in, or what is found, now and then or because it has to be."""
        now = self._clock()
        if not self._is_to_look and now - self._looked_at < self._settings.poll_seconds:
            limit = self._settings.documents
            fresh, self._fresh = self._fresh[:limit], self._fresh[limit:]
            return fresh
        self._fresh = []  # they are all found, now or the next time
        self._is_to_look, self._looked_at = False, now
        try:
            found = await self._look(now)
        except BaseException:
            self._is_to_look = True
            raise
        self._is_to_look = self._is_to_look or len(found) == self._settings.documents
        self._found = {letter_id for each in found for letter_id in each.ids}
        self._fresh = self._without_found(self._fresh)
        return found

    def _without_found(self, written: Sequence[Unsent]) -> list[Unsent]:
        """Leave out what was found before whoever wrote it handed it in: after it a newer letter may have gone."""
        return [each for each in written if not self._found.issuperset(each.ids)]

    async def _look(self, now: float) -> list[Unsent]:
        self._refused = {key: until for key, until in self._refused.items() if until > now}
        wanted = WAITING | ({"_id": {"$nin": list(self._refused)}} if self._refused else {})
        found = self._collection.find(wanted, {"outbox": True}, limit=self._settings.documents, hint="outbox")
        return [unsent_in(document) for document in await found.to_list()]

    async def _send_all(self, waiting: Sequence[Unsent], stop: asyncio.Event) -> None:
        """Send different documents' letters side by side; raises the first error, once all have ended.

        What was kept is taken out of all of them by one write: a write for each costs more than sending does.
        """
        taken_out: dict[Any, list[str]] = {}
        sending = [asyncio.create_task(self._send_in_order(each, stop, taken_out)) for each in waiting]
        try:
            if not await ended(sending, stop, seconds=self._settings.finish_seconds):
                log.warning("letters_under_way_abandoned", collection=self._collection.name)
        finally:
            if taken_out:
                # Ids of letters are unique, so one change fits all of these documents.
                gone = [letter_id for kept in taken_out.values() for letter_id in kept]
                change = {"$pull": {"outbox": {"id": {"$in": gone}}}}
                await self._collection.update_many({"_id": {"$in": list(taken_out)}}, change)

    async def _send_in_order(self, waiting: Unsent, stop: asyncio.Event, taken_out: dict[Any, list[str]]) -> None:
        """Send one document's letters, never one before an earlier one, and note those that were kept."""
        kept: list[str] = []
        try:
            async with self._room:
                for letter in waiting.letters:
                    if not self._lease.held or stop.is_set():
                        return
                    with sending(letter, self._service):
                        await self._log.send(letter.outgoing())
                    kept.append(letter.id)
                    self.sent += 1
            waiting.require_flawless()
        except (RecordRefused, LetterUnreadable) as refused:
            self._refused[waiting.id] = self._clock() + self._settings.refused_wait
            log.error("letter_refused", collection=self._collection.name, document=waiting.id, reason=str(refused))  # noqa: TRY400 - no bug of ours to trace
        finally:
            if kept:
                crash_points.reach(crash_points.OUTBOX_SENT)
                taken_out[waiting.id] = kept
