"""Processes that are killed in the middle: nothing is lost, and what kills them is set aside.

Each runs as a process of its own on the embedded log; the same on three services and real Kafka is in tests/connected.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from faults.failpoints import CONSUMER_HANDLED, OUTBOX_SENT, VARIABLE
from shared.database.client import Database
from shared.eventlog.dead_letters.inspect import list_dead_letters
from shared.eventlog.mongo.log import EmbeddedLog
from shared.eventlog.outbox.relay import OUTBOX_INDEX, push
from shared.eventlog.topics import PROGRAMME
from tests.shared.eventlog.builders import TRACEPARENT, envelope, post, published

ROOT = Path(__file__).parents[3]
WORKER = Path(__file__).with_name("worker.py")


async def work(what: str, mongo_url: str, database: Database, *, crash_at: str = "") -> int:
    """Run a relay or a consumer as a process until nothing is left to do; its exit code."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), VARIABLE: crash_at}
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(WORKER), what, mongo_url, database.name, env=environment, cwd=ROOT
    )
    return await asyncio.wait_for(process.wait(), 60)


async def handled(database: Database) -> dict[str, int]:
    """How often each event was handled, by the workers' own notes."""
    return {document["_id"]: document["times"] async for document in database["handled"].find()}


async def sent(database: Database) -> list[str]:
    """The envelopes on the topic, in order."""
    found = database[f"log.{PROGRAMME.name}"].find({}, sort=[("_id", 1)])
    return [dict(map(tuple, document["headers"]))["ce_id"].decode() async for document in found]


async def fill(database: Database, *event_ids: str) -> None:
    log = EmbeddedLog(database)
    for event_id in event_ids:
        await post(log, published(event_id))
    await log.close()


async def test_a_relay_killed_between_answer_and_taking_out_sends_again(mongo_url: str, database: Database) -> None:
    """Row 3 of the fault matrix: twice on the topic, once in the outbox no more."""
    await database["entries"].create_indexes([OUTBOX_INDEX])
    envelopes = [
        envelope(published("e1", revision), message_id=f"m{revision}", traceparent=TRACEPARENT) for revision in (1, 2)
    ]
    await database["entries"].update_one({"_id": "e1"}, push(envelopes), upsert=True)

    crashed = await work("relay", mongo_url, database, crash_at=f"{OUTBOX_SENT}:2")
    again = await work("relay", mongo_url, database)

    assert (crashed, again) == (-signal.SIGKILL, 0)
    assert await sent(database) == ["m1", "m2", "m1", "m2"]
    assert await database["entries"].count_documents({"outbox.id": {"$exists": True}}) == 0


async def test_a_consumer_killed_between_effect_and_commit_handles_again(mongo_url: str, database: Database) -> None:
    """Row 2: the record comes again, and nothing behind it is missed."""
    await fill(database, "e1", "e2", "e3")

    crashed = await work("consumer", mongo_url, database, crash_at=f"{CONSUMER_HANDLED}:2")
    again = await work("consumer", mongo_url, database)

    assert (crashed, again) == (-signal.SIGKILL, 0)
    assert await handled(database) == {"e1": 2, "e2": 2, "e3": 1}


@pytest.mark.slow
async def test_a_record_that_kills_the_process_is_parked_after_three_deaths(mongo_url: str, database: Database) -> None:
    """Row 19: otherwise one record would restart the service for ever."""
    await fill(database, "e1", "deadly", "e2")

    ends = [await work("consumer", mongo_url, database) for _ in range(4)]

    assert ends == [-signal.SIGKILL] * 3 + [0]
    assert (await handled(database)).keys() == {"e1", "e2"}
    (parked,) = await list_dead_letters(EmbeddedLog(database))
    assert (parked.key, parked.error) == (b"deadly", "KilledTheProcess")
