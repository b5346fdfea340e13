"""How the programme that is shown stands: whether it may be shown, and up to when it is known to be complete.

It is shown once all of it was read, or at once from a snapshot if the log is away. While the log does not answer, or
its other programme is still being read, what is shown goes on being shown, and every answer made from it says its age.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import structlog

from services.distribution.consumer import TOPIC, ProgrammeReader
from services.distribution.feeds import Feeds
from services.distribution.journal_file import JournalFile
from services.distribution.programme import Programme
from services.distribution.snapshot import Reading, instant
from shared.eventlog.port import EventLog, Record
from shared.eventlog.replay import Replay, ReplaySettings
from shared.eventlog.stopping import unless

GENERATED_AT: Final = b"x-feed-generated-at"
TOUCHED_AT_ONCE: Final = 200
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How patient distribution is; times in seconds.

    ``look`` is how often it looks how it stands. An answer says its age once the log said nothing for ``stale_after``.
    A snapshot is shown while the log is read only after ``open_after``: what was read after it was kept must not seem
    to be taken back. A programme that was read anew replaces the one shown when nothing came for ``settled_after``:
    somebody may still be filling the log; ``settled_anyway_after`` all of it was read once, also if it never is quiet;
    and never while it lacks more than half of what is shown. ``keep`` is the shortest time between two snapshots,
    ``keep_anyway`` the longest, also if nothing changed: what is known to be complete grows older with the file.
    """

    look: float = 1.0
    stale_after: float = 30.0
    open_after: float = 5.0
    settled_after: float = 10.0
    settled_anyway_after: float = 120.0
    keep: float = 60.0
    keep_anyway: float = 3600.0
    replay: ReplaySettings | None = None


