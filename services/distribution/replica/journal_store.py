"""Stores journals next to the snapshot: a file from each snapshot to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

import structlog

from services.distribution.replica.journal import Journal, pack_header, pack_records, unpack
from services.distribution.replica.snapshot import Identity
from shared.eventlog.port import Record

PATTERN: Final = "programme.*.journal"
MAX_BYTES: Final = 64_000_000
"""Larger than what a minute brings; a journal that grows beyond it belongs to a snapshot that cannot be written."""
log = structlog.get_logger(__name__)


class JournalStore:
    """Writes are not flushed to the disk: they outlive the process, not the machine."""

    # An error ends the journal until the next snapshot, and is reported; requests are not affected.

    def __init__(self, folder: Path, identity: Identity) -> None:
        self.failure: str | None = None
        """Why records are not written down; None while they are, or need not be."""
        self._folder = folder
        self._identity = identity
        self._file: IO[bytes] | None = None
        self._number = max(self._list_numbers(), default=0)
        self._bytes = 0

    def read(self) -> list[Journal]:
        """Read all journals of this installation, oldest first."""
        found = []
        for number in sorted(self._list_numbers()):
            with suppress(OSError):
                journal = unpack(self._build_path(number).read_bytes(), self._identity)
                found += [journal] if journal else []
        return found

    def begin(self, positions: Mapping[int, int]) -> int:
        """End the present journal and begin another at these positions; returns its number."""
        self.end()
        self.failure = None
        self._bytes = 0
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = self._create_next()
        except OSError as error:
            self._stop(f"{type(error).__name__}: {error}")
        else:
            self._write(pack_header(self._identity, positions))
        return self._number

    def add(self, records: Sequence[Record]) -> None:
        """Write records before anything made from them is shown."""
        if self._file is not None:
            self._write(pack_records(records))

    def end(self) -> None:
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
        self._file = None

    def remove_before(self, number: int) -> None:
        for older in self._list_numbers():
            if older < number:
                with suppress(OSError):
                    self._build_path(older).unlink(missing_ok=True)

    def _create_next(self) -> IO[bytes]:
        """On a shared folder the previous process may still be running, so the number must be new."""
        while True:
            self._number += 1
            with suppress(FileExistsError):
                return self._build_path(self._number).open("xb", buffering=0)

    def _write(self, data: bytes) -> None:
        if self._file is None:
            return
        try:
            written = self._file.write(data)
        except OSError as error:
            self._stop(f"{type(error).__name__}: {error}")
            return
        self._bytes += len(data)
        if written != len(data):
            self._stop(f"{written} of {len(data)} bytes were written")
        elif self._bytes > MAX_BYTES:
            self._stop(f"it has more than {MAX_BYTES:,} bytes, and no snapshot follows")

    def _stop(self, reason: str) -> None:
        self.failure = reason
        log.warning("journal_not_written", folder=str(self._folder), reason=reason)
        self.end()

    def _list_numbers(self) -> list[int]:
        names = (path.name.split(".")[1] for path in self._folder.glob(PATTERN))
        return [int(each) for each in names if each.isdecimal()]

    def _build_path(self, number: int) -> Path:
        return self._folder / f"programme.{number}.journal"
