"""Makes the message that is sent of a stored mail (RFC 5322): the same bytes each time. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from shared.email_address import encode_address
from shared.mail.header import Header, encode_mailbox, encode_text
from shared.mail.links import restore_links
from shared.mail.model import MAX_NAME_LENGTH, MAX_SUBJECT_LENGTH, RenderedMail, StoredMail, clean_header
from shared.mail.rendering import MailSite, choose_mail_language

ENCODING: Final = "quoted-printable"


def build_message_id(job_id: str, site: MailSite) -> str:
    return f"<{job_id}@{site.message_domain}>"


def build_message(job_id: str, mail: StoredMail, site: MailSite) -> bytes:
    """Raises AddressInvalid."""
    # Message-ID, Date and boundary are the mail's own: a repetition after a crash is the same mail to every server and
    # mail program.
    content = restore_links(RenderedMail(mail.subject, mail.text, mail.html), mail.links)
    message = EmailMessage(policy=SMTP)
    for name, value in _list_headers(job_id, mail, content.subject, site):
        message[name] = Header(name, value)
    message.set_content(content.text, cte=ENCODING)
    message.add_alternative(content.html, subtype="html", cte=ENCODING)
    message.set_boundary(f"=_{job_id}")
    # Not before the parts, which take it over.
    message["Content-Language"] = Header("Content-Language", choose_mail_language(mail.to.language))
    return message.as_bytes()


def _list_headers(job_id: str, mail: StoredMail, subject: str, site: MailSite) -> Iterator[tuple[str, str]]:
    """Names and values as they are sent."""
    yield "From", _write_mailbox(mail.sender_name, site.sender)
    yield "To", _write_mailbox(mail.to.name, mail.to.email)
    if mail.reply_to:
        yield "Reply-To", _write_mailbox("", mail.reply_to)
    yield "Subject", encode_text(clean_header(subject, MAX_SUBJECT_LENGTH))
    yield "Date", format_datetime(datetime.fromisoformat(mail.queued_at))
    yield "Message-ID", build_message_id(job_id, site)
    yield "Auto-Submitted", "auto-generated"
    if mail.unsubscribe_url:
        yield "List-Unsubscribe", f"<{mail.unsubscribe_url}>"
        yield "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"


def _write_mailbox(name: str, email: str) -> str:
    return encode_mailbox(clean_header(name, MAX_NAME_LENGTH), encode_address(email))
