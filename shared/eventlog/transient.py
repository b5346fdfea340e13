"""Transient errors: an outage of log, database, network or disk, which passes; a bug does not."""

from __future__ import annotations

import errno

from shared.database.client import is_unavailable
from shared.database.versioned import Contended
from shared.eventlog.port import LogUnavailable

DISK_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS})


def is_transient(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno in DISK_ERRORS:
        return True
    return isinstance(error, LogUnavailable | ConnectionError | TimeoutError | Contended) or is_unavailable(error)
