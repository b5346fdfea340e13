"""A replica that only works off jobs and mails: ``python -m bench.job_replica MONGO_URL DATABASE [SMTP_URL]``.

Each job notes its run in a document of its own, by its fencing token, so that a second run would be seen. When its
input ends the replica stops and prints its counters.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack

import msgspec
import uvloop

from shared.database.client import open_database
from shared.jobs.model import Job
from shared.jobs.repository import COLLECTION, Jobs
from shared.jobs.worker import JobWorker
from shared.jobs.workers import JobWorkers
from shared.mail.delivery import open_delivery
from shared.observability.logging import configure_logging
from tests.support.mail import make_outbox

KIND = "note"


async def work(url: str, name: str, smtp_url: str | None = None) -> None:
    async with AsyncExitStack() as opened:
        database = await opened.enter_async_context(open_database(url, name))
        effects = database["effects"]

        async def note(job: Job) -> dict[str, int]:
            await effects.update_one({"_id": job.key}, {"$addToSet": {"fences": job.fence}}, upsert=True)
            return {"fence": job.fence}

        mail_workers = await opened.enter_async_context(open_delivery(make_outbox(database), smtp_url))
        workers = [JobWorker(Jobs(database[COLLECTION]), {KIND: note}), *mail_workers]
        stop = asyncio.Event()
        working = asyncio.create_task(JobWorkers(*workers).run(stop))
        await asyncio.to_thread(sys.stdin.read)
        stop.set()
        await working
    counted = {name: sum(worker.counts[name].total() for worker in workers) for name in workers[0].counts}
    sys.stdout.buffer.write(msgspec.json.encode(counted))


if __name__ == "__main__":
    configure_logging(level="error", style="json")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work(*sys.argv[1:]))
