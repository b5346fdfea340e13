"""Keeps the snapshot of the programme in a folder: the old one or the new one is there at any moment, never a part."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from services.distribution.snapshot import Identity, Snapshot, SnapshotRefused, unpack

NAME: Final = "programme.snapshot"
LEFT_OVER_SECONDS: Final = 600
"""A part that is older than this was left by a process that died while writing it."""


class SnapshotFile:
    """One file in the data folder. All calls block: they belong into a thread once requests are served."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME

    def read(self, identity: Identity) -> Snapshot | None:
        """Give what was kept last; None if nothing was.

        Raises:
            SnapshotRefused: if it cannot be read or believed, or is foreign.

        """
        try:
            return unpack(self.path.read_bytes(), identity)
        except FileNotFoundError:
            return None
        except (OSError, MemoryError) as error:
            raise SnapshotRefused(f"it cannot be read: {type(error).__name__}: {error}") from error

    def write(self, pieces: Iterable[bytes]) -> int:
        """Put a snapshot in the place of the last one; how many bytes it has.

        It is written beside it, flushed to the disk and renamed, and so is the folder: whatever happens meanwhile, what
        is found afterwards is whole.

        Raises:
            OSError: if it cannot be written: a full disk, a folder that may not be written to. The last one stays.

        """
        folder = self.path.parent
        folder.mkdir(parents=True, exist_ok=True)
        self._remove_left_overs()
        number, name = tempfile.mkstemp(prefix=f"{NAME}.", suffix=".part", dir=folder)
        try:
            with os.fdopen(number, "wb") as part:
                for piece in pieces:
                    part.write(piece)
                part.flush()
                os.fsync(part.fileno())
                written = part.tell()
            Path(name).replace(self.path)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink(missing_ok=True)
            raise
        _flush(folder)
        return written

    def _remove_left_overs(self) -> None:
        for part in self.path.parent.glob(f"{NAME}.*.part"):
            with suppress(OSError):
                if time.time() - part.stat().st_mtime > LEFT_OVER_SECONDS:
                    part.unlink()


def _flush(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
