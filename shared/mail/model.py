"""Mails as they are queued, stored and sent. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

from shared.i18n.text import Text, _
from shared.plain_text import strip_unshowable

MAIL_KIND: Final = "mail"
"""Of the jobs."""
MAX_KEY_LENGTH: Final = 200
MAX_SUBJECT_LENGTH: Final = 200
MAX_NAME_LENGTH: Final = 100
MAX_TEXT_LENGTH: Final = 100_000
MAX_RESPONSE_LENGTH: Final = 300

LISTS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "digest": _("summaries of decisions and remarks"),
        "reminders": _("reminders of the call for events"),
        "queue": _("the curators' morning list"),
        "confirmations": _("questions whether dates are still right"),
    }
)
"""What one can stop receiving, by the name in ``Mail.list``."""

ANSWERED: Final = frozenset(
    {
        "decision",
        "digest",
        "lapsing_pictures",
        "remark",
        "reminder",
        "request",
        "still_right",
        "uncertain_dates",
    }
)
"""Templates of mails to organisations about their events: who answers one writes to the curating organisation."""

Outcome = Literal["sent", "refused", "unsubscribed"]
MailState = Literal["waiting", "sent", "refused", "unsubscribed", "failed"]
"""``refused`` by the server of the recipient, ``failed`` for another reason; both are not tried again by themselves."""

_LIST: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True)
class Recipient:
    account_id: str | None
    email: str
    name: str
    language: str


@dataclass(frozen=True, slots=True)
class Mail:
    """``context`` is JSON, its links absolute; ``list`` names what one can leave (:data:`LISTS`)."""

    # ``key`` makes it one mail, however often it is queued; it holds no address. ``secret``: its links let somebody in,
    # so that nobody else sees them, and they are removed once it is sent.

    key: str
    template: str
    to: Recipient
    context: Mapping[str, Any]
    list: str | None = None
    secret: bool = False
    reply_to: str = ""

    def __post_init__(self) -> None:
        if not 0 < len(self.key) <= MAX_KEY_LENGTH:
            raise ValueError(f"a key of a mail has 1 to {MAX_KEY_LENGTH} characters")
        if self.list is not None and not _LIST.fullmatch(self.list):
            raise ValueError(f"{self.list!r} is no name of a list")


@dataclass(frozen=True, slots=True)
class RenderedMail:
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMail:
    """A mail as a job's payload; ``queued_at`` becomes its Date (RFC 3339)."""

    # In text and HTML of a secret mail a mark stands for each of ``links``, which are removed once it is sent.

    template: str
    to: Recipient
    sender_name: str
    subject: str
    text: str
    html: str
    queued_at: str
    list: str = ""
    unsubscribe_url: str = ""
    secret: bool = False
    links: tuple[str, ...] = ()
    reply_to: str = ""
    outcome: Outcome | None = None
    settled_at: str = ""
    response: str = ""

    def to_payload(self) -> dict[str, Any]:
        fields = {name: getattr(self, name) for name in StoredMail.__slots__}
        to = {name: getattr(self.to, name) for name in Recipient.__slots__}
        return fields | {"to": to, "links": [*self.links]}


def parse_stored_mail(payload: Mapping[str, Any]) -> StoredMail:
    known = {name: value for name, value in payload.items() if name in StoredMail.__slots__}
    to = {name: payload["to"].get(name) for name in Recipient.__slots__}
    return StoredMail(**known | {"to": Recipient(**to), "links": tuple(payload.get("links", ()))})


def clean_header(text: str, limit: int) -> str:
    """One line without anything that is not shown: what a header can carry."""
    shown = "".join(" " if unicodedata.category(each)[0] in "CZ" else each for each in strip_unshowable(text))
    line = " ".join(shown.split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"
