"""Lease: one holder at a time, by the database's clock, with a fencing token."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import structlog

from shared.database.client import Collection, Document, PyMongoError, ReturnDocument, is_unavailable

log = structlog.get_logger(__name__)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Lease:
    """A named lease in a collection."""

    # The database decides by its own clock (``$$NOW``), so that no wrong clock can make two holders. A holder trusts
    # its lease for ``seconds`` from *before* it asked, by its monotonic clock, so that one that stalls knows that it
    # may have lost it. ``fencing_token`` rises each time the lease changes hands.

    def __init__(
        self,
        collection: Collection,
        name: str,
        *,
        holder: str,
        seconds: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.holder = holder
        self.seconds = seconds
        self.fencing_token = 0
        self.seen: Document = {}
        self._collection = collection
        self._clock = clock
        self._until = float("-inf")

    @property
    def held(self) -> bool:
        return self._clock() < self._until

    async def acquire(self) -> bool:
        """Acquire or renew; whether it is ours. ``seen`` is the database's answer. Raises PyMongoError."""
        asked = self._clock()
        seen = await self._collection.find_one_and_update(
            {"_id": self.name}, [{"$set": self._build_update()}], upsert=True, return_document=ReturnDocument.AFTER
        )
        self.seen = seen or {}
        if self.seen.get("holder") != self.holder:
            self._until = float("-inf")
            return False
        self.fencing_token = int(self.seen["fence"])
        self._until = asked + self.seconds
        return True

    async def renew(self) -> None:
        """Renew until cancelled, four times in ``seconds``; an outage lets the lease run out."""
        while True:
            try:
                await self.acquire()
            except PyMongoError as error:
                if not is_unavailable(error):
                    raise
                log.warning("lease_not_renewed", lease=self.name, reason=repr(error))
            await asyncio.sleep(self.seconds / 4)

    async def release(self) -> None:
        self._until = float("-inf")
        with suppress(PyMongoError):
            await self._collection.update_one(
                {"_id": self.name, "holder": self.holder}, {"$set": {"holder": None, "until": LONG_AGO}}
            )

    def _build_update(self) -> Document:
        mine = {"$eq": ["$holder", self.holder]}
        free = {"$lte": [{"$ifNull": ["$until", LONG_AGO]}, "$$NOW"]}
        next_token = {"$cond": [mine, "$fence", {"$add": [{"$ifNull": ["$fence", 0]}, 1]}]}
        until = {"$add": ["$$NOW", round(self.seconds * 1000)]}
        take = {"$or": [mine, free]}
        return {
            "holder": {"$cond": [take, self.holder, "$holder"]},
            "fence": {"$cond": [take, next_token, "$fence"]},
            "until": {"$cond": [take, until, "$until"]},
        }
