"""People, their memberships, and the account as which a person acts. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal, get_args

Role = Literal["editor", "curator", "chief", "translator", "administrator"]
Digest = Literal["at_once", "daily", "weekly"]

ROLES: Final[frozenset[Role]] = frozenset(get_args(Role))
DIGESTS: Final[frozenset[Digest]] = frozenset(get_args(Digest))
CURATORS: Final[frozenset[Role]] = frozenset({"curator", "chief"})
"""Roles that decide: a chief may do all that a curator may."""
MAX_MEMBERSHIPS: Final = 50
MAX_LIMITS: Final = 100
"""Counties or categories of one membership."""


class MembershipUnknown(Exception):
    """The person has no such membership."""


class LastMembership(Exception):
    """A person keeps at least one membership; an account that nobody needs is disabled."""


class TooManyMemberships(Exception):
    """A person has at most :data:`MAX_MEMBERSHIPS`."""


class LastAdministrator(Exception):
    """Nobody else could give roles any more."""


@dataclass(frozen=True, slots=True)
class Membership:
    """A person's role in an organisation; ``counties`` and ``categories`` limit a curator, empty ones do not.

    ``organisation`` is a slug. ``is_contact``: the editor invites colleagues and gets the organisation's mail.
    """

    organisation: str
    organisation_name: str
    role: Role
    counties: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    is_contact: bool = False

    @property
    def key(self) -> str:
        """What names it among a person's memberships; neither a slug nor a role has a colon."""
        return f"{self.organisation}:{self.role}"


@dataclass(frozen=True, slots=True)
class Account:
    """A person acting by one of their memberships; ``organisation`` is a slug.

    ``memberships`` are those that the person may change to: with an API key, only the key's. ``edits`` are the
    organisations that the person is an editor of, by whichever membership they act now, ``closed`` those of their
    organisations that are closed. ``language`` is "" where the person has chosen none.
    """

    id: str
    email: str
    name: str
    organisation: str
    organisation_name: str
    role: Role
    language: str = ""
    counties: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    is_contact: bool = False
    memberships: tuple[Membership, ...] = ()
    edits: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()

    @property
    def membership_key(self) -> str:
        return f"{self.organisation}:{self.role}"

    @property
    def is_closed(self) -> bool:
        """Whether the organisation sends nothing any more."""
        return self.organisation in self.closed


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account. ``memberships`` are never empty; ``version`` rises with every change of them."""

    id: str
    email: str
    name: str
    language: str
    disabled: bool
    memberships: tuple[Membership, ...]
    digest: Digest = "at_once"
    last_seen: datetime | None = None
    version: int = 0


def find_membership(memberships: Sequence[Membership], key: str | None) -> Membership | None:
    return next((each for each in memberships if each.key == key), None)


def make_account(person: Person, membership: Membership, closed: frozenset[str], *, may_change: bool) -> Account:
    """``may_change`` to the person's other memberships."""
    account = Account(
        id=person.id,
        email=person.email,
        name=person.name,
        organisation="",
        organisation_name="",
        role=membership.role,
        language=person.language,
        memberships=person.memberships if may_change else (membership,),
        edits=frozenset(each.organisation for each in person.memberships if each.role == "editor"),
        closed=closed,
    )
    return act_by(account, membership)


def act_by(account: Account, membership: Membership) -> Account:
    """The same person, acting by another of their memberships."""
    return replace(
        account,
        organisation=membership.organisation,
        organisation_name=membership.organisation_name,
        role=membership.role,
        counties=membership.counties,
        categories=membership.categories,
        is_contact=membership.is_contact,
    )


def choose_memberships(account: Account, roles: Collection[Role], wanted: str = "") -> tuple[Membership, ...]:
    """List the memberships by which the account may open what is for ``roles``: none, the one, or those to ask about.

    ``wanted`` is a membership's key or an organisation, such as the owner of what is opened: it comes first, then the
    membership by which the account acts already.
    """
    fitting = [each for each in account.memberships if each.role in roles]
    for preferred in (wanted, account.membership_key):
        fitting = [each for each in fitting if preferred in {each.key, each.organisation}] or fitting
    if len({each.organisation for each in fitting}) == 1:  # a curator and chief of one organisation
        fitting = [each for each in fitting if each.role == "chief"] or fitting
    return tuple(fitting)


def put_membership(person: Person, membership: Membership) -> Person:
    """Add a membership, or change the limits of the one with its key. Raises TooManyMemberships."""
    if find_membership(person.memberships, membership.key):
        kept = (membership if each.key == membership.key else each for each in person.memberships)
        return replace(person, memberships=tuple(kept))
    if len(person.memberships) >= MAX_MEMBERSHIPS:
        raise TooManyMemberships
    return replace(person, memberships=(*person.memberships, membership))


def add_membership(person: Person, membership: Membership) -> Person:
    """Add a membership; one with its key stays as it is, with its limits. Raises TooManyMemberships."""
    return person if find_membership(person.memberships, membership.key) else put_membership(person, membership)


def is_administrator(person: Person) -> bool:
    return any(each.role == "administrator" for each in person.memberships)


def may_invite(person: Person | None, offered: Membership) -> bool:
    """Administrators invite to everything, the contact of an organisation editors of it."""
    if person is None or person.disabled:
        return False
    if is_administrator(person):
        return True
    own = find_membership(person.memberships, offered.key)
    return offered.role == "editor" and not offered.is_contact and own is not None and own.is_contact


def remove_membership(person: Person, key: str) -> Person:
    """Raises MembershipUnknown or LastMembership."""
    if find_membership(person.memberships, key) is None:
        raise MembershipUnknown(key)
    kept = tuple(each for each in person.memberships if each.key != key)
    if not kept:
        raise LastMembership
    return replace(person, memberships=kept)
