"""Jobs and mails: worked off by two replicas while MongoDB fails."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import uuid4

import msgspec

from bench.job_replica import KIND
from faults.row import Scene, register
from shared.database.client import Database, PyMongoError, is_unavailable, open_database
from shared.jobs.repository import COLLECTION, Jobs
from shared.mail.model import Recipient
from shared.mail.outbox import MailOutbox
from tests.support.mail import make_mail, make_outbox
from tests.support.smtp import MailServer, run_mail_server

JOBS, MANY_JOBS = 2_000, 20_000
REPLICAS: Final = 2
# Each comes with one mail.
BATCH: Final = 40
BATCH_SECONDS: Final = 0.25
DONE_SECONDS: Final = 120.0
# Of both replicas together.
MOST_IN_FLIGHT: Final = 40


@dataclass(frozen=True, slots=True)
class JobResults:
    """``lost`` are not done, or without an effect; ``doubled`` had two effects; ``repeated`` were run again."""

    lost: int
    doubled: int
    repeated: int


@register(33, what="MongoDB's primary killed (SIGKILL) while two replicas work off jobs and mails, and back")
async def kill_primary_under_jobs(scene: Scene) -> None:
    many, name, url = MANY_JOBS if scene.long else JOBS, f"faults_{uuid4().hex[:8]}", scene.stage.mongo.url
    async with AsyncExitStack() as opened:
        database = await opened.enter_async_context(open_database(url, name))
        mail = await opened.enter_async_context(run_mail_server())
        outbox = make_outbox(database)
        await outbox.prepare()
        replicas = [await _start_replica(url, name, mail.url) for _ in range(REPLICAS)]
        for each in replicas:
            opened.callback(_kill, each)
        adding = asyncio.create_task(_add_all(outbox, many))
        await scene.wait(scene.random.uniform(1.0, 3.0))
        node = await asyncio.to_thread(scene.stage.mongo.find_primary)
        node.kill()
        await scene.wait(8)
        await scene.stage.start([node])
        await adding
        await _await_done(outbox.jobs)
        lost_leases = sum([await _stop_replica(each) for each in replicas])
        jobs, mails = await _judge_jobs(database, many), _judge_mails(mail, many // BATCH)
        await database.client.drop_database(name)
    scene.add_note(f"{many} jobs, {jobs.repeated} run again, {lost_leases} leases lost")
    scene.add_note(f"{many // BATCH} mails, {mails.repeated} sent again with the same Message-ID")
    for what, found in (("jobs", jobs), ("mails", mails)):
        scene.require(found.lost == 0, f"{found.lost} {what} were lost")
        scene.require(found.doubled == 0, f"{found.doubled} {what} had two effects")
        scene.require(found.repeated <= MOST_IN_FLIGHT, f"{found.repeated} {what} were run again")


async def _start_replica(url: str, name: str, smtp_url: str) -> asyncio.subprocess.Process:
    pipe, nowhere = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    command = (sys.executable, "-m", "bench.job_replica", url, name, smtp_url)
    return await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=nowhere)


async def _stop_replica(replica: asyncio.subprocess.Process) -> int:
    """Leases it lost."""
    told, _ = await replica.communicate(b"")
    return msgspec.json.decode(told, type=dict[str, int])["lost"]


def _kill(replica: asyncio.subprocess.Process) -> None:
    if replica.returncode is None:
        replica.kill()


async def _add_all(outbox: MailOutbox, many: int) -> None:
    for first in range(0, many, BATCH):
        batch: dict[str, dict[str, object]] = {f"{number}": {} for number in range(first, first + BATCH)}
        to = Recipient(None, f"editor-{first}@lot.example", "", "pl")
        await _repeat(partial(outbox.jobs.add_many, KIND, batch))
        await _repeat(partial(outbox.queue, make_mail(f"faults/{first}", to)))
        await asyncio.sleep(BATCH_SECONDS)


async def _repeat(act: Callable[[], Awaitable[object]]) -> None:
    """Until its outcome is known: adding is idempotent."""
    while True:
        try:
            await act()
        except PyMongoError as error:
            if not is_unavailable(error):
                raise
            await asyncio.sleep(BATCH_SECONDS)
        else:
            return


async def _await_done(jobs: Jobs) -> None:
    """Raises TimeoutError."""
    async with asyncio.timeout(DONE_SECONDS):
        while any(each.waiting + each.running for each in (await jobs.measure_backlog()).values()):  # noqa: ASYNC110 - a database tells nobody
            await asyncio.sleep(0.5)


async def _judge_jobs(database: Database, many: int) -> JobResults:
    fences = {each["_id"]: each["fences"] async for each in database["effects"].find()}
    done = {each["key"]: each async for each in database[COLLECTION].find({"kind": KIND, "state": "done"})}
    return JobResults(
        lost=many - len(fences.keys() & done.keys()),
        doubled=sum(each["result"]["fence"] != each["fence"] for each in done.values()),
        repeated=sum(len(each) > 1 for each in fences.values()),
    )


def _judge_mails(mail: MailServer, many: int) -> JobResults:
    """By recipient: each has one mail, recognised by its Message-ID."""
    ids: dict[str, set[str]] = {}
    for each in mail.messages:
        ids.setdefault(str(each["To"]), set()).add(str(each["Message-ID"]))
    return JobResults(
        lost=many - len(ids),
        doubled=sum(len(each) > 1 for each in ids.values()),
        repeated=len(mail.messages) - len(mail.count_by_id()),
    )
