"""The replica: reads the programme's topic, and knows whether and how completely it may be shown.

It opens once everything was read, or at once from a snapshot if the log is unavailable. While the log is unavailable or
was replaced, the present programme stays and every response states its age.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import structlog

from services.distribution.feeds.cache import FeedCache
from services.distribution.programme.model import Programme
from services.distribution.replica.consumer import TOPIC, ProgrammeReader
from services.distribution.replica.journal_store import JournalStore
from services.distribution.replica.snapshot import LogPosition, format_instant
from shared.aio.cancellation import wait_or_stop
from shared.eventlog.port import EventLog, Record
from shared.eventlog.topic_reader import TopicReader, TopicReaderSettings

GENERATED_AT: Final = b"x-feed-generated-at"
INVALIDATION_BATCH: Final = 200
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaSettings:
    """Timings in seconds."""

    # A response states its age once the log was silent for ``stale_after``. A restored snapshot is shown only after
    # ``open_after`` while the log is read: newer records must not seem to be undone. A replacement log takes effect
    # when no record came for ``settle_after``, as somebody may still be filling it, at the latest
    # ``settle_at_latest_after`` it was first read completely, and never while it lacks more than half of the events
    # shown. Snapshots are written at least ``snapshot_interval`` apart, and after ``max_snapshot_interval`` even
    # without changes, because their age counts.

    check_interval: float = 1.0
    stale_after: float = 30.0
    open_after: float = 5.0
    settle_after: float = 10.0
    settle_at_latest_after: float = 120.0
    snapshot_interval: float = 60.0
    max_snapshot_interval: float = 3600.0
    reader: TopicReaderSettings | None = None


class Replica:
    """Reads the log into the programme; nothing is contacted before it runs."""

    # ``restored`` is the position of the snapshot that the programme was restored from.

    def __init__(
        self,
        event_log: EventLog,
        programme: Programme,
        feeds: FeedCache,
        *,
        restored: LogPosition | None = None,
        journal: JournalStore | None = None,
        settings: ReplicaSettings | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.settings = settings or ReplicaSettings()
        self.programme = programme
        self.complete_at: float | None = restored.complete_at.timestamp() if restored else None
        self.replacement: Programme | None = None
        """What is read of a log that replaced the one before, until it replaces what is shown."""
        self._feeds = feeds
        self._now = now
        self._restored = restored
        self._journal = journal
        self._started = self._last_record_seen = time.monotonic()
        self._whole_since: float | None = None
        """When the log's other programme was found to be all read for the first time."""
        self._opened = False
        self._applier = ProgrammeReader(programme, feeds.invalidate)
        self.reader = TopicReader(
            event_log,
            TOPIC,
            self._apply,
            start=restored.positions if restored and not restored.skipped else None,
            checkpoints=restored.checkpoints if restored and not restored.skipped else None,
            on_reset=self._begin_replacement,
            settings=self.settings.reader,
            now=now,
        )
        if journal and restored:
            journal.begin(restored.positions)
        self.check()

    def is_open(self) -> bool:
        if not self._opened and self._can_open():
            self._opened = True
            self.check()
        return self._opened

    def is_live(self) -> bool:
        """Whether the programme was complete a moment ago, as far as the log said."""
        if self.replacement is not None or not self.reader.caught_up.is_set():
            return False
        return self.age is not None and self.age <= self.settings.stale_after

    @property
    def age(self) -> float | None:
        """Seconds since the programme was known to be complete; None if it never was."""
        return None if self.complete_at is None else max(0.0, self._now() - self.complete_at)

    @property
    def record_age(self) -> float | None:
        """Seconds since the newest record was written."""
        newest = self._last_record_at
        return None if newest is None else max(0.0, self._now() - newest.timestamp())

    def get_position(self) -> LogPosition | None:
        """The position for a snapshot; None while the programme is incomplete."""
        self.check()
        reader, at = self.reader, self.complete_at
        if self.replacement is not None or not reader.caught_up.is_set() or at is None:
            return None
        return LogPosition(
            positions=dict(reader.positions),
            checkpoints=dict(reader.checkpoints),
            complete_at=datetime.fromtimestamp(at, UTC),
            last_record_at=self._last_record_at,
            skipped=reader.skipped_count,
        )

    def describe_problem(self) -> str | None:
        """For operators; None while all is well."""
        if self.is_live() or self.complete_at is None:
            return None
        said = f"what is shown is known to be complete up to {self._complete_at_text}"
        if self.replacement is not None:
            return f"{said}; {self._describe_replacement(self.replacement)}"
        return f"{said}; the event log {'does not answer' if self.reader.is_unavailable else 'is being read'}"

    def check(self) -> None:
        """Update age and completeness, and the header that states them."""
        if self.replacement is None:
            self.complete_at = self.reader.complete_at or self.complete_at
        live = self.is_live()
        header = None if live or self.complete_at is None else (GENERATED_AT, self._complete_at_text.encode())
        if header != self._feeds.generated_at:
            log.info("programme_live" if live else "programme_ages", complete_at=header and header[1].decode())
            self._feeds.generated_at = header

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            if self.replacement is not None and self._is_settled(self.replacement):
                await self._replace(self.replacement)
            self.check()
            await wait_or_stop(stop, asyncio.sleep(self.settings.check_interval))

    @property
    def _last_record_at(self) -> datetime | None:
        if self.reader.newest_ms:
            return datetime.fromtimestamp(self.reader.newest_ms / 1000, UTC)
        return self._restored.last_record_at if self._restored else None

    @property
    def _complete_at_text(self) -> str:
        return format_instant(datetime.fromtimestamp(self.complete_at or 0, UTC))

    def _apply(self, records: Sequence[Record]) -> None:
        self._last_record_seen = time.monotonic()
        try:
            self._applier.apply(records)
        except Exception:
            if len(records) == 1:  # it is skipped, and that too must be remembered
                self._journal_records(records)
            raise
        self._journal_records(records)

    def _journal_records(self, records: Sequence[Record]) -> None:
        if self._journal and self.replacement is None:
            self._journal.add(records)

    def _can_open(self) -> bool:
        if self._restored is None:
            return self.reader.caught_up.is_set()
        waited = time.monotonic() - self._started >= self.settings.open_after
        return self.reader.caught_up.is_set() or self.reader.is_unavailable or self.replacement is not None or waited

    def _begin_replacement(self) -> None:
        """Read the replaced log into a second programme while the present one is shown."""
        self.is_open()
        if self._journal:
            self._journal.end()  # its positions mean nothing on another log
        if self._restored is None and not self._opened:
            self.programme.replace_with(Programme())  # half of it was read, and nobody saw it
            return
        self.replacement, self._whole_since = Programme(), None
        self._applier = ProgrammeReader(self.replacement, lambda _: None)
        self.check()

    def _describe_replacement(self, replacement: Programme) -> str:
        said = f"the event log was replaced, and {len(replacement)} events of it are read so far"
        if not self._lacks_most(replacement):
            return said
        missing = replacement.count_missing(self.programme)
        return (
            f"{said}; {missing} of the {len(self.programme)} events shown are not in it: "
            "`kalendarium rebuild` writes the log anew from the databases; if they are to go, stop distribution, "
            "say `kalendarium rebuild distribution` there and start it again"
        )

    def _is_settled(self, replacement: Programme) -> bool:
        """Whether the replacement is complete and nobody seems to be filling it any more."""
        # A steady stream of changes delays it, but not without limit.
        if not self.reader.caught_up.is_set():
            return False
        now = time.monotonic()
        self._whole_since = now if self._whole_since is None else self._whole_since
        quiet = now - self._last_record_seen >= self.settings.settle_after
        filled = quiet or now - self._whole_since >= self.settings.settle_at_latest_after
        return filled and not self._lacks_most(replacement)

    def _lacks_most(self, replacement: Programme) -> bool:
        """Whether more than half of the events shown are unknown to it: a new log first holds only recent messages."""
        return 2 * replacement.count_missing(self.programme) > len(self.programme)

    async def _replace(self, replacement: Programme) -> None:
        changed = self.programme.replace_with(replacement)
        self.replacement = None
        self._applier = ProgrammeReader(self.programme, self._feeds.invalidate)
        log.warning("programme_replaced", events=len(self.programme), changed=len(changed))
        for start in range(0, len(changed), INVALIDATION_BATCH):
            self._feeds.invalidate(changed[start : start + INVALIDATION_BATCH])
            await asyncio.sleep(0)  # requests come between slices
