"""A folder that a server can write to, or one clear line why not."""

from __future__ import annotations

import errno
import shutil
import tempfile
from pathlib import Path

from deploy.local.cannot_start import CannotStart, DiskFull, NotWritable

MEGABYTE = 1_000_000


def writable_folder(folder: Path, *, needs_mb: int = 0) -> Path:
    """``folder``, made if missing and tried by writing a file.

    Raises:
        DiskFull: less than ``needs_mb`` megabytes are free there, or not even a small file fits.
        NotWritable: it cannot be made or written, for another reason.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"room for a page\n" * 256)
    except OSError as error:
        raise _cause(folder, error) from error
    if shutil.disk_usage(folder).free < needs_mb * MEGABYTE:
        raise DiskFull(folder, f"{needs_mb} MB of")
    return folder


def _cause(folder: Path, error: OSError) -> CannotStart:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DiskFull(folder)
    return NotWritable(folder, error.strerror or str(error))
