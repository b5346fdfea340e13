"""Erasure of a person from a reminder that is to be mailed: the chief's own words. Pure."""

from __future__ import annotations

from shared.database.client import Document
from shared.erasure import ErasedPerson


def erase_job(document: Document, person: ErasedPerson) -> Document:
    """Return the fields that differ without the person."""
    payload = document["payload"]
    named = person.curated or not person.organisations.isdisjoint(payload["organisations"])
    text = person.erase_text(payload["text"], named=named)
    return {"payload.text": text} if text != payload["text"] else {}
