"""Mail addresses that refuse mail or left a list; stored by a keyed hash, so that a link names none."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.database.client import Collection, Document
from shared.email_address import normalize_email
from shared.mail.model import MAX_RESPONSE_LENGTH

KEY_LENGTH: Final = 32
SIGNATURE_LENGTH: Final = 32


class TokenInvalid(ValueError):
    """No link of ours to leave a list."""


@dataclass(frozen=True, slots=True)
class AddressState:
    """``refused_at`` is None while the address takes mail; ``unsubscribed`` are names of lists."""

    key: str
    refused_at: datetime | None = None
    reason: str = ""
    unsubscribed: frozenset[str] = frozenset()


class AddressSigner:
    """Keys of addresses, and tokens by which one leaves a list."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def derive_key(self, email: str) -> str:
        return self._sign("address", normalize_email(email))[:KEY_LENGTH]

    def make_token(self, email: str, list_name: str) -> str:
        key = self.derive_key(email)
        return f"{list_name}.{key}.{self._sign('unsubscribe', list_name, key)[:SIGNATURE_LENGTH]}"

    def read_token(self, token: str) -> tuple[str, str]:
        """Return the key of the address and the list. Raises TokenInvalid."""
        list_name, _dot, rest = token.partition(".")
        key, _dot, signature = rest.partition(".")
        expected = self._sign("unsubscribe", list_name, key)[:SIGNATURE_LENGTH]
        if not hmac.compare_digest(signature.encode("utf-8", "replace"), expected.encode()):
            raise TokenInvalid
        return key, list_name

    def _sign(self, *parts: str) -> str:
        written = "\x00".join(parts).encode("utf-8", "surrogatepass")
        return hmac.digest(self._secret, written, "sha256").hex()


class MailAddresses:
    """The collection ``mail_addresses``; addresses without a document take every mail."""

    def __init__(self, collection: Collection, *, now: Callable[[], datetime]) -> None:
        self._collection = collection
        self._now = now

    async def find(self, key: str) -> AddressState:
        found = await self._collection.find_one({"_id": key})
        return _parse_state(found) if found else AddressState(key)

    async def find_many(self, keys: Sequence[str]) -> dict[str, AddressState]:
        """By key; those that take every mail are missing."""
        found = self._collection.find({"_id": {"$in": list(keys)}})
        return {each["_id"]: _parse_state(each) async for each in found}

    async def mark_refused(self, key: str, reason: str) -> None:
        """Send nothing there until :meth:`clear`."""
        refused = {"refused_at": self._now(), "reason": reason[:MAX_RESPONSE_LENGTH]}
        await self._collection.update_one({"_id": key}, {"$set": refused}, upsert=True)

    async def clear(self, key: str) -> bool:
        """Take mail again; whether it was refused."""
        cleared = {"$set": {"refused_at": None, "reason": ""}}
        done = await self._collection.update_one({"_id": key, "refused_at": {"$ne": None}}, cleared)
        return done.matched_count == 1

    async def unsubscribe(self, key: str, list_name: str) -> None:
        await self._collection.update_one({"_id": key}, {"$addToSet": {"unsubscribed": list_name}}, upsert=True)

    async def resubscribe(self, key: str, list_name: str) -> None:
        await self._collection.update_one({"_id": key}, {"$pull": {"unsubscribed": list_name}})

    async def forget(self, key: str) -> None:
        await self._collection.delete_one({"_id": key})


def _parse_state(document: Document) -> AddressState:
    return AddressState(
        document["_id"],
        document.get("refused_at"),
        document.get("reason", ""),
        frozenset(document.get("unsubscribed", ())),
    )
