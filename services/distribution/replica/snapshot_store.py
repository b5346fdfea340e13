"""Stores the snapshot in a folder; at any moment the old or the new one is complete."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from services.distribution.replica.snapshot import Identity, InvalidSnapshot, Snapshot, unpack

NAME: Final = "programme.snapshot"
LEFTOVER_SECONDS: Final = 600
"""A part that is older than this was left by a process that died while writing it."""


class SnapshotStore:
    """One file. All calls block: use a thread while requests are served."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME

    def read(self, identity: Identity) -> Snapshot | None:
        """Raises InvalidSnapshot: it cannot be read, is damaged or foreign."""
        try:
            return unpack(self.path.read_bytes(), identity)
        except FileNotFoundError:
            return None
        except (OSError, MemoryError) as error:
            raise InvalidSnapshot(f"it cannot be read: {type(error).__name__}: {error}") from error

    def write(self, pieces: Iterable[bytes]) -> int:
        """Replace the snapshot; returns its size in bytes.

        Raises:
            OSError: it cannot be written; the last one stays.

        """
        # It is written to a temporary file, flushed and renamed, and the folder is flushed too: after a crash one of
        # the two is complete.
        folder = self.path.parent
        folder.mkdir(parents=True, exist_ok=True)
        self._remove_leftovers()
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
        _sync_folder(folder)
        return written

    def _remove_leftovers(self) -> None:
        for part in self.path.parent.glob(f"{NAME}.*.part"):
            with suppress(OSError):
                if time.time() - part.stat().st_mtime > LEFTOVER_SECONDS:
                    part.unlink()


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
