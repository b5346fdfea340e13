"""Last-Modified dates that never cause a false 304. Pure.

HTTP dates have whole seconds. Two versions can be made within one second, and replicas make the same version at
different times, so a date may name a version only once no replica can still make another one in that second. Until then
a response carries an older date, which costs one more download.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from math import floor
from typing import Final, NamedTuple

LAG: Final = 1
"""Seconds by which replicas may differ: one makes a version, another the same one later, by its own clock."""
MAX_LENGTH: Final = 64
"""Bytes of a date in a header, in any of its three forms (RFC 9110 section 5.6.7)."""


class LastModified(NamedTuple):
    """``made`` is the end of the second in which a version was made, ``sent`` the date in its responses; since 1970."""

    made: int
    sent: int

    @property
    def is_settled(self) -> bool:
        """Whether responses carry the date that names this version."""
        return self.sent == self.made

    @property
    def settles_at(self) -> int:
        """From when they may, in seconds since 1970."""
        return self.made + LAG

    def is_held(self, since: float) -> bool:
        """Whether a client that sends this date has the version."""
        return since >= self.made


def date_version(now: float, before: LastModified | None = None) -> LastModified:
    """Date a new version that replaces ``before``."""
    # A date sent for another version never matches it, even if the clock was set back. Sent dates never fall and never
    # lie in the future.
    if before is None:
        made = floor(now) + 1
        return LastModified(made, made - 1 - LAG)
    made = max(floor(now) + 1, before.made + before.is_settled)
    return LastModified(made, min(max(before.sent, made - 1 - LAG), floor(now)))


def settle_version(version: LastModified, now: float) -> LastModified:
    """Let a version carry its own date as soon as that is allowed."""
    return LastModified(version.made, version.made) if now >= version.settles_at else version


@lru_cache(maxsize=64)
def format_date(seconds: int) -> bytes:
    return format_datetime(datetime.fromtimestamp(seconds, UTC), usegmt=True).encode()


def parse_date(date: bytes) -> float | None:
    """In seconds since 1970; None if it is invalid."""
    return _parse_date(date) if len(date) <= MAX_LENGTH else None


@lru_cache(maxsize=512)
def _parse_date(date: bytes) -> float | None:
    try:
        found = parsedate_to_datetime(date.decode("ascii"))
        return found.replace(tzinfo=found.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError):  # no date, or none that a computer knows
        return None
