"""Keeps a snapshot of the programme: takes it up at the start, writes it beside the requests, and at the stop."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import NamedTuple

import structlog

from services.distribution.programme import Programme
from services.distribution.snapshot import Header, Identity, Reading, SnapshotRefused, instant, pack, restore
from services.distribution.snapshot_file import SnapshotFile
from services.distribution.standing import Standing
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


def take_up(file: SnapshotFile, identity: Identity) -> TakenUp:
    """Take up the programme where it was left, or begin with an empty one; whatever is found, a start goes on."""
    try:
        snapshot = file.read(identity)
        if snapshot is None:
            return TakenUp(Programme())
        programme = restore(snapshot)
    except SnapshotRefused as refused:
        log.warning("snapshot_refused", file=str(file.path), reason=str(refused))
        return TakenUp(Programme(), refused=str(refused))
    log.info("snapshot_taken_up", events=len(programme), complete_at=instant(snapshot.header.reading.complete_at))
    return TakenUp(programme, snapshot.header)


class Keeping:
    """Writes the snapshot at most once a minute, when something changed, and at the end."""

    def __init__(self, file: SnapshotFile, identity: Identity, standing: Standing, found: TakenUp) -> None:
        """Make it.

        Args:
            file: where it is kept.
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
        return f"the snapshot found at the start was not used: {self._refused}" if self._refused else None

    async def run(self, stop: asyncio.Event) -> None:
        """Keep until told to stop, and then once more: what is known to be complete has changed at least."""
        pace = self._standing.pace
        while not stop.is_set():
            await unless(stop, asyncio.sleep(pace.keep))
            if stop.is_set() or self._is_due(pace.keep_anyway):
                await self.keep()

    async def keep(self) -> None:
        """Write a snapshot if the programme is all there is; what goes wrong is told and does not disturb anybody."""
        reading = self._standing.reading()
        if reading is None:
            return
        programme, now = self._standing.programme, time.time()
        changes, inventory = programme.changes, programme.inventory()
        pieces = pack(self._identity, reading, inventory, datetime.fromtimestamp(now, UTC))
        try:
            self.bytes = await asyncio.to_thread(self._file.write, pieces)
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
