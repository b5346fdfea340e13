"""Erasure of a person from a decline: the organisation's reason. Pure."""

from __future__ import annotations

from shared.database.client import Document
from shared.erasure import ErasedPerson


def erase_decline(document: Document, person: ErasedPerson) -> Document:
    """Return the fields that differ without the person."""
    named = document["organisation"] in person.organisations
    reason = person.erase_text(document["reason"], named=named)
    return {"reason": reason} if reason != document["reason"] else {}