class Standing:
    """Reads the log into the programme, and knows how current that is."""

    def __init__(
        self,
        event_log: EventLog,
        programme: Programme,
        feeds: Feeds,
        *,
        kept: Reading | None = None,
        journal: JournalFile | None = None,
        pace: Pace | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Make it; nothing is contacted before it runs.

        Args:
            event_log: the event log.
            programme: what is shown.
            feeds: what is made from it.
            kept: what a snapshot says about itself if the programme came out of one.
            journal: where what is read is written down, if it is.
            pace: how patient it is.
            now: seconds since 1970.

        """
        self.pace = pace or Pace()
        self.programme = programme
        self.complete_at: float | None = kept.complete_at.timestamp() if kept else None
        self.replacing: Programme | None = None
        """What is read of a log that replaced the one before, until it replaces what is shown."""
        self._feeds = feeds
        self._now = now
        self._kept = kept
        self._journal = journal
        self._began = self._moved = time.monotonic()
        self._whole_since: float | None = None
        """When the log's other programme was found to be all read for the first time."""
        self._shown = False
        self._reader = ProgrammeReader(programme, feeds.touch)
        self.replay = Replay(
            event_log,
            TOPIC,
            self._take,
            start=kept.positions if kept and not kept.skipped else None,
            witnesses=kept.witnesses if kept and not kept.skipped else None,
            on_replaced=self._replaced,
            settings=self.pace.replay,
            now=now,
        )
        if journal and kept:
            journal.begin(kept.positions)
        self.look()

    def is_open(self) -> bool:
        """Whether a whole programme is here."""
        if not self._shown and self._may_be_shown():
            self._shown = True
            self.look()
        return self._shown

    def is_live(self) -> bool:
        """Whether what is shown is all there is, as far as the log said a moment ago."""
        if self.replacing is not None or not self.replay.caught_up.is_set():
            return False
        return self.age is not None and self.age <= self.pace.stale_after

    @property
    def age(self) -> float | None:
        """How many seconds ago what is shown was known to be complete; None if it never was."""
        return None if self.complete_at is None else max(0.0, self._now() - self.complete_at)

    @property
    def record_age(self) -> float | None:
        """How many seconds ago the newest record that was read was written; None if there was none."""
        newest = self._last_record_at
        return None if newest is None else max(0.0, self._now() - newest.timestamp())

    def reading(self) -> Reading | None:
        """Say how far the shown programme is read, for a snapshot; None while it is not all there is."""
        self.look()
        replay, at = self.replay, self.complete_at
        if self.replacing is not None or not replay.caught_up.is_set() or at is None:
            return None
        return Reading(
            positions=dict(replay.positions),
            witnesses=dict(replay.witnesses),
            complete_at=datetime.fromtimestamp(at, UTC),
            last_record_at=self._last_record_at,
            skipped=replay.skipped_count,
        )

    def note(self) -> str | None:
        """Say to an operator what is not well; None while all is."""
        if self.is_live() or self.complete_at is None:
            return None
        said = f"what is shown is known to be complete up to {self._instant}"
        if self.replacing is not None:
            return f"{said}; {self._said_of(self.replacing)}"
        return f"{said}; the event log {'does not answer' if self.replay.is_away else 'is being read'}"

    def look(self) -> None:
        """See how it stands, and let every answer say it."""
        if self.replacing is None:
            self.complete_at = self.replay.complete_at or self.complete_at
        live = self.is_live()
        header = None if live or self.complete_at is None else (GENERATED_AT, self._instant.encode())
        if header != self._feeds.generated_at:
            log.info("programme_live" if live else "programme_ages", complete_at=header and header[1].decode())
            self._feeds.generated_at = header

    async def run(self, stop: asyncio.Event) -> None:
        """Look every second until told to stop."""
        while not stop.is_set():
            if self.replacing is not None and self._is_settled(self.replacing):
                await self._replace(self.replacing)
            self.look()
            await unless(stop, asyncio.sleep(self.pace.look))

    @property
    def _last_record_at(self) -> datetime | None:
        if self.replay.newest_ms:
            return datetime.fromtimestamp(self.replay.newest_ms / 1000, UTC)
        return self._kept.last_record_at if self._kept else None

    @property
    def _instant(self) -> str:
        return instant(datetime.fromtimestamp(self.complete_at or 0, UTC))

    def _take(self, records: Sequence[Record]) -> None:
        self._moved = time.monotonic()
        try:
            self._reader.take(records)
        except Exception:
            if len(records) == 1:  # it is skipped, and that too must be remembered
                self._write_down(records)
            raise
        self._write_down(records)

    def _write_down(self, records: Sequence[Record]) -> None:
        """Keep what was read, before anybody can be shown it."""
        if self._journal and self.replacing is None:
            self._journal.add(records)

    def _may_be_shown(self) -> bool:
        if self._kept is None:
            return self.replay.caught_up.is_set()
        waited = time.monotonic() - self._began >= self.pace.open_after
        return self.replay.caught_up.is_set() or self.replay.is_away or self.replacing is not None or waited

    def _replaced(self) -> None:
        """Read what the log holds now beside what is shown, which stays until that is whole."""
        self.is_open()
        if self._journal:
            self._journal.end()  # its positions mean nothing on another log
        if self._kept is None and not self._shown:
            self.programme.become(Programme(), 0)  # half of it was read, and nobody saw it
            return
        self.replacing, self._whole_since = Programme(), None
        self._reader = ProgrammeReader(self.replacing, lambda _: None)
        self.look()

    def _said_of(self, replacing: Programme) -> str:
        said = f"the event log was replaced, and {len(replacing)} events of it are read so far"
        if not self._lacks_most(replacing):
            return said
        return (
            f"{said}; {replacing.lacks(self.programme)} of the {len(self.programme)} events shown are not in it: "
            "`kalendarium rebuild` writes the log anew from the databases; if they are to go, stop distribution, "
            "say `kalendarium rebuild distribution` there and start it again"
        )

    def _is_settled(self, replacing: Programme) -> bool:
        """Whether the log's other programme is all read, nobody seems to be filling it, and it holds what is shown.

        Changes that come one after the other look like somebody filling the log: they put it off, but not for ever.
        """
        if not self.replay.caught_up.is_set():
            return False
        now = time.monotonic()
        self._whole_since = now if self._whole_since is None else self._whole_since
        quiet = now - self._moved >= self.pace.settled_after
        filled = quiet or now - self._whole_since >= self.pace.settled_anyway_after
        return filled and not self._lacks_most(replacing)

    def _lacks_most(self, replacing: Programme) -> bool:
        """Whether more than half of what is shown is unknown to it: a log made anew holds at first what waited."""
        return 2 * replacing.lacks(self.programme) > len(self.programme)

    async def _replace(self, replacing: Programme) -> None:
        changed = self.programme.become(replacing, round(self._now() * 1_000_000))
        self.replacing = None
        self._reader = ProgrammeReader(self.programme, self._feeds.touch)
        log.warning("programme_replaced", events=len(self.programme), changed=len(changed))
        for place, event_id in enumerate(changed):
            self._feeds.touch(event_id)
            if place % TOUCHED_AT_ONCE == 0:
                await asyncio.sleep(0)  # requests come between slices
