"""Accounts, with their sessions and keys: one database, opened here only.

Whoever reads it can log in as nobody: passwords are kept as argon2id, tokens and keys as hashes of 256 random bits.
Disabling an account or changing its password ends its sessions. A key that was verified is remembered for
:data:`REMEMBERED` seconds, so revoking one takes that long.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from uuid_utils import uuid7

from shared.database import Binary, Database, Document, DuplicateKeyError, IndexModel, make_indexes, open_database
from shared.settings import CommonSettings
from shared.web.attempts import Attempts
from shared.web.digest import digest
from shared.web.keys import Keys
from shared.web.passwords import Passwords
from shared.web.sessions import Sessions

Role = Literal["editor", "curator", "administrator"]

REMEMBERED: Final = 10.0
REMEMBERED_KEYS: Final = 10_000
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


class WrongPassword(Exception):
    """There is no such account, its password is another, or it is disabled; which of them is nobody's business."""


class AccountUnknown(Exception):
    """No account has this e-mail or id."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who is logged in: ``organisation`` is its slug in the region pack."""

    id: str
    email: str
    name: str
    organisation: str
    organisation_name: str
    role: Role


@dataclass(frozen=True, slots=True)
class AccountListed:
    """An account as the administrator's list shows it, with its keys that still work."""

    account: Account
    disabled: bool
    keys: tuple[str, ...]


@asynccontextmanager
async def open_accounts(settings: CommonSettings) -> AsyncIterator[Accounts]:
    """Open the accounts of an installation, for a service's lifespan: ``app.state.accounts`` is where routes look."""
    async with open_database(settings.mongo_url, settings.database("accounts")) as database:
        yield Accounts(database, https=settings.https)


def session_cookie(*, https: bool) -> str:
    """Name the cookie of a session; by ``__Host-`` browsers know that no other host and no plain http may set it."""
    return "__Host-kal" if https else "kal"


def utc_now() -> datetime:
    """Give the present instant."""
    return datetime.now(UTC)


