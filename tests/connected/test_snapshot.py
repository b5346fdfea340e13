"""Distribution as a process of its own beside a real Kafka that is stopped, comes back, and is lost for good."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import httpx
import pytest
from uuid_utils import uuid7

from deploy.local.kafka import Kafka, start_kafka
from deploy.local.ports import LOOPBACK, find_free_port
from deploy.local.processes import Child
from services.demo.stack import create_service_process
from shared.eventlog.envelope import wrap
from shared.eventlog.kafka.log import KafkaLog
from shared.eventlog.kafka.settings import KafkaSettings
from shared.eventlog.port import Outgoing
from tests.services.distribution.builders import make_message
from tests.support.clients import CERTIFICATES
from tests.support.running import REGION

pytestmark = [pytest.mark.connected, pytest.mark.slow, pytest.mark.timeout(600)]

SAYS: Final = "x-feed-generated-at"
SHOWN: Final = (
    "/feeds/programme.ics",
    "/feeds/programme.rss",
    "/feeds/programme.json?lang=de",
    "/feeds/pot-berlin.ics",
    "/api/v1/events?limit=200",
    "/pl/2027",
)
PATIENCE: Final = 120.0


class Office:
    """Distribution's process and what it shows."""

    def __init__(self, folder: Path, bootstrap: str) -> None:
        port = find_free_port()
        self.address = f"http://{LOOPBACK}:{port}"
        settings = {
            "KAL_KAFKA_BOOTSTRAP": bootstrap,
            "KAL_PUBLIC_URL": "https://kalendarium.example.org",
            "KAL_REGION": str(REGION),
        }
        self.process: Child = create_service_process("distribution", port, folder=folder, settings=settings)
        self.snapshot = folder / "distribution" / "programme.snapshot"

    async def start(self) -> None:
        await asyncio.to_thread(self.process.start)

    async def stop(self) -> None:
        await asyncio.to_thread(self.process.stop)

    async def get(self, path: str) -> httpx.Response:
        async with httpx.AsyncClient(
            base_url=self.address, headers={"accept-encoding": "gzip"}, verify=CERTIFICATES
        ) as client:
            return await client.get(path)

    async def shown(self) -> dict[str, tuple[int, bytes, str | None]]:
        """Status, bytes and tag of everything, by address."""
        answers = {path: await self.get(path) for path in SHOWN}
        return {path: (each.status_code, each.content, each.headers.get("etag")) for path, each in answers.items()}

    async def events(self) -> set[str]:
        return {item["id"] for item in (await self.get("/api/v1/events?limit=200")).json()["items"]}

    async def says_its_age(self) -> bool:
        return SAYS in (await self.get(SHOWN[0])).headers

    async def is_live(self) -> bool:
        return not await self.says_its_age()


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await is_so():  # noqa: ASYNC110 - another process rings no bell
            await asyncio.sleep(0.1)


async def say(kafka: Kafka, *ids: str) -> None:
    """Put events on the programme's topic."""
    log = KafkaLog(KafkaSettings(bootstrap=kafka.bootstrap))
    try:
        for event_id in ids:
            envelope = wrap(make_message(event_id), id=str(uuid7()), source="/calendar", time="2026-11-21T10:00:00Z")
            await log.send(Outgoing(envelope.topic, envelope.key.encode(), envelope.data, envelope.build_headers()))
    finally:
        await log.close()


async def test_the_programme_is_shown_whatever_becomes_of_the_log(kafka_libs: Path, tmp_path: Path) -> None:
    first = {f"event-{number}" for number in range(40)}
    kafka = await asyncio.to_thread(start_kafka, tmp_path / "kafka")
    office = Office(tmp_path, kafka.bootstrap)
    try:
        await say(kafka, *sorted(first))
        await office.start()
        assert await office.events() == first
        assert await office.is_live()
        before = await office.shown()
        await office.stop()

        # A start without the log shows the same, and how old it is.
        await asyncio.to_thread(kafka.stop)
        await office.start()
        answer = await office.get(SHOWN[0])
        assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", answer.headers[SAYS])
        assert await office.shown() == before
        assert {status for status, _, _ in before.values()} == {200}

        # The log comes back: what was written meanwhile is read on, and nothing says its age any more.
        await asyncio.to_thread(kafka.nodes[0].start)
        await say(kafka, "later")
        await until(office.is_live)
        assert await office.events() == first | {"later"}

        # kill -9 of both: nothing that was shown is taken back.
        await asyncio.to_thread(office.process.kill)
        await asyncio.to_thread(kafka.kill)
        await office.start()
        assert await office.events() == first | {"later"}

        # The log is lost and made again: what was shown stays until most of it is in the new one.
        shutil.rmtree(tmp_path / "kafka")
        port = kafka.ports[0].clients
        kafka = await asyncio.to_thread(start_kafka, tmp_path / "kafka", ports=[port])
        assert first <= await office.events()
        await say(kafka, "event-1", "new")

        async def is_noted() -> bool:
            return "events shown are not in it" in (await office.get("/readyz")).text

        await until(is_noted)
        assert first <= await office.events()
        half = {f"event-{number}" for number in range(25)}
        await say(kafka, *sorted(half - {"event-1"}))
        await until(office.is_live)
        assert await office.events() == half | {"new"}
    finally:
        await office.stop()
        await asyncio.to_thread(kafka.kill)


async def test_a_log_that_goes_away_while_it_is_read_changes_nothing_but_the_age(
    kafka_libs: Path,
    tmp_path: Path,
) -> None:
    kafka = await asyncio.to_thread(start_kafka, tmp_path / "kafka")
    office = Office(tmp_path, kafka.bootstrap)
    try:
        await say(kafka, "event-0", "event-1")
        await office.start()
        before = await office.shown()

        await asyncio.to_thread(kafka.kill)
        await until(office.says_its_age)

        assert await office.shown() == before
        assert (await office.get("/readyz")).status_code == 200
    finally:
        await office.stop()
        await asyncio.to_thread(kafka.kill)
    assert office.snapshot.exists()
