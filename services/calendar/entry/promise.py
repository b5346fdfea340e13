"""The promised answer time: by when an organisation is told what became of what it sent. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from services.calendar.entry.model import Entry

AnswerDays = Mapping[int, int]
"""Days in which an answer is promised, by the year of the event; a year without a call promises nothing."""


def is_overdue(entry: Entry, answer_days: AnswerDays, now: datetime) -> bool:
    """Whether a version has waited for longer than was promised."""
    days = answer_days.get(int(entry.event.dates.start[:4]))
    if days is None or not entry.waiting:
        return False
    return now - datetime.fromisoformat(entry.sent_at) > timedelta(days=days)
