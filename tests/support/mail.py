"""Mails and the site that sends them, as tests need them."""

from __future__ import annotations

from collections.abc import Callable
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


def make_mail(key: str = "test/1", to: Recipient = ANNA, **changes: Any) -> Mail:  # noqa: ANN401 - a mail's fields
    return Mail(**{"key": key, "template": "test", "to": to, "context": {}, **changes})


def make_outbox(database: Database, *, now: Callable[[], datetime] = utc_now) -> MailOutbox:
    async def get_secret() -> bytes:
        return b"x" * 32

    return MailOutbox(database, SITE, get_secret=get_secret, now=now)
