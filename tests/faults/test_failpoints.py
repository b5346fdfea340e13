"""Where the fault suite kills a service, and that the product knows nothing of it."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from aiokafka.consumer.fetcher import Fetcher

from faults.failpoints import FETCH_ROUTINE, VARIABLE, cancel_fetching

ROOT = Path(__file__).parents[2]
WORK = """
import asyncio, os, sys
from faults.failpoints import install
from shared.database.client import open_database
from shared.eventlog.envelope import Envelope
from shared.eventlog.port import Partition, Record
from shared.eventlog.tracing import build_handling_span, trace_applying, trace_sending
from shared.observability.logging import enter_trace

install(os.environ)
T = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

def done(step):
    print(step, flush=True)

async def main(url, name):
    for key in ("e1", "e2", "e3"):
        envelope = Envelope(id="m", topic="t", key=key, type="T", source="/s", time="", data=b"", traceparent=T)
        record = Record(Partition("t", 0), 0, 4_000_000_000_000, key.encode(), b"", ())
        with enter_trace(T, build_handling_span(record, envelope, "calendar")):
            done("handler")
        done("commit")
        with trace_sending(envelope, "calendar"):
            done("answer")
        done("taken out")
        with trace_applying(record, "distribution"):
            done("programme")
        done("feed")
    if url:
        async with open_database(url, name) as database:
            await database["elsewhere"].insert_one({"_id": 1})
            await database["entries"].insert_one({"_id": 1, "outbox": []})
            done("added")
            await database["entries"].update_one({"_id": 1}, {"$push": {"outbox": {"id": "m"}}})
            done("changed")
            await database["entries"].update_many({"_id": 1}, {"$pull": {"outbox": {"id": "m"}}})
            await database["entries"].update_one({"_id": 2}, {"$set": {"name": "of another"}})
            done("nothing of ours")
            await database["submissions"].update_one({"_id": 3}, {"$set": {"name": "new"}}, upsert=True)
            done("upserted")

asyncio.run(main(*sys.argv[1:]))
"""
A_RECORD = ["handler", "commit", "answer", "taken out", "programme", "feed"]


def run(crash_at: str | None, *database: str) -> tuple[int, list[str]]:
    """Do the work in a process that complains of nothing; gives its exit code, and how far it came."""
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    environment |= {"PYTHONPATH": str(ROOT)} | ({} if crash_at is None else {VARIABLE: crash_at})
    ended = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", WORK, *(database or ("", ""))],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stderr == ""
    return ended.returncode, ended.stdout.splitlines()


@pytest.mark.parametrize("crash_at", [None, "", "store.written", "outbox.sent:9", "record.taken=e9"])
def test_a_place_that_is_not_named_does_nothing(crash_at: str | None) -> None:
    assert run(crash_at) == (0, A_RECORD * 3)


@pytest.mark.parametrize(
    ("crash_at", "steps"),
    [
        ("record.taken", []),
        ("record.taken=e2", A_RECORD),
        ("consumer.handled", A_RECORD[:1]),
        ("outbox.sent", A_RECORD[:3]),
        ("outbox.sent:2", A_RECORD + A_RECORD[:3]),
        ("record.read", A_RECORD[:4]),
        ("record.applied:3", A_RECORD * 2 + A_RECORD[:5]),
    ],
)
def test_the_process_dies_where_it_is_told(crash_at: str, steps: list[str]) -> None:
    assert run(crash_at) == (-signal.SIGKILL, steps)


@pytest.mark.parametrize(("time", "steps"), [(1, []), (2, ["added"]), (3, ["added", "changed", "nothing of ours"])])
def test_the_process_dies_once_a_store_has_written_and_not_once_an_outbox_was_emptied(
    mongo_url: str, database_name: str, time: int, steps: list[str]
) -> None:
    assert run(f"store.written:{time}", mongo_url, database_name) == (-signal.SIGKILL, A_RECORD * 3 + steps)


def test_a_client_that_is_closed_writes_to_no_store(mongo_url: str, database_name: str) -> None:
    every_step = ["added", "changed", "nothing of ours", "upserted"]

    assert run("store.written:9", mongo_url, database_name) == (0, A_RECORD * 3 + every_step)


async def test_the_task_that_fetches_is_found_by_the_name_that_the_client_gives_it() -> None:
    assert Fetcher._fetch_requests_routine.__qualname__ == FETCH_ROUTINE  # noqa: SLF001 - the failpoint knows no other

    with pytest.raises(LookupError):
        cancel_fetching()


async def test_the_task_that_fetches_is_cancelled_and_no_other() -> None:
    async def forever() -> None:
        await asyncio.Event().wait()

    other = asyncio.create_task(forever())
    forever.__qualname__ = FETCH_ROUTINE
    fetching = asyncio.create_task(forever())
    await asyncio.sleep(0)

    cancel_fetching()

    await asyncio.wait({fetching})
    assert (fetching.cancelled(), other.done()) == (True, False)
    other.cancel()


@pytest.mark.parametrize("room", ["services", "shared", "deploy"])
def test_the_product_knows_nothing_of_what_hurts_it(room: str) -> None:
    ours = re.compile(rf"{VARIABLE}|crash_point|failpoint|_fetch_task|^(?:from|import) faults", re.MULTILINE)

    knowing = [str(each) for each in (ROOT / room).rglob("*.py") if ours.search(each.read_text(encoding="utf-8"))]

    assert knowing == []
