"""The clock, and instants as messages and documents write them: RFC 3339 in UTC."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

Clock = Callable[[], datetime]
"""Returns the present instant; an application is made with one, so that a test can say what time it is."""


def utc_now() -> datetime:
    return datetime.now(UTC)


def write_instant(instant: datetime, *, timespec: Literal["seconds", "milliseconds"] = "milliseconds") -> str:
    return instant.astimezone(UTC).isoformat(timespec=timespec).removesuffix("+00:00") + "Z"


def utc_timestamp() -> str:
    return write_instant(utc_now())
