"""Erasure of a person from a submission: contact, history, remarks and stored responses. Pure.

The event itself stays as it was sent: it is public, or meant to be.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import msgspec

from services.ingest.submission.documents import parse_submission, wrap_messages
from services.ingest.submission.model import make_message
from shared.database.client import Document
from shared.erasure import FORMER_EDITOR, ErasedPerson
from shared.eventlog.envelope import Envelope

COMPARED: Final = ("version", "review.number")
"""One of these numbers rises with every other write of what is erased here."""


def erase_submission(document: Document, person: ErasedPerson) -> Document:
    """Return the fields that differ without the person."""
    own = document["organisation"] in person.organisations
    rules: Mapping[str, Callable[[Any], Any]] = {
        "event": partial(_erase_contact, person, own=own),
        "history": partial(_erase_each, _erase_step, person, own=own),
        "remarks": partial(_erase_each, _erase_own_remark, person, own=own),
        "review": partial(_erase_review, person, own=own),
        "answers": partial(_erase_each, _erase_response, person, own=own),
        "posted": partial(_erase_response, person, own=own),
    }
    after = {name: rule(document[name]) for name, rule in rules.items() if document.get(name)}
    return {name: value for name, value in after.items() if value != document[name]}


def list_messages(before: Document, changes: Document, *, at: str) -> Sequence[Envelope]:
    """Wrap the message again, with the same number, if it held something that is erased."""
    old, new = (make_message(parse_submission(each).submission) for each in (before, before | changes))
    return wrap_messages([new], at=at, traceparent=None) if new != old else ()


def _erase_each(rule: Any, person: ErasedPerson, documents: Sequence[Document], *, own: bool) -> list[Document]:  # noqa: ANN401 - one of the rules below
    return [rule(person, each, own=own) for each in documents]


def _erase_contact(person: ErasedPerson, event: Document, *, own: bool) -> Document:
    if not person.is_contact(event.get("contact", {}), named=own):
        return event
    return {name: value for name, value in event.items() if name != "contact"}


def _erase_step(person: ErasedPerson, step: Document, *, own: bool) -> Document:
    """Who is an editor; curators' actions have a comment and no name."""
    after = _erase_comment(person, step, own=own)
    if step.get("who"):
        after["who"] = person.replace_writer(step["who"], FORMER_EDITOR, named=own)
    return after


def _erase_own_remark(person: ErasedPerson, remark: Document, *, own: bool) -> Document:
    who = person.replace_writer(remark["who"], FORMER_EDITOR, named=own)
    return remark | {"who": who, "text": person.erase_text(remark["text"], named=own)}


def _erase_review(person: ErasedPerson, review: Document, *, own: bool) -> Document:
    after = _erase_comment(person, review, own=own)
    if review.get("remarks"):
        after["remarks"] = [_erase_curators_remark(person, each, own=own) for each in review["remarks"]]
    return after


def _erase_comment(person: ErasedPerson, document: Mapping[str, Any], *, own: bool) -> Document:
    comment = document.get("comment")
    erased = {"comment": person.erase_text(comment, named=own or person.curated)} if comment else {}
    return {**document, **erased}


def _erase_curators_remark(person: ErasedPerson, remark: Document, *, own: bool) -> Document:
    return remark | {"text": person.erase_text(remark["text"], named=own or person.curated)}


def _erase_response(person: ErasedPerson, stored: Document, *, own: bool) -> Document:
    """The body holds what the submission was then."""
    body = msgspec.json.decode(zlib.decompress(stored["packed"]))
    after = body | {"event": _erase_contact(person, body["event"], own=own)}
    if body.get("review"):
        after["review"] = _erase_comment(person, body["review"], own=own)
    if body.get("remarks"):
        after["remarks"] = [_erase_curators_remark(person, each, own=own) for each in body["remarks"]]
    if after == body:
        return stored
    return stored | {"packed": zlib.compress(msgspec.json.encode(after), level=1)}
