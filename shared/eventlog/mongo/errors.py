"""Error translation: MongoDB's errors as those of the port."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from shared.database.client import PyMongoError, is_unavailable
from shared.eventlog.port import LogUnavailable


@contextmanager
def translate_errors() -> Iterator[None]:
    # The database client has a deadline for every call.
    try:
        yield
    except PyMongoError as error:
        if is_unavailable(error):
            raise LogUnavailable(f"{type(error).__name__}: {error}") from error
        raise
