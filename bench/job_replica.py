"""A replica that only works off jobs: ``python -m bench.job_replica MONGO_URL DATABASE``, until its input ends.

Each job counts its runs in a document of its own, as an effect that a repetition would show. At the end the replica
prints its counters.
"""

from __future__ import annotations

import asyncio
import sys

import msgspec
import uvloop

from shared.database.client import open_database
from shared.jobs.model import Job
from shared.jobs.repository import COLLECTION, Jobs
from shared.jobs.worker import JobWorker
from shared.observability.logging import configure_logging

KIND = "note"


async def work(url: str, database: str) -> None:
    async with open_database(url, database) as opened:
        effects = opened["effects"]

        async def note(job: Job) -> dict[str, int]:
            await effects.update_one({"_id": job.key}, {"$addToSet": {"fences": job.fence}}, upsert=True)
            return {"fence": job.fence}

        worker = JobWorker(Jobs(opened[COLLECTION]), {KIND: note})
        stop = asyncio.Event()
        working = asyncio.create_task(worker.run(stop))
        await asyncio.to_thread(sys.stdin.read)
        stop.set()
        await working
        counted = {name: counts[KIND] for name, counts in worker.counts.items()}
        sys.stdout.buffer.write(msgspec.json.encode(counted))


if __name__ == "__main__":
    configure_logging(level="error", style="json")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work(*sys.argv[1:]))
