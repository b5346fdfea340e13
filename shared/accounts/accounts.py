"""Accounts with their sessions and API keys, in one database that is opened here only.

A copy of it lets nobody log in: it stores argon2id hashes of passwords and SHA-256 of random tokens and keys. Disabling
an account or changing its password ends its sessions. A verified key is cached for :data:`KEY_CACHE_SECONDS`, so a
revocation takes that long.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from shared.accounts.api_keys import ApiKeys, KeyOwner
from shared.accounts.audit import Audit, list_membership_acts
from shared.accounts.digest import digest
from shared.accounts.invitations import Invitations
from shared.accounts.login_throttle import LoginThrottle
from shared.accounts.model import (
    Account,
    Membership,
    MembershipUnknown,
    Person,
    Role,
    find_membership,
    make_account,
    put_membership,
)
from shared.accounts.organisations import Organisations
from shared.accounts.passwords import PasswordHasher
from shared.accounts.people import AccountUnknown, People
from shared.accounts.sessions import Sessions
from shared.accounts.tokens import OneTimeLinks
from shared.clock import Clock, utc_now
from shared.database.client import Binary, Database, DuplicateKeyError, open_database
from shared.email_address import normalize_email
from shared.settings import CommonSettings

__all__ = ["Account", "AccountSummary", "AccountUnknown", "Accounts", "Role", "WrongPassword", "open_accounts"]

MAX_EMAIL_LENGTH: Final = 254
"""In characters (RFC 5321, section 4.5.3.1.3)."""
KEY_CACHE_SECONDS: Final = 10.0
KEY_CACHE_SIZE: Final = 10_000
_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


class WrongPassword(Exception):
    """Unknown account, wrong password or disabled account; the client must not learn which."""


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """One membership of a person; ``keys`` are the ids of its active keys."""

    account: Account
    disabled: bool
    keys: tuple[str, ...]


@asynccontextmanager
async def open_accounts(settings: CommonSettings, *, now: Clock = utc_now) -> AsyncIterator[Accounts]:
    """Open the accounts for a service's lifespan; routes find them in ``app.state.accounts``."""
    async with open_database(settings.mongo_url, settings.database("accounts")) as database:
        yield Accounts(database, now=now)


