"""What the pages of the outbox show of a mail: its links never, if they let somebody in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, get_args
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from shared.clock import write_instant
from shared.event.date_phrases import format_local_time
from shared.i18n.text import Text, _, p_, translate
from shared.mail.links import restore_links
from shared.mail.model import LISTS, MailState, RenderedMail, StoredMail
from shared.mail.repository import OutboxItem
from shared.web.pages.parts import Fact

HOME: Final = "/ingest/administration/mail"
STATES: Final[Mapping[MailState, Text]] = {
    "waiting": p_("mail", "Waiting"),
    "sent": p_("mail", "Sent"),
    "refused": p_("mail", "Refused"),
    "unsubscribed": p_("mail", "Unsubscribed"),
    "failed": p_("mail", "Failed"),
}
KNOWN_STATES: Final[Mapping[str, MailState]] = {each: each for each in get_args(MailState)}
_TAGS: Final[Mapping[MailState, str]] = {
    "waiting": "waiting",
    "sent": "accepted",
    "refused": "rejected",
    "unsubscribed": "withdrawn",
    "failed": "rejected",
}


@dataclass(frozen=True, slots=True)
class MailRow:
    """``tag`` is the kind of ``tag.html`` whose look the state has."""

    url: str
    subject: str
    to: str
    state: Text
    tag: str
    queued: str


@dataclass(frozen=True, slots=True)
class MailView:
    """A mail as it was sent, or would be: ``text`` by paragraphs, in ``lang`` where it is not the page's language."""

    row: MailRow
    facts: Sequence[Fact]
    text: Sequence[str]
    lang: str
    can_resend: bool
    refused: bool


def make_row(item: OutboxItem, language: str, zone: ZoneInfo) -> MailRow:
    return MailRow(
        url=f"{HOME}/{item.job.id}",
        subject=show_mail(item.mail).subject,
        to=item.mail.to.email,
        state=STATES[item.state],
        tag=_TAGS[item.state],
        queued=format_local_time(item.mail.queued_at, language, zone),
    )


def make_view(item: OutboxItem, message_id: str, language: str, zone: ZoneInfo) -> MailView:
    mail = item.mail
    return MailView(
        row=make_row(item, language, zone),
        facts=_list_facts(item, message_id, language, zone),
        text=show_mail(mail).text.strip().split("\n\n"),
        lang="" if mail.to.language == language else mail.to.language,
        can_resend=item.can_resend,
        refused=item.state == "refused",
    )


def show_mail(mail: StoredMail) -> RenderedMail:
    """With its links, but for a secret mail."""
    return restore_links(RenderedMail(mail.subject, mail.text, mail.html), ())


def _list_facts(item: OutboxItem, message_id: str, language: str, zone: ZoneInfo) -> list[Fact]:
    mail = item.mail
    to = f"{mail.to.name} <{mail.to.email}>" if mail.to.name else mail.to.email
    lines = [
        (p_("mail", "To"), to),
        (_("Reply to"), mail.reply_to),
        (_("List"), translate(LISTS[mail.list], language) if mail.list in LISTS else mail.list),
        (_("Put into the outbox"), format_local_time(mail.queued_at, language, zone)),
        (_("Sent"), _format(mail.settled_at, language, zone) if item.state == "sent" else ""),
        (_("Next attempt"), _format_next_attempt(item, language, zone)),
        (_("What the mail server answered"), mail.response),
        (_("Last failure"), (item.job.error or "") if item.state in {"waiting", "failed"} else ""),
        ("Message-ID", message_id),
    ]
    return [Fact(label, [line]) for label, line in lines if line]


def _format(instant: str, language: str, zone: ZoneInfo) -> str:
    return format_local_time(instant, language, zone) if instant else ""


def _format_next_attempt(item: OutboxItem, language: str, zone: ZoneInfo) -> str:
    if item.state != "waiting" or item.job.claimable_at is None:
        return ""
    return format_local_time(write_instant(item.job.claimable_at), language, zone)


def build_address(state: MailState | None, email: str, page: int = 1) -> str:
    asked = {"state": state or "", "to": email, "page": str(page) if page > 1 else ""}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{HOME}?{query}" if query else HOME
