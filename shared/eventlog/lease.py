"""A right that one process has at a time, by the database's clock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import structlog

from shared.database import Collection, Document, PyMongoError, ReturnDocument, is_away

log = structlog.get_logger(__name__)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Lease:
    """A named lease in a collection.

    The database decides, by its own clock (``$$NOW``), so that a wrong clock of a machine cannot make two holders. A
    holder trusts its lease only for ``seconds`` from *before* it asked, by its monotonic clock: one that stalls and
    wakes knows that it may have lost it. ``fence`` rises each time the lease changes hands.
    """

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
        self.fence = 0
        self.seen: Document = {}
        self._collection = collection
        self._clock = clock
        self._until = float("-inf")

    @property
    def held(self) -> bool:
        """Whether the lease is ours at this moment, for certain."""
        return self._clock() < self._until

    async def hold(self) -> bool:
        """Take the lease if it is free, or renew it; what the database holds then is in ``seen``.

        Returns:
            Whether it is ours.

        Raises:
            PyMongoError: if the database is away; the lease is then ours only as long as ``held`` says.

        """
        asked = self._clock()
        seen = await self._collection.find_one_and_update(
            {"_id": self.name}, [{"$set": self._taken()}], upsert=True, return_document=ReturnDocument.AFTER
        )
        self.seen = seen or {}
        if self.seen.get("holder") != self.holder:
            self._until = float("-inf")
            return False
        self.fence = int(self.seen["fence"])
        self._until = asked + self.seconds
        return True

    async def keep(self) -> None:
        """Renew the lease for ever, three times as often as needed; an outage only leaves it to run out."""
        while True:
            try:
                await self.hold()
            except PyMongoError as error:
                if not is_away(error):
                    raise
                log.warning("lease_not_renewed", lease=self.name, reason=repr(error))
            await asyncio.sleep(self.seconds / 4)

    async def release(self) -> None:
        """Give the lease up, so that the next one need not wait for its end."""
        self._until = float("-inf")
        with suppress(PyMongoError):
            await self._collection.update_one(
                {"_id": self.name, "holder": self.holder}, {"$set": {"holder": None, "until": LONG_AGO}}
            )

    def _taken(self) -> Document:
        mine = {"$eq": ["$holder", self.holder]}
        free = {"$lte": [{"$ifNull": ["$until", LONG_AGO]}, "$$NOW"]}
        next_fence = {"$cond": [mine, "$fence", {"$add": [{"$ifNull": ["$fence", 0]}, 1]}]}
        until = {"$add": ["$$NOW", round(self.seconds * 1000)]}
        take = {"$or": [mine, free]}
        return {
            "holder": {"$cond": [take, self.holder, "$holder"]},
            "fence": {"$cond": [take, next_fence, "$fence"]},
            "until": {"$cond": [take, until, "$until"]},
        }
