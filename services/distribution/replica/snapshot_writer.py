"""Restores the programme at the start, and writes snapshots in the background and at the end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import structlog
from msgspec import structs

from services.distribution.programme.model import Programme
from services.distribution.replica.consumer import TOPIC, ProgrammeReader
from services.distribution.replica.journal import Journal, iterate_after
from services.distribution.replica.journal_store import JournalStore
from services.distribution.replica.replica import Replica
from services.distribution.replica.snapshot import (
    Identity,
    InvalidSnapshot,
    LogPosition,
    SnapshotHeader,
    build_programme,
    format_instant,
    pack,
)
from services.distribution.replica.snapshot_store import SnapshotStore
from shared.aio.cancellation import wait_or_stop
from shared.eventlog.envelope import InvalidMessage
from shared.eventlog.topic_reader import compute_checkpoint

log = structlog.get_logger(__name__)


class RestoreResult(NamedTuple):
    """``header`` is None if the programme is empty; ``rejection`` says why a snapshot was not used."""

    programme: Programme
    header: SnapshotHeader | None = None
    rejection: str | None = None

    @property
    def position(self) -> LogPosition | None:
        return self.header.position if self.header else None


def restore(file: SnapshotStore, identity: Identity, journals: Sequence[Journal] = ()) -> RestoreResult:
    """Restore the programme, or start with an empty one; no snapshot, however damaged, prevents a start."""
    try:
        snapshot = file.read(identity)
        if snapshot is None:
            return RestoreResult(Programme())
        programme = build_programme(snapshot)
    except InvalidSnapshot as refused:
        log.warning("snapshot_refused", file=str(file.path), reason=str(refused))
        return RestoreResult(Programme(), rejection=str(refused))
    position = _replay_journals(programme, snapshot.header.position, journals)
    log.info("snapshot_taken_up", events=len(programme), complete_at=format_instant(position.complete_at))
    return RestoreResult(programme, structs.replace(snapshot.header, position=position))


def _replay_journals(programme: Programme, position: LogPosition, journals: Sequence[Journal]) -> LogPosition:
    """Apply what was read after the snapshot; unreadable records are skipped as on the log."""
    positions, checkpoints, newest = dict(position.positions), dict(position.checkpoints), position.last_record_at
    skipped = position.skipped
    reader = ProgrammeReader(programme, lambda _: None)
    for entry in iterate_after(journals, positions):
        record = entry.to_record(TOPIC)
        try:
            reader.apply([record])
        except InvalidMessage:
            skipped += 1
        positions[entry.partition], checkpoints[entry.partition] = entry.offset + 1, compute_checkpoint(record)
        written_at = datetime.fromtimestamp(entry.timestamp_ms / 1000, UTC)
        newest = written_at if newest is None else max(newest, written_at)
    read_on = {"positions": positions, "checkpoints": checkpoints, "last_record_at": newest, "skipped": skipped}
    return structs.replace(position, **read_on)


class SnapshotWriter:
    """Writes the first snapshot at once, then at most one a minute after changes, and one at the end."""

    # Each snapshot begins the ``journal`` again.

    def __init__(
        self, file: SnapshotStore, journal: JournalStore, identity: Identity, replica: Replica, restored: RestoreResult
    ) -> None:
        self.failure_count = 0
        self.bytes = 0
        """How large the last one is that was written since the start."""
        self.written_at = restored.header.written_at.timestamp() if restored.header else None
        """When the last one was written, in seconds since 1970; None if there is none that can be used."""
        self._file = file
        self._journal = journal
        self._identity = identity
        self._standing = replica
        self._refused = restored.rejection
        self._failure: str | None = None
        self._changes = replica.programme.change_count
        self._last = time.monotonic()

    @property
    def age(self) -> float | None:
        """Seconds since the last snapshot was written."""
        return None if self.written_at is None else max(0.0, time.time() - self.written_at)

    def describe_problem(self) -> str | None:
        if self._failure:
            return f"the snapshot could not be written: {self._failure}"
        if self._journal.failure:
            return f"what came since the last snapshot is not written down: {self._journal.failure}"
        return f"the snapshot found at the start was not used: {self._refused}" if self._refused else None

    async def run(self, stop: asyncio.Event) -> None:
        settings = self._standing.settings
        try:
            while not stop.is_set():
                is_first = self.written_at is None and self._failure is None
                await wait_or_stop(
                    stop,
                    asyncio.sleep(
                        min(settings.check_interval, settings.snapshot_interval)
                        if is_first
                        else settings.snapshot_interval
                    ),
                )
                if stop.is_set() or self._is_due(settings.max_snapshot_interval):
                    await self.write()
        finally:
            self._journal.end()

    async def write(self) -> None:
        """Write a snapshot if the programme is complete; errors are reported and do not affect requests."""
        position = self._standing.get_position()
        if position is None:
            return
        programme, now = self._standing.programme, time.time()
        changes, copy = programme.change_count, programme.copy()
        number = self._journal.begin(position.positions)
        pieces = pack(self._identity, position, copy, datetime.fromtimestamp(now, UTC))
        try:
            self.bytes = await asyncio.to_thread(self._file.write, pieces)
            await asyncio.to_thread(self._journal.remove_before, number)
        except OSError as error:
            self.failure_count += 1
            self._failure = f"{type(error).__name__}: {error}"
            log.warning("snapshot_not_written", file=str(self._file.path), reason=self._failure)
            return
        self.written_at, self._last, self._changes = now, time.monotonic(), changes
        self._failure = self._refused = None

    def _is_due(self, anyway: float) -> bool:
        changed = self._standing.programme.change_count != self._changes
        return changed or self.written_at is None or time.monotonic() - self._last >= anyway
