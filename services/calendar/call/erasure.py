"""Erasure of a person from a call: labels of late codes, which stay in this database. Pure."""

from __future__ import annotations

from typing import Final

from shared.database.client import Document
from shared.erasure import ErasedPerson

COMPARED: Final = ("number",)


def erase_call(document: Document, person: ErasedPerson) -> Document:
    """Return the fields that differ without the person; a label is of no organisation, so that any name counts."""
    codes = document.get("codes", [])
    after = [each | {"label": person.erase_text(each["label"], named=True)} for each in codes]
    return {"codes": after} if after != codes else {}
