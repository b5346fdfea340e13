"""View of API keys: what they are for, whose they are, when they were used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.ingest.invitation.view import describe_membership
from services.ingest.person.view import build_person_url, format_instant
from shared.accounts.api_keys import KeyRecord
from shared.accounts.model import Person, find_membership
from shared.i18n.text import _
from shared.region import Region


@dataclass(frozen=True, slots=True)
class KeyRow:
    """``url`` is where the button that revokes it sends to."""

    id: str
    label: str
    person: str
    person_url: str
    role: str
    created: str
    used: str
    url: str


def make_key_row(key: KeyRecord, owner: Person | None, lang: str, region: Region, *, folder: str) -> KeyRow:
    return KeyRow(
        id=key.id,
        label=key.label,
        person=owner.name if owner else key.owner.account_id,
        person_url=build_person_url(key.owner.account_id),
        role=_describe_role(key, owner, lang, region),
        created=format_instant(key.created_at, lang, region),
        used=format_instant(key.used_at, lang, region),
        url=f"{folder}/{key.id}/revoke",
    )


def make_key_rows(
    keys: Sequence[KeyRecord], owners: Mapping[str, Person], lang: str, region: Region, *, folder: str
) -> list[KeyRow]:
    """``owners`` by id."""
    return [make_key_row(each, owners.get(each.owner.account_id), lang, region, folder=folder) for each in keys]


def _describe_role(key: KeyRecord, owner: Person | None, lang: str, region: Region) -> str:
    memberships = owner.memberships if owner else ()
    found = (
        find_membership(memberships, key.owner.membership) if key.owner.membership else next(iter(memberships), None)
    )
    if found is None:
        return _("a role that was taken away").in_language(lang)
    return f"{found.organisation_name}: {describe_membership(found, lang, region)}"