class Accounts:
    """The accounts of an installation.

    Args:
        database: where they are kept.
        https: whether people come by https, so that the cookie may be kept to it.
        now: gives the present instant.
        passwords: keeps and compares passwords.

    """

    def __init__(
        self,
        database: Database,
        *,
        https: bool,
        now: Callable[[], datetime] = utc_now,
        passwords: Passwords | None = None,
    ) -> None:
        self._accounts = database["accounts"]
        self._secrets = database["secrets"]
        self._sessions = Sessions(database["sessions"], now)
        self._keys = Keys(database["keys"], now)
        self._now = now
        self._passwords = passwords or Passwords()
        self._attempts = Attempts(database["attempts"], now)
        self._remembered: OrderedDict[bytes, tuple[float, Account]] = OrderedDict()
        self.https = https
        self.cookie_name = session_cookie(https=https)

    async def prepare(self) -> None:
        """Make the indexes; repeating it changes nothing."""
        await make_indexes(self._accounts, [IndexModel([("email", 1)], unique=True)])
        await self._sessions.prepare()
        await self._keys.prepare()
        await self._attempts.prepare()

    async def put_account(
        self, *, email: str, name: str, organisation: str, organisation_name: str, role: Role, password: str
    ) -> Account:
        """Make an account, or bring the one with this e-mail up to date; repeating it changes nothing.

        Raises:
            PasswordTooShort, PasswordTooLong: if the password is not one we keep.

        """
        wanted = {"name": name, "organisation": organisation, "organisation_name": organisation_name, "role": role}
        found = await self._accounts.find_one({"email": _same(email)})
        if found is None:
            return await self._insert(_same(email), wanted, password)
        if await self._passwords.fit(password, found["password"]):
            if any(found[field] != value for field, value in wanted.items()):
                await self._accounts.update_one({"_id": found["_id"]}, {"$set": wanted})
        else:
            changed = wanted | {"password": await self._passwords.keep(password)}
            await self._accounts.update_one({"_id": found["_id"]}, {"$set": changed})
            await self._sessions.end_all(found["_id"])
        return _account(found | wanted)

    async def _insert(self, email: str, wanted: Document, password: str) -> Account:
        document = wanted | {"_id": str(uuid7()), "email": email, "created_at": self._now(), "disabled_at": None}
        kept = document | {"password": await self._passwords.keep(password)}
        await self._accounts.insert_one(kept)
        return _account(document)

    async def find(self, email: str) -> Account | None:
        """Find the account with this e-mail, disabled or not."""
        found = await self._accounts.find_one({"email": _same(email)})
        return _account(found) if found else None

    async def list(self) -> list[AccountListed]:
        """List all accounts with their keys that still work, by organisation and e-mail."""
        keys = await self._keys.by_account()
        listed = self._accounts.find().sort([("organisation", 1), ("email", 1)])
        return [
            AccountListed(_account(each), each["disabled_at"] is not None, tuple(keys.get(each["_id"], ())))
            async for each in listed
        ]

    async def disable(self, email: str) -> None:
        """Disable an account: nobody logs in to it any more, its sessions end, its keys stop within seconds.

        Raises:
            AccountUnknown: if there is none with this e-mail.

        """
        found = await self._accounts.find_one_and_update(
            {"email": _same(email)}, {"$set": {"disabled_at": self._now()}}
        )
        if found is None:
            raise AccountUnknown(email)
        self._remembered.clear()
        await self._sessions.end_all(found["_id"])

    async def enable(self, email: str) -> None:
        """Let people log in to a disabled account again.

        Raises:
            AccountUnknown: if there is none with this e-mail.

        """
        done = await self._accounts.update_one({"email": _same(email)}, {"$set": {"disabled_at": None}})
        if not done.matched_count:
            raise AccountUnknown(email)

    async def log_in(self, email: str, password: str, address: str) -> str:
        """Begin a session and give its token, for the cookie.

        Args:
            email: as typed.
            password: as typed.
            address: where the attempt comes from; too many of them have to wait.

        Raises:
            WrongPassword: if it does not fit, or the account is unknown or disabled.
            TooManyAttempts: if it was tried too often; it says how long to wait.

        """
        await self._attempts.count(_same(email), address)
        found = await self._accounts.find_one({"email": _same(email)})
        fits = await self._passwords.fit(password, found["password"] if found else None)
        if found is None or not fits or found["disabled_at"] is not None:
            raise WrongPassword
        await self._attempts.succeeded(_same(email), address)
        return await self._sessions.begin(found["_id"])

    async def log_out(self, token: str | None) -> None:
        """End a session; ending one that is over changes nothing."""
        if token:
            await self._sessions.end(token)

    async def of_session(self, token: str | None) -> Account | None:
        """Give the account of a session, and note its use; None if the session is over or never was."""
        return await self._enabled(await self._sessions.account_id(token)) if token else None

    async def put_key(self, account_id: str, key_id: str, secret: str) -> None:
        """Keep a key ``kal_<key_id>_<secret>`` for an account; the same again changes nothing.

        Raises:
            KeyMalformed: if it could not be written as a key.

        """
        await self._keys.put(account_id, key_id, secret)

    async def new_key(self, account_id: str) -> str:
        """Make a key for an account and give it whole; it is shown this once."""
        return await self._keys.make(account_id)

    async def revoke_key(self, key_id: str) -> bool:
        """End a key; tell whether it still worked."""
        self._remembered.clear()
        return await self._keys.revoke(key_id)

    async def of_key(self, bearer: str) -> Account | None:
        """Give the account of an API key; None if it is unknown, revoked, or its account disabled."""
        remembered = self._remembered.get(digest(bearer))
        if remembered and remembered[0] > time.monotonic():
            return remembered[1]
        account = await self._enabled(await self._keys.account_id(bearer))
        if account:
            self._remember(digest(bearer), account)
        return account

    def _remember(self, key: bytes, account: Account) -> None:
        self._remembered[key] = (time.monotonic() + REMEMBERED, account)
        self._remembered.move_to_end(key)
        if len(self._remembered) > REMEMBERED_KEYS:
            self._remembered.popitem(last=False)

    async def _enabled(self, account_id: str | None) -> Account | None:
        if account_id is None:
            return None
        found = await self._accounts.find_one({"_id": account_id, "disabled_at": None})
        return _account(found) if found else None

    async def secret(self, name: str) -> bytes:
        """Give 32 random bytes that this database has kept under a name since they were first asked for."""
        made = {"$setOnInsert": {"value": Binary(secrets.token_bytes(32))}}
        with suppress(DuplicateKeyError):  # somebody else asked for it at the same moment: theirs is kept
            await self._secrets.update_one({"_id": name}, made, upsert=True)
        found = await self._secrets.find_one({"_id": name})
        if found is None:
            raise LookupError(f"the secret {name} was taken away while it was read")
        return bytes(found["value"])


def derived(seed: bytes, *names: str, length: int = 24) -> str:
    """Derive a secret from a kept one, the same for the same names: ``length`` letters, digits, ``-`` and ``_``.

    For what must be told again without being kept, such as the log-ins and keys of the demo.
    """
    derivation = hmac.digest(seed, "\x00".join(names).encode(), "sha512")
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in derivation[:length])


def demo_password(seed: bytes, slug: str) -> str:
    """Derive the demo's password for an organisation."""
    return derived(seed, "password", slug)


def demo_key_secret(seed: bytes, slug: str) -> str:
    """Derive the secret half of the demo's API key for an organisation."""
    return derived(seed, "key", slug, length=43)


def _same(email: str) -> str:
    """Give an address as it is compared: people do not care for its capitals."""
    return email.strip().casefold()


def _account(document: Document) -> Account:
    fields: dict[str, Any] = {name: document[name] for name in Account.__slots__ if name != "id"}
    return Account(id=document["_id"], **fields)
