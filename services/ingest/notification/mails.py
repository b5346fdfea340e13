"""The mails about notifications, in the language of the person. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from services.ingest.notification.model import News, Notification, Rhythm
from shared.accounts.model import Person
from shared.event.vocabulary import describe_reason
from shared.mail.model import Mail, Recipient


def make_recipient(person: Person, default: str) -> Recipient:
    return Recipient(person.id, person.email, person.name, person.language or default)


def make_mails(notification: Notification, person: Person, *, default: str, ingest_url: str) -> list[Mail]:
    """Make a mail for the decision, and one for the remarks; ``default`` is the language of who chose none."""
    to = make_recipient(person, default)
    remarks = [each for each in notification.news if each.kind == "remark"]
    about = {"title": notification.title, "url": _make_url(notification, ingest_url), "profile": _profile(ingest_url)}
    mails = [
        Mail(f"decision:{notification.key}:{person.id}", "decision", to, about | _describe(each, to.language))
        for each in notification.news
        if each.kind != "remark"
    ]
    if remarks:
        context = about | {"remarks": [each.text for each in remarks]}
        mails.append(Mail(f"remark:{notification.key}:{person.id}", "remark", to, context))
    return mails


def make_digest(
    notifications: Sequence[Notification],
    person: Person,
    *,
    day: date,
    rhythm: Rhythm,
    default: str,
    ingest_url: str,
) -> Mail:
    to = make_recipient(person, default)
    items = [
        {"title": each.title, "url": _make_url(each, ingest_url), **_describe(news, to.language)}
        for each in notifications
        for news in each.news
    ]
    context = {"items": items, "rhythm": rhythm, "profile": _profile(ingest_url)}
    return Mail(f"digest:{day.isoformat()}:{rhythm}:{person.id}", "digest", to, context, list="digest")


def _describe(news: News, language: str) -> dict[str, Any]:
    reason = describe_reason(news.reason, language) if news.reason else ""
    return {"kind": news.kind, "reason": reason, "text": news.text}


def _make_url(notification: Notification, ingest_url: str) -> str:
    return f"{ingest_url}/ingest/submissions/{notification.submission_id}"


def _profile(ingest_url: str) -> str:
    return f"{ingest_url}/ingest/profile"
