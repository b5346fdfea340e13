"""What is stored of a mail: rendered, dated, without the links that let somebody in. Pure."""

from __future__ import annotations

from datetime import datetime

from shared.clock import write_instant
from shared.mail.links import hide_links
from shared.mail.model import ANSWERED, MAX_NAME_LENGTH, Mail, RenderedMail, StoredMail, clean_header
from shared.mail.rendering import MailSite, choose_mail_language, render_mail


def store_mail(mail: Mail, site: MailSite, *, unsubscribe_url: str, queued_at: datetime) -> StoredMail:
    """Raises MailTooLong."""
    rendered = render_mail(mail, site, unsubscribe_url=unsubscribe_url)
    links: tuple[str, ...] = ()
    if mail.secret:
        rendered, links = hide_links(rendered)
    return _store(mail, rendered, site, links=links, unsubscribe_url=unsubscribe_url, queued_at=queued_at)


def _store(
    mail: Mail,
    rendered: RenderedMail,
    site: MailSite,
    *,
    links: tuple[str, ...],
    unsubscribe_url: str,
    queued_at: datetime,
) -> StoredMail:
    return StoredMail(
        template=mail.template,
        to=mail.to,
        sender_name=clean_header(site.publishers[choose_mail_language(mail.to.language)], MAX_NAME_LENGTH),
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        queued_at=write_instant(queued_at, timespec="seconds"),
        list=mail.list or "",
        unsubscribe_url=unsubscribe_url,
        secret=mail.secret,
        links=links,
        reply_to=mail.reply_to or (site.contact if mail.template in ANSWERED else ""),
    )
