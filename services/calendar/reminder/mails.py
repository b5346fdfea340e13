"""The mail of a reminder, in the language of who gets it. Pure."""

from __future__ import annotations

from typing import Any

from services.calendar.board.model import Standing
from services.calendar.reminder.model import LIST, Addressee, make_key
from shared.mail.model import Mail, Recipient


def make_mail(
    addressee: Addressee,
    *,
    reminder_id: str,
    year: int,
    text: str,
    deadline: str,
    days_left: int | None,
    ingest_url: str,
    default: str,
) -> Mail:
    """``deadline`` is the last day, or "" without a call that is open; ``default`` the language of who chose none."""
    person = addressee.person
    context = {
        "year": year,
        "organisations": [_describe(each) for each in addressee.standings],
        "text": text,
        "deadline": deadline,
        "days_left": days_left,
        "url": f"{ingest_url}/ingest/",
        "last_year_url": f"{ingest_url}/ingest/rollover/{year}",
    }
    to = Recipient(person.id, person.email, person.name, person.language or default)
    return Mail(make_key(reminder_id, person.id), "reminder", to, context, list=LIST)


def _describe(standing: Standing) -> dict[str, Any]:
    return {
        "name": standing.organisation.name,
        "drafts": standing.drafts,
        "sent": standing.sent,
        "changes": standing.entries.changes,
        "not_renewed": standing.not_renewed,
    }