class Accounts:
    """``by`` is the id of the person who acts, None for the command line; it goes to the audit log."""

    def __init__(self, database: Database, *, now: Clock = utc_now, passwords: PasswordHasher | None = None) -> None:
        self._secrets = database["secrets"]
        self.links = OneTimeLinks(database["links"], now)
        self.invitations = Invitations(database["invitations"], now)
        self.sessions = Sessions(database["sessions"], now)
        self.keys = ApiKeys(database["keys"], now)
        self.passwords = passwords or PasswordHasher()
        self.throttle = LoginThrottle(database["attempts"], now)
        self._key_cache: OrderedDict[bytes, tuple[float, Account]] = OrderedDict()
        self.audit = Audit(database["audit"], now)
        self.organisations = Organisations(database["organisations"], self.audit, now)
        self.people = People(database, self.organisations, now)

    async def prepare(self) -> None:
        """Create indexes, and bring what an earlier release wrote up to date; idempotent."""
        await self.people.prepare(self.keys.bind)
        await self.sessions.prepare()
        await self.keys.prepare()
        await self.throttle.prepare()
        await self.audit.prepare()
        await self.links.prepare()
        await self.invitations.prepare()

    async def put_account(
        self,
        *,
        email: str,
        name: str,
        organisation: str,
        organisation_name: str,
        role: Role,
        password: str,
        by: str | None = None,
    ) -> Account:
        """Add a person, or a membership to a person; idempotent, and the limits of a membership stay.

        A changed password ends all sessions. Raises PasswordTooShort or PasswordTooLong.
        """
        membership = Membership(organisation, organisation_name, role)
        found = await self.people.find_for_login(email)
        if found is None:
            password_hash = await self.passwords.hash(password)
            person = await self.people.insert(email=email, name=name, membership=membership, password=password_hash)
            await self.audit.add("account_added", by=by, person=person.id, membership=membership.key)
            return await self._act(person, membership.key)
        person, stored = found
        if not await self.passwords.verify(password, stored):
            await self._set_password(person.id, password, by=by)
        kept = find_membership(person.memberships, membership.key) or membership
        if organisation not in await self.organisations.get_all():
            kept = replace(kept, organisation_name=organisation_name)
        change = partial(_put_named, name=name, membership=kept)
        return await self._act(await self.change_person(person.id, change, by=by), membership.key)

    async def _set_password(self, person_id: str, password: str, *, by: str | None) -> None:
        """End all sessions and links. Raises PasswordTooShort or PasswordTooLong."""
        await self.people.set_password(person_id, await self.passwords.hash(password))
        await self.sessions.end_all(person_id)
        await self.links.end("password", person_id)
        await self.audit.add("password_set", by=by, person=person_id)

    async def change_person(
        self, person_id: str, change: Callable[[Person], Person], *, seen: int | None = None, by: str | None = None
    ) -> Person:
        """Change a person's name, language, digest or memberships; ``seen`` is the version that was shown.

        Raises AccountUnknown, PersonOutdated, and as ``change``; Contended if other writes were first each time.
        """
        before, after = await self.people.change(person_id, change, seen=seen)
        self._key_cache.clear()
        for act, membership in list_membership_acts(before, after):
            await self.audit.add(act, by=by, person=person_id, membership=membership.key)
        return after

    async def find(self, email: str) -> Account | None:
        """Acting by the first membership; disabled accounts too."""
        person = await self.people.find_by_email(email)
        return await self._act(person) if person else None

    async def find_person(self, person_id: str) -> Person | None:
        """Disabled ones too."""
        return await self.people.find(person_id)

    async def list_members(self, organisation: str | None = None, roles: Collection[Role] = ()) -> list[Person]:
        """List those with a membership of this organisation and one of these roles, by e-mail; disabled ones too."""
        return await self.people.list_members(organisation, roles)

    async def disable(self, email: str, *, by: str | None = None) -> None:
        """No more logins, its sessions end, its keys stop within seconds; raises AccountUnknown."""
        person_id = await self.people.set_disabled(email, disabled=True)
        self._key_cache.clear()
        await self.sessions.end_all(person_id)
        await self.audit.add("account_disabled", by=by, person=person_id)

    async def enable(self, email: str, *, by: str | None = None) -> None:
        """Raises AccountUnknown."""
        person_id = await self.people.set_disabled(email, disabled=False)
        await self.audit.add("account_enabled", by=by, person=person_id)

    async def erase(self, person_id: str) -> bool:
        """Delete a disabled account for good; False if it is enabled."""
        person = await self.people.find(person_id)
        if person is None or not person.disabled:
            return person is None
        await self.audit.add("account_erased", person=person_id)
        return await self.people.remove(person_id)

    async def log_in(self, email: str, password: str, address: str, *, browser: str = "") -> str:
        """Create a session and return its token. Raises WrongPassword or LoginThrottled."""
        if len(email) > MAX_EMAIL_LENGTH:
            email = ""  # no account has it: counted and refused like any other
        await self.throttle.count(normalize_email(email), address)
        found = await self.people.find_for_login(email, typed=True)
        fits = await self.passwords.verify(password, found[1] if found else None)
        if found is None or not fits or found[0].disabled:
            raise WrongPassword
        await self.throttle.record_success(normalize_email(email), address)
        await self.people.touch(found[0].id)
        return await self.sessions.create(found[0].id, browser=browser)

    async def log_out(self, token: str | None) -> None:
        """Idempotent."""
        if token:
            await self.sessions.end(token)

    async def find_by_session(self, token: str | None) -> Account | None:
        """Find the account of a session and extend the session; None if it has expired or is unknown."""
        use = await self.sessions.use(token) if token else None
        person = await self.people.find_enabled(use.account_id) if use else None
        if use is None or person is None:
            return None
        if use.touched:
            await self.people.touch(person.id)
        return await self._act(person, use.membership)

    async def choose_membership(self, token: str, account: Account, key: str) -> Account:
        """Let a session act by another membership of its person from now on. Raises MembershipUnknown."""
        person = await self.people.find_enabled(account.id)
        if person is None or find_membership(person.memberships, key) is None:
            raise MembershipUnknown(key)
        await self.sessions.choose_membership(token, key)
        return await self._act(person, key)

    async def put_key(self, account_id: str, key_id: str, secret: str, *, membership: str | None = None) -> None:
        """Store the key ``kal_<key_id>_<secret>``; idempotent. Raises KeyMalformed."""
        await self.keys.put(await self._find_owner(account_id, membership), key_id, secret)

    async def create_key(
        self,
        account_id: str,
        *,
        membership: str | None = None,
        label: str = "",
        most: int | None = None,
        by: str | None = None,
    ) -> str:
        """Create a key of a membership, the first without one, and return it in full, this once.

        Raises TooManyKeys if ``most`` of the membership work.
        """
        owner = await self._find_owner(account_id, membership)
        key_id, key = await self.keys.create(owner, label=label, most=most)
        await self.audit.add("key_created", by=by, person=account_id, membership=owner.membership, key=key_id)
        return key

    async def _find_owner(self, account_id: str, membership: str | None) -> KeyOwner:
        person = await self.people.find(account_id)
        first = person.memberships[0].key if person else None
        return KeyOwner(account_id, membership or first)

    async def revoke_key(self, key_id: str, *, by: str | None = None) -> bool:
        """Return whether it was active."""
        self._key_cache.clear()
        revoked = await self.keys.revoke(key_id)
        if revoked:
            await self.audit.add("key_revoked", by=by, key=key_id)
        return revoked

    async def find_by_key(self, bearer: str) -> Account | None:
        """None if the key is unknown or revoked, the account disabled, or the key's membership taken away."""
        cached = self._key_cache.get(digest(bearer))
        if cached and cached[0] > time.monotonic():
            return cached[1]
        owner = await self.keys.find_owner(bearer)
        person = await self.people.find_enabled(owner.account_id) if owner else None
        if owner is None or person is None:
            return None
        if owner.membership and find_membership(person.memberships, owner.membership) is None:
            return None
        account = await self._act(person, owner.membership, may_change=False)
        self._cache_key(digest(bearer), account)
        return account

    def _cache_key(self, key: bytes, account: Account) -> None:
        self._key_cache[key] = (time.monotonic() + KEY_CACHE_SECONDS, account)
        self._key_cache.move_to_end(key)
        if len(self._key_cache) > KEY_CACHE_SIZE:
            self._key_cache.popitem(last=False)

    async def _act(self, person: Person, key: str | None = None, *, may_change: bool = True) -> Account:
        """The account of a person acting by a membership, by the first one without it."""
        membership = find_membership(person.memberships, key) or person.memberships[0]
        closed = await self.organisations.get_closed()
        belonging = frozenset(each.organisation for each in person.memberships)
        return make_account(person, membership, belonging & closed, may_change=may_change)

    async def list(self) -> list[AccountSummary]:
        """One per membership, sorted by organisation and e-mail."""
        keys = await self.keys.list_by_owner()
        found = []
        for person in await self.people.list_members():
            keys.setdefault(KeyOwner(person.id, person.memberships[0].key), []).extend(
                keys.get(KeyOwner(person.id, None), [])
            )
            for each in person.memberships:
                owned = tuple(sorted(keys.get(KeyOwner(person.id, each.key), ())))
                found.append(AccountSummary(await self._act(person, each.key), person.disabled, owned))
        return sorted(found, key=lambda each: (each.account.organisation, each.account.email))

    async def get_secret(self, name: str) -> bytes:
        """Get the 32 random bytes stored under a name; generated at the first call."""
        made = {"$setOnInsert": {"value": Binary(secrets.token_bytes(32))}}
        with suppress(DuplicateKeyError):  # a concurrent call stored its own
            await self._secrets.update_one({"_id": name}, made, upsert=True)
        found = await self._secrets.find_one({"_id": name})
        if found is None:
            raise LookupError(f"the secret {name} was taken away while it was read")
        return bytes(found["value"])


def derive_secret(seed: bytes, *names: str, length: int = 24) -> str:
    """Derive a reproducible secret from ``seed``: ``length`` letters, digits, ``-`` and ``_``."""
    # For secrets that must be shown again without being stored, such as the logins and keys of the demo.
    derivation = hmac.digest(seed, "\x00".join(names).encode(), "sha512")
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in derivation[:length])


def derive_demo_password(seed: bytes, slug: str) -> str:
    return derive_secret(seed, "password", slug)


def derive_demo_key_secret(seed: bytes, slug: str) -> str:
    return derive_secret(seed, "key", slug, length=43)


def _put_named(person: Person, *, name: str, membership: Membership) -> Person:
    return replace(put_membership(person, membership), name=name)
