"""An event that begins at an hour and ends on a later day, at an hour that is not known. Pure."""

from __future__ import annotations

from datetime import date, timedelta


def lacks_end_hour(start: str, end: str) -> bool:
    """Whether ``start`` is a time and ``end`` a day; equal times say instead that not even the last day is known."""
    return "T" in start and "T" not in end


def count_days(start: str, end: str) -> timedelta:
    return date.fromisoformat(end[:10]) - date.fromisoformat(start[:10])
