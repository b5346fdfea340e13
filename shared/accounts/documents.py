"""Documents of people. Pure.

A document of an earlier release has no ``memberships``: its ``organisation`` and ``role`` are the only one. These
fields stay, as those of the first membership, so that an earlier release can read what this one wrote. Where they
differ from it, an earlier release changed them since: they count, so that a role it took away does not come back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.accounts.model import DIGESTS, ROLES, Membership, Person
from shared.database.client import Document


def parse_person(document: Mapping[str, Any], names: Mapping[str, str]) -> Person:
    """``names`` are the present ones of organisations, by slug; without one, the name that was stored."""
    digest = document.get("digest")
    return Person(
        id=document["_id"],
        email=document["email"],
        name=document["name"],
        language=document.get("language", ""),
        disabled=document["disabled_at"] is not None,
        memberships=_parse_memberships(document, names),
        digest=digest if digest in DIGESTS else "at_once",
        last_seen=document.get("last_seen"),
        version=document.get("version", 0),
    )


def _parse_memberships(document: Mapping[str, Any], names: Mapping[str, str]) -> tuple[Membership, ...]:
    # Others are of a later release.
    stored = [each for each in document.get("memberships", ()) if each["role"] in ROLES]
    if stored and document["role"] in ROLES and _get_key(stored[0]) != _get_key(document):
        stored = [document, *(each for each in stored[1:] if _get_key(each) != _get_key(document))]
    return tuple(parse_membership(each, names) for each in stored or [document])


def _get_key(document: Mapping[str, Any]) -> tuple[str, str]:
    return document["organisation"], document["role"]


def parse_membership(document: Mapping[str, Any], names: Mapping[str, str]) -> Membership:
    organisation = document["organisation"]
    return Membership(
        organisation=organisation,
        organisation_name=names.get(organisation, document["organisation_name"]),
        role=document["role"],
        counties=tuple(document.get("counties", ())),
        categories=tuple(document.get("categories", ())),
        is_contact=document.get("is_contact", False),
    )


def write_memberships(memberships: tuple[Membership, ...]) -> Document:
    first = memberships[0]
    return {
        "memberships": [write_membership(each) for each in memberships],
        "organisation": first.organisation,
        "organisation_name": first.organisation_name,
        "role": first.role,
    }


def write_membership(membership: Membership) -> Document:
    return {
        "organisation": membership.organisation,
        "organisation_name": membership.organisation_name,
        "role": membership.role,
        "counties": list(membership.counties),
        "categories": list(membership.categories),
        "is_contact": membership.is_contact,
    }


def write_person(person: Person) -> Document:
    """Write what a change of a person may change; the password and whether they are disabled have their own writes."""
    return {
        "name": person.name,
        "language": person.language,
        "digest": person.digest,
        **write_memberships(person.memberships),
    }
