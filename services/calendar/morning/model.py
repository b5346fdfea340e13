"""The morning list of a curator: what waits within their limits. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

from services.calendar.entry.model import Entry
from services.calendar.entry.promise import AnswerDays, is_overdue
from shared.accounts.model import CURATORS, Person
from shared.event.limits import Limits
from shared.mail.model import Mail, Recipient

MORNING: Final = time(6, 30)
MOST: Final = 15
"""Entries named in a mail; the others are counted."""
_MONDAY, _SATURDAY = 0, 5


@dataclass(frozen=True, slots=True)
class CuratorBacklog:
    """What waits within the limits of a curator; ``longest`` are those that wait longest."""

    waiting: int
    unanswered: int
    longest: Sequence[Entry]

    @property
    def is_empty(self) -> bool:
        return not (self.waiting or self.unanswered)


def wants_list(person: Person, day: date) -> bool:
    """On working days; who chose weekly mails gets it on Mondays."""
    if person.disabled or day.weekday() >= _SATURDAY:
        return False
    return person.digest != "weekly" or day.weekday() == _MONDAY


def list_limits(person: Person) -> frozenset[Limits]:
    """List the limits of each membership by which the person decides."""
    curating = (each for each in person.memberships if each.role in CURATORS)
    return frozenset(Limits(each.counties, each.categories) for each in curating)


def make_mail(
    person: Person,
    backlog: CuratorBacklog,
    *,
    day: date,
    now: datetime,
    answer_days: AnswerDays,
    default: str,
    url: str,
) -> Mail:
    items = [_describe(each, now, answer_days) for each in backlog.longest[:MOST]]
    context = {
        "waiting": backlog.waiting,
        "unanswered": backlog.unanswered,
        "overdue": sum(is_overdue(each, answer_days, now) for each in backlog.longest),
        "items": items,
        "more": max(0, backlog.waiting - len(items)),
        "url": url,
    }
    to = Recipient(person.id, person.email, person.name, person.language or default)
    return Mail(f"morning:{day.isoformat()}:{person.id}", "morning", to, context, list="queue")


def _describe(entry: Entry, now: datetime, answer_days: AnswerDays) -> dict[str, Any]:
    return {
        "title": entry.event.title["pl"],
        "organisation": entry.organiser.name,
        "days": (now - datetime.fromisoformat(entry.sent_at)).days,
        "overdue": is_overdue(entry, answer_days, now),
    }
