"""View of people: rows of the list, one person, the filter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote

from services.ingest.invitation.view import describe_limits, describe_membership
from shared.accounts.model import Membership, Person
from shared.clock import write_instant
from shared.event.date_phrases import format_local_time
from shared.i18n.text import Text, _
from shared.region import Region
from shared.web.pages.parts import Fact
from shared.web.pages.role_labels import ROLE_LABELS

PEOPLE_URL: Final = "/ingest/administration/people"
ORGANISATIONS_URL: Final = "/ingest/administration/organisations"
NEVER: Final = _("never")


@dataclass(frozen=True, slots=True)
class PersonRow:
    name: str
    email: str
    url: str
    roles: str
    disabled: bool
    last_seen: str


@dataclass(frozen=True, slots=True)
class MembershipRow:
    """``last``: it is the person's only one, and stays."""

    key: str
    organisation: str
    organisation_url: str
    role: Text
    limits: str
    last: bool


@dataclass(frozen=True, slots=True)
class PersonDetails:
    """``mails``: a link for a new password is mailed, otherwise shown."""

    name: str
    url: str
    version: int
    disabled: bool
    is_self: bool
    mails: bool
    memberships: Sequence[MembershipRow]
    facts: Sequence[Fact]


def build_person_url(person_id: str) -> str:
    return f"{PEOPLE_URL}/{quote(person_id, safe='')}"


def build_organisation_url(slug: str) -> str:
    return f"{ORGANISATIONS_URL}/{quote(slug, safe='')}"


def format_instant(instant: datetime | None, lang: str, region: Region) -> str:
    """In the region's time; "never" for None."""
    return format_local_time(write_instant(instant), lang, region.time_zone) if instant else NEVER.in_language(lang)


def make_person_row(person: Person, lang: str, region: Region) -> PersonRow:
    roles = " · ".join(
        f"{each.organisation_name}: {describe_membership(each, lang, region)}" for each in person.memberships
    )
    return PersonRow(
        name=person.name,
        email=person.email,
        url=build_person_url(person.id),
        roles=roles,
        disabled=person.disabled,
        last_seen=format_instant(person.last_seen, lang, region),
    )


def make_colleague_row(person: Person, organisation: str, lang: str, region: Region) -> PersonRow:
    """What a colleague may see: the roles in this organisation only."""
    roles = [
        describe_membership(each, lang, region) for each in person.memberships if each.organisation == organisation
    ]
    return PersonRow(
        name=person.name,
        email=person.email,
        url=build_person_url(person.id),
        roles="; ".join(roles),
        disabled=person.disabled,
        last_seen=format_instant(person.last_seen, lang, region),
    )


def make_person_details(
    person: Person, lang: str, region: Region, *, viewer: str, mails: bool, keys: int
) -> PersonDetails:
    """``viewer`` is the id of who looks, ``keys`` is the number of the person's keys that work."""
    return PersonDetails(
        name=person.name,
        url=build_person_url(person.id),
        version=person.version,
        disabled=person.disabled,
        is_self=person.id == viewer,
        mails=mails,
        memberships=[
            _make_membership_row(each, lang, region, last=len(person.memberships) == 1) for each in person.memberships
        ],
        facts=[
            Fact(_("E-mail address"), [person.email]),
            Fact(_("Last seen"), [format_instant(person.last_seen, lang, region)]),
            Fact(_("Keys that work"), [str(keys)]),
        ],
    )


def _make_membership_row(membership: Membership, lang: str, region: Region, *, last: bool) -> MembershipRow:
    contact = [_("contact").in_language(lang)] if membership.is_contact else []
    return MembershipRow(
        key=membership.key,
        organisation=membership.organisation_name,
        organisation_url=build_organisation_url(membership.organisation),
        role=ROLE_LABELS[membership.role],
        limits=", ".join([*contact, *filter(None, [describe_limits(membership, lang, region)])]),
        last=last,
    )
