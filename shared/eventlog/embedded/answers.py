"""What MongoDB answers, told as facts of the port."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from shared.database import PyMongoError, is_away
from shared.eventlog.port import LogAway


@contextmanager
def as_facts() -> Iterator[None]:
    """Tell that the database is away as :class:`LogAway`; its own deadline is every call's."""
    try:
        yield
    except PyMongoError as error:
        if is_away(error):
            raise LogAway(f"{type(error).__name__}: {error}") from error
        raise
