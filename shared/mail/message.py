"""Makes the message that is sent of a stored mail (RFC 5322): the same bytes each time. Pure."""

from __future__ import annotations

from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Final

from shared.mail.links import restore_links
from shared.mail.model import (
    MAX_NAME_LENGTH,
    MAX_SUBJECT_LENGTH,
    RenderedMail,
    StoredMail,
    clean_header,
    encode_address,
)
from shared.mail.rendering import MailSite, choose_mail_language

ENCODING: Final = "quoted-printable"


class _SpacesKept(EmailPolicy):
    """Folds texts that are not ASCII without losing or doubling a space, as Python's newer code does."""

    def fold_binary(self, name: str, value: str) -> bytes:
        """Write a header with its name."""
        if value.isascii():
            return super().fold_binary(name, value)
        end = self.linesep
        words = [
            f"{_encode(name, each.display_name, end)}{end} <{each.addr_spec}>"
            for each in getattr(value, "addresses", ())
        ]
        return f"{name}: {f',{end} '.join(words) or _encode(name, value, end)}{end}".encode("ascii")


def _encode(name: str, text: str, end: str) -> str:
    return Header(text, "utf-8", header_name=name).encode(linesep=end)


POLICY: Final = _SpacesKept(linesep="\r\n")


def build_message_id(job_id: str, site: MailSite) -> str:
    return f"<{job_id}@{site.message_domain}>"


def build_message(job_id: str, mail: StoredMail, site: MailSite) -> bytes:
    """Raises AddressInvalid."""
    # Message-ID, Date and boundary are the mail's own: a repetition after a crash is the same mail to every server and
    # mail program.
    content = restore_links(RenderedMail(mail.subject, mail.text, mail.html), mail.links)
    message = EmailMessage(policy=POLICY)
    message["From"] = _make_address(mail.sender_name, site.sender)
    message["To"] = _make_address(mail.to.name, mail.to.email)
    if mail.reply_to:
        message["Reply-To"] = _make_address("", mail.reply_to)
    message["Subject"] = clean_header(content.subject, MAX_SUBJECT_LENGTH)
    message["Date"] = format_datetime(datetime.fromisoformat(mail.queued_at))
    message["Message-ID"] = build_message_id(job_id, site)
    message["Auto-Submitted"] = "auto-generated"
    if mail.unsubscribe_url:
        message["List-Unsubscribe"] = f"<{mail.unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(content.text, cte=ENCODING)
    message.add_alternative(content.html, subtype="html", cte=ENCODING)
    message.set_boundary(f"=_{job_id}")
    message["Content-Language"] = choose_mail_language(mail.to.language)
    return message.as_bytes()


def _make_address(name: str, email: str) -> Address:
    return Address(clean_header(name, MAX_NAME_LENGTH), addr_spec=encode_address(email))
