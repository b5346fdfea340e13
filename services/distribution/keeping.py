"""Keeps a snapshot of the programme: takes it up at the start, writes it beside the requests, and at the stop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import structlog
from msgspec import structs

from services.distribution.consumer import TOPIC, ProgrammeReader
from services.distribution.journal import Journal, follow
from services.distribution.journal_file import JournalFile
from services.distribution.programme import Programme
from services.distribution.snapshot import Header, Identity, Reading, SnapshotRefused, instant, pack, restore
from services.distribution.snapshot_file import SnapshotFile
from services.distribution.standing import Standing
from shared.eventlog.envelope import NotReadable
from shared.eventlog.replay import witness_of
from shared.eventlog.stopping import unless

log = structlog.get_logger(__name__)


class TakenUp(NamedTuple):
    """What a start finds: a programme, what the snapshot says of it (None if it is empty), and why not if refused."""

    programme: Programme
    header: Header | None = None
    refused: str | None = None

    @property
    def reading(self) -> Reading | None:
        """How far the log was read for it."""
        return self.header.reading if self.header else None


def take_up(file: SnapshotFile, identity: Identity, journals: Sequence[Journal] = ()) -> TakenUp:
    """Take up the programme where it was left, or begin with an empty one; whatever is found, a start goes on."""
    try:
        snapshot = file.read(identity)
        if snapshot is None:
            return TakenUp(Programme())
        programme = restore(snapshot)
    except SnapshotRefused as refused:
        log.warning("snapshot_refused", file=str(file.path), reason=str(refused))
        return TakenUp(Programme(), refused=str(refused))
    reading = _read_on(programme, snapshot.header.reading, journals)
    log.info("snapshot_taken_up", events=len(programme), complete_at=instant(reading.complete_at))
    return TakenUp(programme, structs.replace(snapshot.header, reading=reading))


def _read_on(programme: Programme, reading: Reading, journals: Sequence[Journal]) -> Reading:
    """Take into a programme what was read after its snapshot; what cannot be read is skipped here as on the log."""
    positions, witnesses, newest = dict(reading.positions), dict(reading.witnesses), reading.last_record_at
    skipped = reading.skipped
    reader = ProgrammeReader(programme, lambda _: None)
    for entry in follow(journals, positions):
        record = entry.record(TOPIC)
        try:
            reader.take([record])
        except NotReadable:
            skipped += 1
        positions[entry.partition], witnesses[entry.partition] = entry.offset + 1, witness_of(record)
        written_at = datetime.fromtimestamp(entry.timestamp_ms / 1000, UTC)
        newest = written_at if newest is None else max(newest, written_at)
    read_on = {"positions": positions, "witnesses": witnesses, "last_record_at": newest, "skipped": skipped}
    return structs.replace(reading, **read_on)


class Keeping:
    """Writes the snapshot at most once a minute, when something changed, and at the end; the first one at once."""

    def __init__(
        self, file: SnapshotFile, journal: JournalFile, identity: Identity, standing: Standing, found: TakenUp
    ) -> None:
        """Make it.

        Args:
            file: where it is kept.
            journal: what is read from now on; each snapshot begins it anew.
            identity: whose programme it is.
            standing: whose programme is kept, and how current it is.
            found: what the start found.

        """
        self.failures = 0
        self.bytes = 0
        """How large the last one is that was written since the start."""
        self.kept_at = found.header.written_at.timestamp() if found.header else None
        """When the last one was written, in seconds since 1970; None if there is none that can be used."""
        self._file = file
        self._journal = journal
        self._identity = identity
        self._standing = standing
        self._refused = found.refused
        self._failure: str | None = None
        self._changes = standing.programme.changes
        self._last = time.monotonic()

    @property
    def age(self) -> float | None:
        """How many seconds ago the last one was written; None if there is none."""
        return None if self.kept_at is None else max(0.0, time.time() - self.kept_at)

    def note(self) -> str | None:
        """Say to an operator what is not well; None while all is."""
        if self._failure:
            return f"the snapshot could not be written: {self._failure}"
        if self._journal.failure:
            return f"what came since the last snapshot is not written down: {self._journal.failure}"
        return f"the snapshot found at the start was not used: {self._refused}" if self._refused else None

    async def run(self, stop: asyncio.Event) -> None:
        """Keep until told to stop, and then once more: what is known to be complete has changed at least."""
        pace = self._standing.pace
        try:
            while not stop.is_set():
                is_first = self.kept_at is None and self._failure is None
                await unless(stop, asyncio.sleep(min(pace.look, pace.keep) if is_first else pace.keep))
                if stop.is_set() or self._is_due(pace.keep_anyway):
                    await self.keep()
        finally:
            self._journal.end()

    async def keep(self) -> None:
        """Write a snapshot if the programme is all there is; what goes wrong is told and does not disturb anybody."""
        reading = self._standing.reading()
        if reading is None:
            return
        programme, now = self._standing.programme, time.time()
        changes, inventory = programme.changes, programme.inventory()
        number = self._journal.begin(reading.positions)
        pieces = pack(self._identity, reading, inventory, datetime.fromtimestamp(now, UTC))
        try:
            self.bytes = await asyncio.to_thread(self._file.write, pieces)
            await asyncio.to_thread(self._journal.remove_before, number)
        except OSError as error:
            self.failures += 1
            self._failure = f"{type(error).__name__}: {error}"
            log.warning("snapshot_not_written", file=str(self._file.path), reason=self._failure)
            return
        self.kept_at, self._last, self._changes = now, time.monotonic(), changes
        self._failure = self._refused = None

    def _is_due(self, anyway: float) -> bool:
        changed = self._standing.programme.changes != self._changes
        return changed or self.kept_at is None or time.monotonic() - self._last >= anyway
