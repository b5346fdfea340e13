"""Mails and the site that sends them, as tests need them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from shared.clock import utc_now
from shared.database.client import Database
from shared.mail.model import Mail, Recipient
from shared.mail.outbox import MailOutbox
from shared.mail.rendering import MailSite

SITE: Final = MailSite(
    publishers={"pl": "Wydawca", "en": "Publisher", "de": "Herausgeber"},
    sender="no-reply@kalendarium.example",
    home="https://kalendarium.example",
    ingest_url="https://kalendarium.example",
    message_domain="kalendarium.example",
    time_zone=ZoneInfo("Europe/Warsaw"),
)
ANNA: Final = Recipient("0190", "anna@lot.example", "Anna Żak", "pl")
_URL: Final = f"https://kalendarium.example/ingest/{'t' * 120}"
_ITEMS: Final = [
    {
        "title": f"Rejs {number}",
        "dates": "14 sierpnia 2027",
        "provisional": True,
        "url": f"{_URL}/{number}",
        "organisation": "LOT",
        "days": number,
        "overdue": True,
        "kind": "accepted",
        "reason": "",
        "text": f"Zobacz: {_URL}",
    }
    for number in range(3)
]
CONTEXTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "decision": {"kind": "accepted", "title": "Rejs", "reason": "", "text": _URL, "url": _URL, "profile": _URL},
    "digest": {"items": _ITEMS, "more": 2, "rhythm": "daily", "profile": _URL, "url": _URL},
    "invitation": {"link": _URL, "organisation": "LOT", "role": "edycja", "inviter": "Ewa Lis"},
    "morning": {"waiting": 5, "overdue": 1, "unanswered": 2, "items": _ITEMS, "more": 2, "url": _URL},
    "password_changed": {"link": _URL},
    "password_link": {"link": _URL},
    "remark": {"title": "Rejs", "remarks": [_URL], "url": _URL, "profile": _URL},
    "reminder": {
        "year": 2027,
        "organisations": [{"name": "LOT", "drafts": 1, "sent": 0, "changes": 0, "not_renewed": 2}],
        "text": _URL,
        "deadline": "2026-12-15",
        "days_left": 3,
        "url": _URL,
        "last_year_url": f"{_URL}/2026",
    },
    "request": {"text": _URL, "until": "2026-12-15", "county": "gryficki", "month": "listopad", "url": _URL},
    "lapsing_pictures": {"items": _ITEMS, "more": 2, "last_day": "2026-12-31", "url": _URL},
    "still_right": {"items": _ITEMS, "url": _URL},
    "test": {},
    "uncertain_dates": {
        "items": _ITEMS,
        "more": 2,
        "year": 2027,
        "last_day": "2026-12-15",
        "curator": "Ewa Lis",
        "url": _URL,
    },
}
"""Of each template, with addresses that are too long for a line."""


def make_mail(key: str = "test/1", to: Recipient = ANNA, **changes: Any) -> Mail:  # noqa: ANN401 - a mail's fields
    return Mail(**{"key": key, "template": "test", "to": to, "context": {}, **changes})


def make_outbox(database: Database, *, now: Callable[[], datetime] = utc_now) -> MailOutbox:
    async def get_secret() -> bytes:
        return b"x" * 32

    return MailOutbox(database, SITE, get_secret=get_secret, now=now)
