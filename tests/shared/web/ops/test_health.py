"""Whether a service lives and is ready, and what it counts."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from shared.web.ops.exposition import render_metrics
from shared.web.ops.health import Health


@pytest.fixture
def health(app: FastAPI) -> Health:
    found: Health = app.state.health
    return found


async def test_a_service_without_trouble_lives_and_is_ready(caller: httpx.AsyncClient) -> None:
    lives, ready = await caller.get("/livez"), await caller.get("/readyz")

    assert (lives.status_code, ready.status_code) == (200, 200)
    assert ready.json() == {"service": "ingest", "ok": True, "missing": {}}


async def test_a_service_that_is_not_ready_says_what_is_missing(caller: httpx.AsyncClient, health: Health) -> None:
    async def behind() -> str | None:
        return "12 records behind"

    health.add_readiness_check("programme", behind)
    health.add_readiness_check("database", lambda: None)

    answer = await caller.get("/readyz")

    assert (answer.status_code, answer.json()["missing"]) == (503, {"programme": "12 records behind"})
    assert (await caller.get("/livez")).status_code == 200


async def test_a_check_that_fails_is_missing_and_hides_no_other(caller: httpx.AsyncClient, health: Health) -> None:
    def fails() -> str | None:
        raise TimeoutError("no answer in 3 s")

    health.add_readiness_check("log", fails)
    health.add_readiness_check("programme", lambda: "not read yet")

    answer = await caller.get("/readyz")

    assert answer.json()["missing"] == {"log": "TimeoutError: no answer in 3 s", "programme": "not read yet"}


async def test_a_service_with_a_broken_part_does_not_live(caller: httpx.AsyncClient, health: Health) -> None:
    health.mark_broken("Relay", "it ended by itself")

    lives, ready = await caller.get("/livez"), await caller.get("/readyz")

    assert (lives.status_code, lives.json()["missing"]) == (503, {"Relay": "it ended by itself"})
    assert ready.status_code == 503


async def test_metrics_count_requests_by_route_and_not_by_path(caller: httpx.AsyncClient) -> None:
    await caller.get("/ingest/api/v1/things/7")
    await caller.get("/ingest/api/v1/things/8")
    await caller.get("/no/such/path")

    text = (await caller.get("/metrics")).text

    route = 'method="GET",route="/ingest/api/v1/things/{number}",service="ingest"'
    assert f'kal_request_seconds_count{{{route},status="200"}} 1.0' in text
    assert f'kal_request_seconds_count{{{route},status="404"}} 1.0' in text
    assert "/no/such/path" not in text


async def test_metrics_show_numbers_of_the_moment(caller: httpx.AsyncClient, health: Health) -> None:
    lag = {"submissions.v1": 3.0}
    health.add_gauge("kal_consumer_lag", "Records still to be handled.", lambda: lag, label="topic")
    health.add_gauge("kal_outbox_documents", "Documents with messages to send.", lambda: 2)
    lag["submissions.v1"] = 5.0

    text = (await caller.get("/metrics")).text

    assert 'kal_consumer_lag{service="ingest",topic="submissions.v1"} 5.0' in text
    assert 'kal_outbox_documents{service="ingest"} 2.0' in text


async def test_two_services_in_one_process_count_apart() -> None:
    ingest, calendar = Health("ingest"), Health("calendar")

    ingest.count_request(method="GET", route="/", status=200, seconds=0.01)

    counted = b'kal_request_seconds_count{method="GET",route="/",service="ingest"'
    assert counted in await render_metrics(ingest.metrics)
    assert counted not in await render_metrics(calendar.metrics)


@pytest.mark.parametrize(("path", "status"), [("/ingest/open", 503), ("/livez", 200), ("/static/none.css", 404)])
async def test_a_service_that_is_not_open_yet_refuses_all_but_questions_about_itself(
    caller: httpx.AsyncClient, health: Health, path: str, status: int
) -> None:
    health.closed = "MongoDB does not answer"

    answer, ready = await caller.get(path), await caller.get("/readyz")

    assert (answer.status_code, answer.headers.get("retry-after")) == (status, "5" if status == 503 else None)
    assert (ready.status_code, ready.json()["missing"]) == (503, {"opening": "MongoDB does not answer"})
