"""Commands of people on their way in and out: invite, accept, passwords, take a role away, disable.

They raise LinkExpired where an account is disabled or an organisation closed: who holds a link need not know more.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from uuid import uuid4

from shared.accounts.accounts import Accounts, WrongPassword
from shared.accounts.invitations import Invitation
from shared.accounts.model import (
    LastAdministrator,
    Membership,
    Person,
    add_membership,
    find_membership,
    is_administrator,
    may_invite,
    remove_membership,
)
from shared.accounts.organisations import OrganisationClosed, OrganisationUnknown
from shared.accounts.tokens import LinkExpired
from shared.database.client import DuplicateKeyError
from shared.email_address import normalize_email


class AlreadyMember(Exception):
    """The person has this role in this organisation."""


async def invite(
    accounts: Accounts, *, email: str, name: str, language: str, membership: Membership, by: str
) -> tuple[Invitation, str]:
    """Offer a membership to an address; return the invitation and the token of its link.

    Raises AlreadyMember, AlreadyInvited, TooManyInvitations, OrganisationUnknown or OrganisationClosed.
    """
    organisation = await accounts.organisations.find(membership.organisation)
    if organisation is None:
        raise OrganisationUnknown(membership.organisation)
    if organisation.closed:
        raise OrganisationClosed(membership.organisation)
    address = normalize_email(email)
    person = await accounts.people.find_by_email(address)
    if person and find_membership(person.memberships, membership.key):
        raise AlreadyMember
    invitation = await accounts.invitations.create(
        email=address, name=name, language=language, membership=membership, invited_by=by
    )
    await accounts.audit.add("invited", by=by, membership=membership.key, invitation=invitation.id)
    return invitation, await accounts.links.create("invitation", invitation.id)


async def invite_again(
    accounts: Accounts, invitation_id: str, *, by: str | None = None
) -> tuple[Invitation, str] | None:
    """Renew an invitation; return it and the token of its new link.

    ``by`` answers for it from now on if its inviter may no longer invite. None if it or its organisation is not open,
    or if neither may invite.
    """
    found = await accounts.invitations.find(invitation_id)
    organisation = await accounts.organisations.find(found.membership.organisation) if found else None
    if found is None or organisation is None or organisation.closed:
        return None
    inviter = await _find_inviter(accounts, found.membership, found.invited_by, by)
    invitation = await accounts.invitations.renew(invitation_id, invited_by=inviter) if inviter else None
    if invitation is None:
        return None
    if by:
        key = invitation.membership.key
        await accounts.audit.add("invited_again", by=by, membership=key, invitation=invitation.id)
    return invitation, await accounts.links.create("invitation", invitation.id)


async def _find_inviter(accounts: Accounts, offered: Membership, *candidates: str | None) -> str | None:
    """The id of the first one who may offer this now."""
    for each in candidates:
        if each and may_invite(await accounts.people.find(each), offered):
            return each
    return None


async def cancel_invitation(accounts: Accounts, invitation_id: str, *, by: str) -> bool:
    """End its link too; return whether it was open."""
    await accounts.links.end("invitation", invitation_id)
    if not await accounts.invitations.remove(invitation_id):
        return False
    await accounts.audit.add("invitation_cancelled", by=by, invitation=invitation_id)
    return True


async def find_offer(accounts: Accounts, token: str) -> tuple[Invitation, Person | None]:
    """Find what a link offers, and the person if they have an account already.

    Raises LinkExpired, also if the inviter may no longer invite.
    """
    invitation = await accounts.invitations.find(await accounts.links.find("invitation", token))
    if invitation is None:
        raise LinkExpired
    organisation = await accounts.organisations.find(invitation.membership.organisation)
    person = await accounts.people.find_by_email(invitation.email)
    if organisation is None or organisation.closed or (person and person.disabled):
        raise LinkExpired
    if await _find_inviter(accounts, invitation.membership, invitation.invited_by) is None:
        raise LinkExpired
    return invitation, person


async def accept_invitation(
    accounts: Accounts, token: str, *, name: str = "", language: str = "", password: str = ""
) -> Person:
    """Add the membership, unless the person got it in the meantime: then it stays as it is, with its limits.

    Name, language and password are those of a person who has no account yet.

    Raises LinkExpired, PasswordTooShort, PasswordTooLong or TooManyMemberships.
    """
    invitation, person = await find_offer(accounts, token)
    password_hash = "" if person else await accounts.passwords.hash(password)
    await accounts.links.use("invitation", token)  # of two who follow it at once, one goes on
    if person is None:
        with suppress(DuplicateKeyError):  # made in the meantime, by another invitation
            person = await _add_person(accounts, invitation, name=name, language=language, password=password_hash)
    person = person or await accounts.people.find_by_email(invitation.email)
    if person is None:
        raise LinkExpired
    add = partial(add_membership, membership=invitation.membership)
    person = await accounts.change_person(person.id, add, by=invitation.invited_by)
    await accounts.invitations.remove(invitation.id)
    return person


async def _add_person(accounts: Accounts, invitation: Invitation, *, name: str, language: str, password: str) -> Person:
    person = await accounts.people.insert(
        email=invitation.email, name=name, membership=invitation.membership, password=password
    )
    await accounts.audit.add(
        "account_added", by=invitation.invited_by, person=person.id, membership=invitation.membership.key
    )
    return await accounts.change_person(person.id, lambda found: replace(found, language=language), by=person.id)


async def find_resetting(accounts: Accounts, token: str) -> Person:
    """Find the person whose password a link sets. Raises LinkExpired."""
    person = await accounts.people.find_enabled(await accounts.links.find("password", token))
    if person is None:
        raise LinkExpired
    return person


async def reset_password(accounts: Accounts, token: str, password: str) -> Person:
    """Set a new password by a link and end all sessions. Raises LinkExpired, PasswordTooShort or PasswordTooLong."""
    person = await find_resetting(accounts, token)
    password_hash = await accounts.passwords.hash(password)
    await accounts.links.use("password", token)
    await accounts.people.set_password(person.id, password_hash)
    await accounts.sessions.end_all(person.id)
    await accounts.audit.add("password_reset", by=person.id, person=person.id)
    return person


async def change_password(
    accounts: Accounts, person_id: str, *, old: str, new: str, address: str, session: str
) -> None:
    """Change one's own password and end all sessions but ``session``, which is a token.

    Raises WrongPassword, LoginThrottled, PasswordTooShort or PasswordTooLong.
    """
    await accounts.throttle.count(f"own:{person_id}", address)
    person = await accounts.people.find_enabled(person_id)
    found = await accounts.people.find_for_login(person.email) if person else None
    if person is None or found is None or not await accounts.passwords.verify(old, found[1]):
        raise WrongPassword
    await accounts.people.set_password(person_id, await accounts.passwords.hash(new))
    await accounts.sessions.end_others(person_id, session)
    await accounts.links.end("password", person_id)
    await accounts.audit.add("password_set", by=person_id, person=person_id)


async def take_role(accounts: Accounts, person_id: str, key: str, *, seen: int, by: str) -> None:
    """Raises LastAdministrator, and as :meth:`Accounts.change_person` and :func:`remove_membership`."""
    remove = partial(remove_membership, key=key)
    person = await accounts.find_person(person_id)
    leaves = person is not None and is_administrator(person) and not is_administrator(remove(person))
    async with _leaving(accounts, person_id if leaves else None):
        await accounts.change_person(person_id, remove, seen=seen, by=by)


async def disable_person(accounts: Accounts, person: Person, *, by: str) -> None:
    """Raises LastAdministrator, and as :meth:`Accounts.disable`."""
    async with _leaving(accounts, person.id if is_administrator(person) else None):
        await accounts.disable(person.email, by=by)


@asynccontextmanager
async def _leaving(accounts: Accounts, person_id: str | None) -> AsyncIterator[None]:
    """Let an administrator leave; None for another person. Raises LastAdministrator."""
    if person_id is None:
        yield
        return
    mark = uuid4().hex
    try:
        if not await accounts.people.mark_leaving(person_id, mark):
            raise LastAdministrator
        yield
    finally:
        await accounts.people.unmark_leaving(person_id, mark)


async def is_disabled(accounts: Accounts, email: str) -> bool:
    """For administrators, who may know which addresses have accounts."""
    person = await accounts.people.find_by_email(email)
    return person is not None and person.disabled
