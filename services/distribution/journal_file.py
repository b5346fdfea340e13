"""Keeps the journal beside the snapshot: a file from each snapshot to the next, written as records are taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

import structlog

from services.distribution.journal import Journal, pack_beginning, pack_records, unpack
from services.distribution.snapshot import Identity
from shared.eventlog.port import Record

PATTERN: Final = "programme.*.journal"
MOST_BYTES: Final = 64_000_000
"""Larger than what a minute brings; a journal that grows beyond it belongs to a snapshot that cannot be written."""
log = structlog.get_logger(__name__)


class JournalFile:
    """The journals in the data folder, and the one that is being written, if one is.

    Writing is not flushed to the disk: it outlives the process, not the machine. What goes wrong ends the journal until
    the next snapshot begins another, and is told; nobody is disturbed by it.
    """

    def __init__(self, folder: Path, identity: Identity) -> None:
        self.failure: str | None = None
        """Why records are not written down; None while they are, or need not be."""
        self._folder = folder
        self._identity = identity
        self._file: IO[bytes] | None = None
        self._number = max(self._numbers(), default=0)
        self._bytes = 0

    def read(self) -> list[Journal]:
        """Give all that are ours, oldest first."""
        found = []
        for number in sorted(self._numbers()):
            with suppress(OSError):
                journal = unpack(self._path(number).read_bytes(), self._identity)
                found += [journal] if journal else []
        return found

    def begin(self, positions: Mapping[int, int]) -> int:
        """Begin a journal where reading stands now, and end the one before; gives its number."""
        self.end()
        self.failure = None
        self._bytes = 0
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = self._next()
        except OSError as error:
            self._fail(f"{type(error).__name__}: {error}")
        else:
            self._write(pack_beginning(self._identity, positions))
        return self._number

    def add(self, records: Sequence[Record]) -> None:
        """Write records down that were just taken, before anybody can be shown them."""
        if self._file is not None:
            self._write(pack_records(records))

    def end(self) -> None:
        """Write no more until another begins."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
        self._file = None

    def remove_before(self, number: int) -> None:
        """Delete those that a snapshot has made needless."""
        for older in self._numbers():
            if older < number:
                with suppress(OSError):
                    self._path(older).unlink(missing_ok=True)

    def _next(self) -> IO[bytes]:
        """Open a file that nobody has: on a shared folder the process before may still be ending."""
        while True:
            self._number += 1
            with suppress(FileExistsError):
                return self._path(self._number).open("xb", buffering=0)

    def _write(self, data: bytes) -> None:
        if self._file is None:
            return
        try:
            written = self._file.write(data)
        except OSError as error:
            self._fail(f"{type(error).__name__}: {error}")
            return
        self._bytes += len(data)
        if written != len(data):
            self._fail(f"{written} of {len(data)} bytes were written")
        elif self._bytes > MOST_BYTES:
            self._fail(f"it has more than {MOST_BYTES:,} bytes, and no snapshot follows")

    def _fail(self, reason: str) -> None:
        self.failure = reason
        log.warning("journal_not_written", folder=str(self._folder), reason=reason)
        self.end()

    def _numbers(self) -> list[int]:
        names = (path.name.split(".")[1] for path in self._folder.glob(PATTERN))
        return [int(each) for each in names if each.isdecimal()]

    def _path(self, number: int) -> Path:
        return self._folder / f"programme.{number}.journal"
