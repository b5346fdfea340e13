"""Reporter: counts every half minute, in one of all replicas."""

from __future__ import annotations

import asyncio
import os
import socket
from functools import partial
from typing import Final
from uuid import uuid4

import structlog

from services.ingest.activity.commands import tell_activity
from services.ingest.activity.repository import Activities
from services.ingest.request.commands import close_answered
from services.ingest.state import State
from shared.accounts.accounts import Accounts
from shared.aio.cancellation import wait_or_stop
from shared.database.client import Collection, PyMongoError
from shared.database.lease import Lease

REPORT_SECONDS: Final = 30.0
log = structlog.get_logger(__name__)


class ActivityReporter:
    """The lease saves work only: two that count at once tell each number once."""

    def __init__(
        self,
        state: State,
        accounts: Accounts,
        activities: Activities,
        *,
        leases: Collection,
        seconds: float = REPORT_SECONDS,
    ) -> None:
        self._tell = partial(tell_activity, state, accounts, activities)
        self._close_answered = partial(close_answered, state)
        self._seconds = seconds
        holder = f"{socket.gethostname()}/{os.getpid()}/{uuid4().hex}"
        self._lease = Lease(leases, "activity", holder=holder, seconds=2.5 * seconds)

    async def run(self, stop: asyncio.Event) -> None:
        """Report until ``stop`` is set; an outage is waited for."""
        while not stop.is_set():
            try:
                if await self._lease.acquire():
                    await self._tell()
                    await self._close_answered()
            except PyMongoError as error:
                log.warning("activity_not_told", reason=repr(error))
            await wait_or_stop(stop, asyncio.sleep(self._seconds))
        await self._lease.release()
