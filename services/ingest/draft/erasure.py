"""Erasure of a person from a draft: the contact, and the names of who typed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from services.ingest.draft.documents import parse_draft, write_draft
from services.ingest.draft.model import Draft, TypedField, Typist
from services.ingest.form.mapping import CONTACT
from shared.database.client import Document
from shared.erasure import FORMER_EDITOR, ErasedPerson

COMPARED: Final = ("version",)
_CONTACT: Final = tuple(f"contact.{name}" for name in CONTACT)


def erase_document(document: Document, person: ErasedPerson) -> Document:
    """Return the fields that differ without the person."""
    before = parse_draft(document)
    after = erase_draft(before, person)
    if after == before:
        return {}
    # The next version: a page that saves meanwhile merges with what is left.
    written = write_draft(replace(after, version=before.version + 1))
    return {name: written[name] for name in ("fields", "changed_by", "version")}


def erase_draft(draft: Draft, person: ErasedPerson) -> Draft:
    own = draft.organisation in person.organisations
    typed = _drop_contact(draft.typed) if _names_contact(draft.typed, person, own=own) else draft.typed
    return replace(
        draft,
        typed={name: _erase_typists(field, person) for name, field in typed.items()},
        changed_by=_erase_typist(draft.changed_by, person),
    )


def _names_contact(typed: Mapping[str, TypedField], person: ErasedPerson, *, own: bool) -> bool:
    """Whether one of the texts of the contact, chosen or not, means the person."""
    fields = [typed[name] for name in _CONTACT if name in typed]
    values = [each for field in fields for each in (field.values, *(other.values for other in field.others))]
    texts = [text for each in values for text in each]
    return any(person.is_meant(text, named=own) for text in texts)


def _drop_contact(typed: Mapping[str, TypedField]) -> Mapping[str, TypedField]:
    """Whose telephone it is nobody can tell: the whole contact goes."""
    return {name: field for name, field in typed.items() if name not in _CONTACT}


def _erase_typists(field: TypedField, person: ErasedPerson) -> TypedField:
    others = tuple(replace(each, by=_erase_typist(each.by, person)) for each in field.others)
    return replace(field, by=_erase_typist(field.by, person), others=others)


def _erase_typist(typist: Typist, person: ErasedPerson) -> Typist:
    """The id stays: it leads to nobody once the account is gone."""
    is_theirs = person.account_id is not None and typist.account_id == person.account_id
    return replace(typist, name=FORMER_EDITOR) if is_theirs else typist
