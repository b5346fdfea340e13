"""Three services behind one port: each request goes to its service, and each is opened and closed with the process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from deploy.local.ports import LOOPBACK, find_free_port
from shared.settings import CommonSettings
from tests.support.clients import eventually
from tests.support.running import run_command, together, together_process

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def settings(mongo_url: str, module_database_name: str) -> AsyncIterator[CommonSettings]:
    """Of the three services, which run for all tests that only look at them."""
    async with together(mongo_url, module_database_name) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(settings: CommonSettings) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=settings.public_url) as opened:
        yield opened


async def test_all_three_say_how_they_are(client: httpx.AsyncClient) -> None:
    well: object = {
        name: {"service": name, "ok": True, "missing": {}} for name in ("ingest", "calendar", "distribution")
    }
    for path in ("/livez", "/readyz"):

        async def answer(path: str = path) -> object:
            return (await client.get(path)).json()

        # What is done daily and was due earlier today is noted as late until it is done for the first time.
        assert await eventually(answer, well) == well
        assert (await client.get(path)).status_code == 200


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/ingest/api/v1/openapi.json", "Kalendarium ingest"),
        ("/calendar/api/v1/openapi.json", "Kalendarium calendar"),
        ("/api/v1/openapi.json", "Kalendarium"),
    ],
)
async def test_request_goes_to_the_service_of_its_path(client: httpx.AsyncClient, path: str, title: str) -> None:
    assert (await client.get(path)).json()["info"]["title"] == title


async def test_one_answer_tells_the_numbers_of_all_three(client: httpx.AsyncClient) -> None:
    text = (await client.get("/metrics")).text

    told = [f'kal_ready{{service="{name}"}} 1.0' in text for name in ("ingest", "calendar", "distribution")]
    assert (told, text.count("# TYPE process_open_fds ")) == ([True] * 3, 1)


@pytest.mark.parametrize("path", ["/feeds/programme.ics", "/feeds/programme.rss", "/feeds/programme.json"])
async def test_feeds_are_served_from_the_start(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 200


@pytest.mark.parametrize("path", ["/ingestion", "/calendars/", "/nowhere"])
async def test_path_that_only_looks_like_a_service_is_distributions_to_refuse(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await client.get(path)

    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")


@pytest.mark.parametrize("service", ["ingest", "calendar"])
async def test_staff_find_their_log_in(client: httpx.AsyncClient, service: str) -> None:
    answer = await client.get(f"/{service}/")

    assert (answer.status_code, answer.headers["location"]) == (303, f"/{service}/login?next=/{service}/")


async def test_services_close_and_open_again_on_the_same_data(mongo_url: str, fresh_name: str) -> None:
    for _ in range(2):
        async with together(mongo_url, fresh_name) as settings, httpx.AsyncClient() as client:
            assert (await client.get(f"{settings.public_url}/readyz")).status_code == 200


async def test_second_process_on_the_same_data_is_refused_and_told_what_to_do(
    mongo_url: str, fresh_name: str, tmp_path: Path
) -> None:
    kept = {"mongo_url": mongo_url, "database_prefix": fresh_name}
    with together_process(tmp_path, port := find_free_port(), **kept):
        second = await asyncio.to_thread(
            run_command, "all-in-one", folder=tmp_path, port=str(find_free_port()), log_level="warning", **kept
        )
        async with httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{port}") as client:
            first = await client.get("/readyz")

    assert first.status_code == 200
    assert second.returncode != 0
    assert "Traceback" not in second.stderr
    assert (
        "already consumes from this database's event log, which is made for one process: "
        "stop it, or set KAL_KAFKA_BOOTSTRAP to run several processes on Kafka."
    ) in second.stderr
