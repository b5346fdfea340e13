"""Mails and the site that sends them, as tests need them."""

from __future__ import annotations

from typing import Any, Final
from zoneinfo import ZoneInfo

from shared.mail.model import Mail, Recipient
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
