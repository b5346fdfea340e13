"""The right to consume from an embedded log, which one process has at a time."""

from __future__ import annotations

import asyncio

import structlog

from shared.database import Collection
from shared.eventlog.lease import Lease
from shared.eventlog.port import AnotherProcessConsumes
from shared.eventlog.stopping import cancelled

log = structlog.get_logger(__name__)

LEASE = "consuming"
ASK_AGAIN_SECONDS = 0.5


class ConsumingRight:
    """A lease that this process keeps while it has members of groups."""

    def __init__(self, collection: Collection, holder: str, *, seconds: float = 10.0) -> None:
        self._lease = Lease(collection, LEASE, holder=holder, seconds=seconds)
        self._keeping: asyncio.Task[None] | None = None

    async def take(self) -> None:
        """Take the right; one left behind by a process that died runs out within its ``seconds``.

        Raises:
            AnotherProcessConsumes: its holder lives, for it renews.
            PyMongoError: if the database is away.

        """
        first_seen = None
        while not await self._lease.hold():
            until = self._lease.seen["until"]
            if first_seen is None:
                first_seen = until
                log.info("waiting_for_the_right_to_consume", holder=self._lease.seen["holder"])
            if until > first_seen:
                raise AnotherProcessConsumes(self._refusal())
            await asyncio.sleep(ASK_AGAIN_SECONDS)
        if self._keeping is None or self._keeping.done():
            self._keeping = asyncio.create_task(self._lease.keep())

    async def assert_held(self) -> int:
        """Give the lease's fence, after taking it anew if it ran out meanwhile.

        Raises:
            AnotherProcessConsumes: another process took it.
            PyMongoError: if the database is away.

        """
        if not self._lease.held and not await self._lease.hold():
            raise AnotherProcessConsumes(self._refusal())
        return self._lease.fence

    async def stop(self) -> None:
        """Keep it no longer."""
        if self._keeping is not None:
            await cancelled(self._keeping)
            self._keeping = None

    async def give_up(self) -> None:
        """Let another process have it at once."""
        await self.stop()
        await self._lease.release()

    def _refusal(self) -> str:
        host, pid, _ = (*str(self._lease.seen.get("holder")).split("/"), "?", "?")[:3]
        return (
            f"Process {pid} on {host} already consumes from this database's event log, which is made for one process: "
            f"stop it, or set KAL_KAFKA_BOOTSTRAP to run several processes on Kafka."
        )
