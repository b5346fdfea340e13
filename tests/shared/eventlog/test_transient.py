from __future__ import annotations

import errno

import pytest

from shared.database.client import BulkWriteError, ConnectionFailure, DuplicateKeyError, ExecutionTimeout
from shared.eventlog.port import LogUnavailable, RecordRefused
from shared.eventlog.transient import is_transient

PASSES = [
    LogUnavailable("no answer"),
    ConnectionFailure("no server"),
    ExecutionTimeout("too slow"),
    ConnectionRefusedError(),
    TimeoutError(),
    OSError(errno.ENOSPC, "the disk is full"),
]
STAYS = [
    ValueError("a bug"),
    RecordRefused("too large"),
    DuplicateKeyError("there already"),
    BulkWriteError({"writeErrors": []}),
    FileNotFoundError(errno.ENOENT, "no such file"),
]


@pytest.mark.parametrize("error", PASSES, ids=repr)
def test_an_outage_is_transient(error: Exception) -> None:
    assert is_transient(error)


@pytest.mark.parametrize("error", STAYS, ids=repr)
def test_what_repeating_does_not_mend_is_not(error: Exception) -> None:
    assert not is_transient(error)
