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
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from uuid_utils import uuid7

from shared.accounts.api_keys import ApiKeys
from shared.accounts.digest import digest
from shared.accounts.login_throttle import LoginThrottle
from shared.accounts.passwords import PasswordHasher
from shared.accounts.sessions import Sessions
from shared.clock import utc_now
from shared.database.client import (
    Binary,
    Database,
    Document,
    DuplicateKeyError,
    IndexModel,
    create_indexes,
    open_database,
)
from shared.settings import CommonSettings

Role = Literal["editor", "curator", "administrator"]

MAX_EMAIL_LENGTH: Final = 254
"""In characters (RFC 5321, section 4.5.3.1.3)."""
KEY_CACHE_SECONDS: Final = 10.0
KEY_CACHE_SIZE: Final = 10_000
_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


class WrongPassword(Exception):
    """Unknown account, wrong password or disabled account; the client must not learn which."""


class AccountUnknown(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Account:
    """``organisation`` is a slug of the region pack."""

    id: str
    email: str
    name: str
    organisation: str
    organisation_name: str
    role: Role


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """``keys`` are the ids of the active keys."""

    account: Account
    disabled: bool
    keys: tuple[str, ...]


@asynccontextmanager
async def open_accounts(settings: CommonSettings) -> AsyncIterator[Accounts]:
    """Open the accounts for a service's lifespan; routes find them in ``app.state.accounts``."""
    async with open_database(settings.mongo_url, settings.database("accounts")) as database:
        yield Accounts(database)


class Accounts:
    def __init__(
        self, database: Database, *, now: Callable[[], datetime] = utc_now, passwords: PasswordHasher | None = None
    ) -> None:
        self._accounts = database["accounts"]
        self._secrets = database["secrets"]
        self._sessions = Sessions(database["sessions"], now)
        self._keys = ApiKeys(database["keys"], now)
        self._now = now
        self._passwords = passwords or PasswordHasher()
        self._throttle = LoginThrottle(database["attempts"], now)
        self._key_cache: OrderedDict[bytes, tuple[float, Account]] = OrderedDict()

    async def prepare(self) -> None:
        await create_indexes(self._accounts, [IndexModel([("email", 1)], unique=True)])
        await self._sessions.prepare()
        await self._keys.prepare()
        await self._throttle.prepare()

    async def put_account(
        self, *, email: str, name: str, organisation: str, organisation_name: str, role: Role, password: str
    ) -> Account:
        """Idempotent; a changed password ends all sessions. Raises PasswordTooShort or PasswordTooLong."""
        wanted = {"name": name, "organisation": organisation, "organisation_name": organisation_name, "role": role}
        found = await self._accounts.find_one({"email": _normalize_email(email)})
        if found is None:
            return await self._insert(_normalize_email(email), wanted, password)
        if await self._passwords.verify(password, found["password"]):
            if any(found[field] != value for field, value in wanted.items()):
                await self._accounts.update_one({"_id": found["_id"]}, {"$set": wanted})
        else:
            changed = wanted | {"password": await self._passwords.hash(password)}
            await self._accounts.update_one({"_id": found["_id"]}, {"$set": changed})
            await self._sessions.end_all(found["_id"])
        return _parse_account(found | wanted)

    async def _insert(self, email: str, wanted: Document, password: str) -> Account:
        document = wanted | {"_id": str(uuid7()), "email": email, "created_at": self._now(), "disabled_at": None}
        kept = document | {"password": await self._passwords.hash(password)}
        await self._accounts.insert_one(kept)
        return _parse_account(document)

    async def find(self, email: str) -> Account | None:
        """Disabled accounts too."""
        found = await self._accounts.find_one({"email": _normalize_email(email)})
        return _parse_account(found) if found else None

    async def list(self) -> list[AccountSummary]:
        """Sorted by organisation and e-mail."""
        keys = await self._keys.list_by_account()
        listed = self._accounts.find().sort([("organisation", 1), ("email", 1)])
        return [
            AccountSummary(_parse_account(each), each["disabled_at"] is not None, tuple(keys.get(each["_id"], ())))
            async for each in listed
        ]

    async def disable(self, email: str) -> None:
        """No more logins, its sessions end, its keys stop within seconds; raises AccountUnknown."""
        found = await self._accounts.find_one_and_update(
            {"email": _normalize_email(email)}, {"$set": {"disabled_at": self._now()}}
        )
        if found is None:
            raise AccountUnknown(email)
        self._key_cache.clear()
        await self._sessions.end_all(found["_id"])

    async def enable(self, email: str) -> None:
        """Raises AccountUnknown."""
        done = await self._accounts.update_one({"email": _normalize_email(email)}, {"$set": {"disabled_at": None}})
        if not done.matched_count:
            raise AccountUnknown(email)

    async def log_in(self, email: str, password: str, address: str) -> str:
        """Create a session and return its token. Raises WrongPassword or LoginThrottled."""
        if len(email) > MAX_EMAIL_LENGTH:
            email = ""  # no account has it: counted and refused like any other
        await self._throttle.count(_normalize_email(email), address)
        found = await self._accounts.find_one({"email": _normalize_email(email)})
        fits = await self._passwords.verify(password, found["password"] if found else None)
        if found is None or not fits or found["disabled_at"] is not None:
            raise WrongPassword
        await self._throttle.record_success(_normalize_email(email), address)
        return await self._sessions.create(found["_id"])

    async def log_out(self, token: str | None) -> None:
        """Idempotent."""
        if token:
            await self._sessions.end(token)

    async def find_by_session(self, token: str | None) -> Account | None:
        """Find the account of a session and extend the session; None if it has expired or is unknown."""
        return await self._find_enabled(await self._sessions.find_account_id(token)) if token else None

    async def put_key(self, account_id: str, key_id: str, secret: str) -> None:
        """Store the key ``kal_<key_id>_<secret>``; idempotent. Raises KeyMalformed."""
        await self._keys.put(account_id, key_id, secret)

    async def create_key(self, account_id: str) -> str:
        """Create a key and return it in full, this once."""
        return await self._keys.create(account_id)

    async def revoke_key(self, key_id: str) -> bool:
        """Return whether it was active."""
        self._key_cache.clear()
        return await self._keys.revoke(key_id)

    async def find_by_key(self, bearer: str) -> Account | None:
        """None if the key is unknown or revoked, or the account disabled."""
        cached = self._key_cache.get(digest(bearer))
        if cached and cached[0] > time.monotonic():
            return cached[1]
        account = await self._find_enabled(await self._keys.find_account_id(bearer))
        if account:
            self._cache_key(digest(bearer), account)
        return account

    def _cache_key(self, key: bytes, account: Account) -> None:
        self._key_cache[key] = (time.monotonic() + KEY_CACHE_SECONDS, account)
        self._key_cache.move_to_end(key)
        if len(self._key_cache) > KEY_CACHE_SIZE:
            self._key_cache.popitem(last=False)

    async def _find_enabled(self, account_id: str | None) -> Account | None:
        if account_id is None:
            return None
        found = await self._accounts.find_one({"_id": account_id, "disabled_at": None})
        return _parse_account(found) if found else None

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


def _normalize_email(email: str) -> str:
    return email.strip().casefold()


def _parse_account(document: Document) -> Account:
    fields: dict[str, Any] = {name: document[name] for name in Account.__slots__ if name != "id"}
    return Account(id=document["_id"], **fields)
