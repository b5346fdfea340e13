"""Erasure of a person from mails to others: who invited them, words of curators. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from shared.database.client import Document
from shared.erasure import ErasedPerson

_TEXTS: Final = ("subject", "text", "html")


def erase_mail(
    document: Document, person: ErasedPerson, *, colleagues: Collection[str], organisations: Collection[str]
) -> Document:
    """Return the fields that differ without the person.

    A mail is of no organisation. Names count in those to ``colleagues`` (ids of accounts), in those that name one of
    ``organisations``, and in all if the person curated; never where the recipient has the same name.
    """
    payload = document["payload"]
    to, text = payload["to"], payload["text"]
    near = person.curated or to["account_id"] in colleagues or any(each in text for each in organisations)
    named = near and not person.is_named(to["name"])
    after = {name: person.erase_text(payload[name], named=named) for name in _TEXTS}
    after["reply_to"] = "" if person.is_meant(payload.get("reply_to", ""), named=False) else payload.get("reply_to", "")
    return {f"payload.{name}": value for name, value in after.items() if value != payload.get(name, "")}
