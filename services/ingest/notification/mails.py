"""The mails about notifications, in the language of the person. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.ingest.notification.model import MOST_ITEMS, News, Notification, Rhythm, shorten
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
    key: str,
    rhythm: Rhythm | None,
    default: str,
    ingest_url: str,
) -> Mail:
    """``rhythm`` is None for a digest of another time than a day or a week."""
    to = make_recipient(person, default)
    told = [(each, news) for each in notifications for news in each.news]
    items = [
        {
            "title": each.title,
            "url": _make_url(each, ingest_url),
            **_describe(news, to.language),
            "text": shorten(news.text),
        }
        for each, news in told[:MOST_ITEMS]
    ]
    context = {
        "items": items,
        "more": len(told) - len(items),
        "rhythm": rhythm,
        "url": f"{ingest_url}/ingest/",
        "profile": _profile(ingest_url),
    }
    return Mail(key, "digest", to, context, list="digest")


def _describe(news: News, language: str) -> dict[str, Any]:
    reason = describe_reason(news.reason, language) if news.reason else ""
    return {"kind": news.kind, "reason": reason, "text": news.text}


def _make_url(notification: Notification, ingest_url: str) -> str:
    return f"{ingest_url}/ingest/submissions/{notification.submission_id}"


def _profile(ingest_url: str) -> str:
    return f"{ingest_url}/ingest/profile"
