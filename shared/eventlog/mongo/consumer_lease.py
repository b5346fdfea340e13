"""Consumer lease: one process at a time consumes from an embedded log."""

from __future__ import annotations

import asyncio

import structlog

from shared.aio.cancellation import cancel_and_wait
from shared.database.client import Collection
from shared.database.lease import Lease
from shared.eventlog.port import AnotherProcessConsumes

log = structlog.get_logger(__name__)

LEASE = "consuming"
RETRY_SECONDS = 0.5


class ConsumerLease:
    def __init__(self, collection: Collection, holder: str, *, seconds: float = 10.0) -> None:
        self._lease = Lease(collection, LEASE, holder=holder, seconds=seconds)
        self._renewing: asyncio.Task[None] | None = None

    async def acquire(self) -> None:
        """A dead process's lease runs out. Raises AnotherProcessConsumes if its holder renews it, PyMongoError."""
        first_seen = None
        while not await self._lease.acquire():
            until = self._lease.seen["until"]
            if first_seen is None:
                first_seen = until
                log.info("waiting_for_the_consumer_lease", holder=self._lease.seen["holder"])
            if until > first_seen:
                raise AnotherProcessConsumes(self._describe_holder())
            await asyncio.sleep(RETRY_SECONDS)
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._lease.renew())

    async def ensure_held(self) -> int:
        """Acquire it again if it ran out; returns the fencing token. Raises AnotherProcessConsumes, PyMongoError."""
        if not self._lease.held and not await self._lease.acquire():
            raise AnotherProcessConsumes(self._describe_holder())
        return self._lease.fencing_token

    async def stop(self) -> None:
        # It runs out by itself.
        if self._renewing is not None:
            await cancel_and_wait(self._renewing)
            self._renewing = None

    async def release(self) -> None:
        await self.stop()
        await self._lease.release()

    def _describe_holder(self) -> str:
        host, pid, _ = (*str(self._lease.seen.get("holder")).split("/"), "?", "?")[:3]
        return (
            f"Process {pid} on {host} already consumes from this database's event log, which is made for one process: "
            f"stop it, or set KAL_KAFKA_BOOTSTRAP to run several processes on Kafka."
        )
