"""Checks of data folders: writable, with enough free space."""

from __future__ import annotations

import errno
import shutil
import tempfile
from pathlib import Path

from deploy.local.errors import DiskFull, NotWritable, StartError

MEGABYTE = 1_000_000


def ensure_writable_folder(folder: Path, *, needs_mb: int = 0) -> Path:
    """Create it if missing and write a temporary file. Raises DiskFull, NotWritable."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"room for a page\n" * 256)
    except OSError as error:
        raise _explain(folder, error) from error
    if shutil.disk_usage(folder).free < needs_mb * MEGABYTE:
        raise DiskFull(folder, f"{needs_mb} MB of")
    return folder


def _explain(folder: Path, error: OSError) -> StartError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DiskFull(folder)
    return NotWritable(folder, error.strerror or str(error))
