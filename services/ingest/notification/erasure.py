"""Erasure of a person from notifications: words of curators. Pure."""

from __future__ import annotations

from shared.database.client import Document
from shared.erasure import ErasedPerson


def erase_notification(document: Document, person: ErasedPerson) -> Document:
    """Return the fields that differ without the person."""
    named = person.curated or document["organisation"] in person.organisations
    news = [each | {"text": person.erase_text(each.get("text", ""), named=named)} for each in document["news"]]
    return {"news": news} if news != document["news"] else {}


def erase_job(document: Document, person: ErasedPerson) -> Document:
    """As :func:`erase_notification`, of one that is still to be told."""
    return {f"payload.{name}": value for name, value in erase_notification(document["payload"], person).items()}
