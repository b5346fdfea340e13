"""Login throttle: limits on login attempts, shared by all replicas through the database.

Three counters: an account from one network, an account from all networks that are new to it, and a network over all
accounts. A distributed attack exhausts the second, which does not apply to networks with a successful login to the
account within :data:`KNOWN_TTL`. So no attacker can lock a person out of a known network, nor, from a single network,
out of any other; only guesses from fifteen or more networks make a person on a new network wait, for a day at most. A
network is an IPv4 address or an IPv6 /64.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from typing import Any, Final

from shared.accounts.digest import digest
from shared.database.client import Collection, DuplicateKeyError, IndexModel, ReturnDocument, create_indexes

Limit = tuple[int, timedelta]
"""A number of attempts and their time window."""

LIMITS_PER_NETWORK: Final[tuple[Limit, ...]] = (
    (5, timedelta(seconds=30)),
    (10, timedelta(minutes=5)),
    (20, timedelta(minutes=15)),
)
LIMITS_PER_NEW_NETWORK: Final[tuple[Limit, ...]] = (*LIMITS_PER_NETWORK[:2], (20, timedelta(days=1)))
"""Lower, so that one network uses up only a small part of :data:`LIMITS_PER_ACCOUNT`."""
LIMITS_PER_ACCOUNT: Final[tuple[Limit, ...]] = (
    (30, timedelta(minutes=5)),
    (100, timedelta(hours=1)),
    (300, timedelta(days=1)),
)
LIMITS_OVER_ALL_ACCOUNTS: Final[tuple[Limit, ...]] = (
    (60, timedelta(minutes=1)),
    (300, timedelta(minutes=15)),
    (2_000, timedelta(days=1)),
)
"""Checked first: a refused attempt writes nothing to the database, however many accounts are invented."""
KNOWN_TTL: Final = timedelta(days=60)
_NEVER: Final = datetime.fromtimestamp(0, UTC)


class LoginThrottled(Exception):
    """Too many attempts; ``retry_after`` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"for {retry_after} s")
        self.retry_after = retry_after


class LoginThrottle:
    """Stores hashes of names and addresses, and only as long as they count."""

    def __init__(self, collection: Collection, now: Callable[[], datetime]) -> None:
        self._collection = collection
        self._now = now

    async def prepare(self) -> None:
        await create_indexes(self._collection, [IndexModel([("ends_at", 1)], expireAfterSeconds=0)])

    async def count(self, account: str, address: str) -> None:
        """Raises LoginThrottled; a refused attempt does not count against the limit that refused it."""
        network = derive_network(address)
        if await self._is_known(account, network):
            await self._count(_derive_key("place", account, network), LIMITS_PER_NETWORK)
            return
        await self._count(_derive_key("all", network), LIMITS_OVER_ALL_ACCOUNTS)
        await self._count(_derive_key("place", account, network), LIMITS_PER_NEW_NETWORK)
        await self._count(_derive_key("strangers", account), LIMITS_PER_ACCOUNT)

    async def count_mail(self, of: str, limits: Sequence[Limit]) -> None:
        """Count a mail that a person causes, from wherever. Raises LoginThrottled."""
        await self._count(_derive_key("mail", of), limits)

    async def record_success(self, account: str, address: str) -> None:
        """Reset the counter of an account and a network, and remember the network as known."""
        network = derive_network(address)
        await self._collection.delete_one({"_id": _derive_key("place", account, network)})
        known = {"$set": {"ends_at": self._now() + KNOWN_TTL}}
        with suppress(DuplicateKeyError):  # a concurrent success
            await self._collection.update_one({"_id": _derive_key("known", account, network)}, known, upsert=True)

    async def _is_known(self, account: str, network: str) -> bool:
        found = await self._collection.find_one({"_id": _derive_key("known", account, network)})
        return found is not None and bool(found["ends_at"] > self._now())

    async def _count(self, key: str, limits: Sequence[Limit]) -> None:
        """Check and count in one atomic update, so that two attempts cannot both take the last slot."""
        now = self._now()
        change = [{"$set": {"at": _build_push(limits, now), "ends_at": now + max(window for _, window in limits)}}]
        try:
            before = await self._update(key, change)
        except DuplicateKeyError:  # a concurrent attempt inserted it; now there is a document to update
            before = await self._update(key, change)
        wait = _compute_wait(before["at"] if before else [], limits, now)
        if wait > timedelta(0):
            raise LoginThrottled(max(1, ceil(wait.total_seconds())))

    async def _update(self, key: str, change: list[dict[str, Any]]) -> dict[str, Any] | None:
        found: dict[str, Any] | None = await self._collection.find_one_and_update(
            {"_id": key}, change, upsert=True, return_document=ReturnDocument.BEFORE
        )
        return found


def derive_network(address: str) -> str:
    """An IPv6 /64, or the address itself; other text is unchanged."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or ip_network((found, 64), strict=False))


def _derive_key(*names: str) -> str:
    return digest("\x00".join(names)).hex()


def _build_push(limits: Sequence[Limit], now: datetime) -> dict[str, Any]:
    """The MongoDB expression: the times of the last attempts, and this one if no limit is reached."""
    before = {"$ifNull": ["$at", []]}
    free = [
        {"$lte": [{"$ifNull": [{"$arrayElemAt": [before, -most]}, _NEVER]}, now - window]} for most, window in limits
    ]
    max_attempts = max(most for most, _ in limits)
    return {"$cond": [{"$and": free}, {"$slice": [{"$concatArrays": [before, [now]]}, -max_attempts]}, before]}


def _compute_wait(before: Sequence[datetime], limits: Sequence[Limit], now: datetime) -> timedelta:
    """The time until all limits allow another attempt."""
    waits = [before[-most] + window - now for most, window in limits if len(before) >= most]
    return max([timedelta(0), *waits])
