"""How often a log-in may be tried: the more often it failed, the longer the wait, on whichever replica it is tried.

What is counted is an account tried from one place, an account tried from all places where nobody has logged in to it
before, and a place over all accounts. Whoever guesses from many places together exhausts the second and waits; it is
not asked of a place that the account was logged in to from within :data:`KNOWN_FOR`. So nobody can lock a person out
of a place that is known, nor from a single place out of any other; only who guesses from fifteen places and more can
make a person wait who comes from a new one, for as long as a day. A place is an IPv4 address, or the network (/64) of
an IPv6 one, of which everybody has plenty.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from typing import Any, Final

from shared.database import Collection, DuplicateKeyError, IndexModel, ReturnDocument, make_indexes
from shared.web.digest import digest
from shared.web.problems import TooManyAttempts

Limit = tuple[int, timedelta]
"""So many attempts within so long."""

OF_PLACE: Final[tuple[Limit, ...]] = (
    (5, timedelta(seconds=30)),
    (10, timedelta(minutes=5)),
    (20, timedelta(minutes=15)),
)
OF_NEW_PLACE: Final[tuple[Limit, ...]] = (*OF_PLACE[:2], (20, timedelta(days=1)))
"""So that one place alone uses up no more than a small part of what all strangers have."""
OF_STRANGERS: Final[tuple[Limit, ...]] = (
    (30, timedelta(minutes=5)),
    (100, timedelta(hours=1)),
    (300, timedelta(days=1)),
)
OF_ALL_ACCOUNTS: Final[tuple[Limit, ...]] = ((60, timedelta(minutes=1)), (300, timedelta(minutes=15)))
KNOWN_FOR: Final = timedelta(days=60)
_NEVER: Final = datetime.fromtimestamp(0, UTC)


class Attempts:
    """Counts attempts to log in, in a collection that all replicas share; ``now`` gives the present instant.

    Names and addresses are kept as hashes, and only as long as they count.
    """

    def __init__(self, collection: Collection, now: Callable[[], datetime]) -> None:
        self._attempts = collection
        self._now = now

    async def prepare(self) -> None:
        """Make the indexes; repeating it changes nothing."""
        await make_indexes(self._attempts, [IndexModel([("ends_at", 1)], expireAfterSeconds=0)])

    async def count(self, account: str, address: str) -> None:
        """Count an attempt, before the password is looked at, so that many at once are counted too.

        Raises:
            TooManyAttempts: if it must wait; an attempt that was refused so is not counted against the same limit.

        """
        place = place_of(address)
        is_known = await self._is_known(account, place)
        await self._count(_key("place", account, place), OF_PLACE if is_known else OF_NEW_PLACE)
        if not is_known:
            await self._count(_key("strangers", account), OF_STRANGERS)
            await self._count(_key("all", place), OF_ALL_ACCOUNTS)

    async def succeeded(self, account: str, address: str) -> None:
        """Forget the attempts on an account from a place, after one that fitted, and know the place from now on."""
        place = place_of(address)
        await self._attempts.delete_one({"_id": _key("place", account, place)})
        known = {"$set": {"ends_at": self._now() + KNOWN_FOR}}
        with suppress(DuplicateKeyError):  # the same at the same moment
            await self._attempts.update_one({"_id": _key("known", account, place)}, known, upsert=True)

    async def _is_known(self, account: str, place: str) -> bool:
        found = await self._attempts.find_one({"_id": _key("known", account, place)})
        return found is not None and bool(found["ends_at"] > self._now())

    async def _count(self, key: str, limits: Sequence[Limit]) -> None:
        """Count by one change that looks before it writes: no two attempts can take the last place.

        Raises:
            TooManyAttempts: if a limit is reached.

        """
        now = self._now()
        change = [{"$set": {"at": _counted(limits, now), "ends_at": now + max(window for _, window in limits)}}]
        try:
            before = await self._change(key, change)
        except DuplicateKeyError:  # somebody else was the first at the same moment; now there is something to change
            before = await self._change(key, change)
        wait = _wait(before["at"] if before else [], limits, now)
        if wait > timedelta(0):
            raise TooManyAttempts(retry_after=max(1, ceil(wait.total_seconds())))

    async def _change(self, key: str, change: list[dict[str, Any]]) -> dict[str, Any] | None:
        found: dict[str, Any] | None = await self._attempts.find_one_and_update(
            {"_id": key}, change, upsert=True, return_document=ReturnDocument.BEFORE
        )
        return found


def place_of(address: str) -> str:
    """Give what stands for an address: itself, or the network of an IPv6 one; whatever is none stays as it is."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or ip_network((found, 64), strict=False))


def _key(*names: str) -> str:
    return digest("\x00".join(names)).hex()


def _counted(limits: Sequence[Limit], now: datetime) -> dict[str, Any]:
    """Say in MongoDB's words: the instants of the last attempts, and this one if no limit is reached."""
    before = {"$ifNull": ["$at", []]}
    free = [
        {"$lte": [{"$ifNull": [{"$arrayElemAt": [before, -most]}, _NEVER]}, now - window]} for most, window in limits
    ]
    most_of_all = max(most for most, _ in limits)
    return {"$cond": [{"$and": free}, {"$slice": [{"$concatArrays": [before, [now]]}, -most_of_all]}, before]}


def _wait(before: Sequence[datetime], limits: Sequence[Limit], now: datetime) -> timedelta:
    """Give how long it is until every limit lets another attempt through."""
    waits = [before[-most] + window - now for most, window in limits if len(before) >= most]
    return max([timedelta(0), *waits])
