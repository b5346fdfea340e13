"""An outbox in a real MongoDB, a real mail server, and workers in between."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Final

import pytest

from shared.aio.cancellation import cancel_and_wait
from shared.database.client import Database
from shared.jobs.worker import WorkerSettings
from shared.mail.delivery import open_delivery
from shared.mail.outbox import MailOutbox
from shared.mail.sender import POLICY
from tests.support.mail import make_outbox
from tests.support.smtp import MailServer, run_mail_server

QUICK: Final = WorkerSettings(poll_seconds=0.05, lease_seconds=5.0, parallel=4, first_wait=0.05, longest_wait=0.2)
Working = Callable[[], AbstractAsyncContextManager[None]]


@pytest.fixture
async def outbox(database: Database) -> MailOutbox:
    made = make_outbox(database)
    await made.prepare()
    return made


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with run_mail_server() as running:
        yield running


@pytest.fixture
def working(database: Database, server: MailServer) -> Working:
    """Run a worker of mails until the block ends, as a process of its own would."""
    return lambda: run_delivery(database, server.url)


@asynccontextmanager
async def run_delivery(
    database: Database, url: str, *, tls: ssl.SSLContext | None = None, first_wait: float = 0.05
) -> AsyncIterator[None]:
    policy = replace(POLICY, first_wait=first_wait, longest_wait=max(0.1, first_wait))
    own = make_outbox(database)
    async with open_delivery(own, url, settings=QUICK, policy=policy, away_seconds=0.1, tls=tls) as workers:
        stop = asyncio.Event()
        running = [asyncio.create_task(each.run(stop)) for each in workers]
        try:
            yield
        finally:
            stop.set()
            await asyncio.wait(running, timeout=3)
            await cancel_and_wait(*running)
