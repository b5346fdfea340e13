"""Erasure of a person from an entry: names and words of curators, remarks of the organisation. Pure.

What is public, and what was proposed, stays as it was: it holds no contact.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from services.calendar.entry.documents import parse_entry, wrap_messages
from services.calendar.entry.publication import make_review_message
from shared.database.client import Document
from shared.erasure import FORMER_CURATOR, ErasedPerson
from shared.eventlog.envelope import Envelope

COMPARED: Final = ("review_number",)


def erase_entry(document: Document, person: ErasedPerson) -> Document:
    """Return the fields that differ without the person."""
    own = document["organiser"]["slug"] in person.organisations
    rules: dict[str, Callable[[Document], Document]] = {
        "history": partial(_erase_words, person, text="comment", own=own),
        "remarks": partial(_erase_words, person, text="text", own=own),
        "notes": partial(_erase_words, person, text="text", own=own),
    }
    after = {name: [rule(each) for each in document[name]] for name, rule in rules.items() if document.get(name)}
    return {name: value for name, value in after.items() if value != document[name]}


def list_messages(before: Document, changes: Document, *, at: str) -> Sequence[Envelope]:
    """Wrap the review again, with the same number, if it held something that is erased; the public event never does."""
    old, new = (make_review_message(parse_entry(each), now=at) for each in (before, before | changes))
    return wrap_messages([new], at=at, traceparent=None) if new != old else ()


def _erase_words(person: ErasedPerson, written: Document, *, text: str, own: bool) -> Document:
    """Notes say not by whom: only curators write them."""
    by_curator = written.get("by", "curator") == "curator"
    erased = {}
    if by_curator:
        erased["who"] = person.replace_writer(written["who"], FORMER_CURATOR, named=person.curated)
    if written.get(text):
        erased[text] = person.erase_text(written[text], named=own or (by_curator and person.curated))
    return written | erased
