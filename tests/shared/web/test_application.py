"""What every request passes, and what runs next to the requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request, Response
from structlog.testing import capture_logs

from shared.database.client import ServerSelectionTimeoutError
from shared.observability.logging import get_current_traceparent
from shared.region import load_region
from shared.settings import CommonSettings
from shared.web.application import ServiceName, create_application, run_background
from shared.web.openapi import METHODS
from shared.web.ops.background import BackgroundTaskEnded
from shared.web.ops.health import Health
from shared.web.pages.renderer import Pages
from tests.shared.web.example import example_app, program

API = "/ingest/api/v1"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


async def test_every_answer_has_the_headers_that_keep_browsers_strict(caller: httpx.AsyncClient) -> None:
    for path in ("/ingest/open", "/nowhere", f"{API}/broken", "/livez", f"{API}/things"):
        headers = (await caller.get(path)).headers

        assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self';")
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"
        assert "strict-transport-security" not in headers


async def test_browsers_are_told_to_come_by_https_where_it_is_on() -> None:
    app = example_app(CommonSettings(public_url="https://kalendarium.test"))

    async with program(app) as client:
        answer = await client.get("/livez")

    assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


async def test_a_request_is_named_by_the_proxy_or_by_us(caller: httpx.AsyncClient) -> None:
    named = await caller.get("/livez", headers={"X-Request-Id": "abcdef-123"})
    unnamed = [(await caller.get("/livez")).headers["x-request-id"] for _ in range(2)]
    broken = await caller.get("/livez", headers={"X-Request-Id": "a b\tc"})

    assert named.headers["x-request-id"] == "abcdef-123"
    assert unnamed[0] != unnamed[1]
    assert broken.headers["x-request-id"] != "a b\tc"


async def test_a_request_is_one_line_in_its_trace(caller: httpx.AsyncClient) -> None:
    with capture_logs() as lines:
        await caller.get(f"{API}/things/7", headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"})

    assert [{name: line[name] for name in ("event", "service", "method", "path", "status")} for line in lines] == [
        {"event": "request", "service": "ingest", "method": "GET", "path": f"{API}/things/7", "status": 200}
    ]


async def test_a_handler_works_in_the_trace_of_its_request(app: FastAPI) -> None:
    async def trace() -> str | None:
        return get_current_traceparent()

    app.add_api_route("/ingest/api/trace", trace)

    async with program(app, traceparent=f"00-{TRACE}-00f067aa0ba902b7-01") as client:
        answer = await client.get("/ingest/api/trace")

    assert answer.json().split("-")[1] == TRACE


async def test_a_token_in_an_address_is_not_logged(caller: httpx.AsyncClient) -> None:
    with capture_logs() as lines:
        await caller.get("/f/0123456789abcdef/programme.ics")

    assert lines[-1]["path"] == "/f/…/programme.ics"


async def test_token_of_a_one_time_link_is_not_logged(caller: httpx.AsyncClient) -> None:
    with capture_logs() as lines:
        await caller.get(f"/ingest/password/kal_link_{'A' * 43}/again")

    assert lines[-1]["path"] == "/ingest/password/…/again"


@pytest.mark.parametrize("method", ["OPTIONS", "GET", "POST"])
@pytest.mark.parametrize("path", ["*", "", "/", "//", "/%2f"])
async def test_an_address_that_is_no_path_is_not_found_without_an_error_in_the_log(
    app: FastAPI, method: str, path: str
) -> None:
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"kalendarium.test")],
        "client": ("192.0.2.7", 1),
        "server": ("kalendarium.test", 80),
    }
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:  # noqa: ANN401 - a message of ASGI
        sent.append(message)

    with capture_logs() as lines:
        await app(scope, receive, send)

    assert sent[0]["status"] in {307, 308, 400, 404, 405}
    assert [each["event"] for each in lines if each["log_level"] in {"error", "critical"}] == []


async def test_the_documentation_pages_are_off(caller: httpx.AsyncClient) -> None:
    assert [(await caller.get(path)).status_code for path in ("/docs", "/redoc", "/openapi.json")] == [404] * 3


async def test_openapi_tells_every_problem_of_every_operation(caller: httpx.AsyncClient) -> None:
    document = (await caller.get(f"{API}/openapi.json")).json()

    made = document["paths"][f"{API}/things"]["post"]["responses"]
    read = document["paths"][f"{API}/things"]["get"]["responses"]
    assert list(read) == ["200", "400", "414", "429", "431", "500", "503"]
    assert set(made) == {
        *("201", "400", "401", "403", "408", "409", "413", "414", "415", "422", "429", "431", "500", "503")
    }
    assert document["components"]["schemas"]["Problem"]["required"] == [
        "type",
        "title",
        "status",
        "detail",
        "instance",
        "request_id",
    ]
    assert "HTTPValidationError" not in document["components"]["schemas"]
    for response in _problems(document):
        assert response["content"] == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        assert response["description"]


def _problems(document: dict[str, Any]) -> list[dict[str, Any]]:
    operations = [path[method] for path in document["paths"].values() for method in METHODS & path.keys()]
    return [
        response
        for operation in operations
        for status, response in operation["responses"].items()
        if not status.startswith("2")
    ]


async def test_openapi_says_which_operations_need_a_key(caller: httpx.AsyncClient) -> None:
    document = (await caller.get(f"{API}/openapi.json")).json()

    assert document["paths"][f"{API}/me"]["get"]["security"] == [{"ApiKey": []}]
    assert document["paths"][f"{API}/things"]["get"]["security"] == []


class Endings:
    """Counts how often the process would have ended."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


async def test_what_runs_in_the_background_is_stopped_at_the_end() -> None:
    health, end, stopped = Health("ingest"), Endings(), []

    async def relay(stop: asyncio.Event) -> None:
        await stop.wait()
        stopped.append("relay")

    async with run_background(relay, relay, health=health, end=end):
        await asyncio.sleep(0)
        assert stopped == []

    assert (stopped, end.count) == (["relay", "relay"], 0)
    assert health.list_liveness_problems() == {}


async def test_a_run_that_fails_ends_the_process_and_says_why() -> None:
    health, end = Health("ingest"), Endings()

    async def relay(_stop: asyncio.Event) -> None:
        raise ConnectionError("the log is gone")

    with pytest.raises(BackgroundTaskEnded, match="relay: ConnectionError: the log is gone"):  # noqa: PT012 - raised at its end
        async with run_background(relay, health=health, end=end):
            await asyncio.sleep(0.01)
            missing = health.list_liveness_problems()

    assert end.count == 1
    assert [reason for name, reason in missing.items() if name.endswith("relay")] == [
        "ConnectionError: the log is gone"
    ]


async def test_a_run_that_ends_by_itself_ends_the_process_too() -> None:
    health, end = Health("ingest"), Endings()

    async def relay(_stop: asyncio.Event) -> None:
        return

    with pytest.raises(BackgroundTaskEnded):
        async with run_background(relay, health=health, end=end):
            await asyncio.sleep(0.01)

    assert end.count == 1


async def test_a_run_that_does_not_stop_is_cancelled() -> None:
    health, end, cancelled = Health("ingest"), Endings(), []

    async def stubborn(_stop: asyncio.Event) -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            cancelled.append("stubborn")
            raise

    async with run_background(stubborn, health=health, end=end, patience=0.05):
        await asyncio.sleep(0)

    assert (cancelled, end.count) == (["stubborn"], 0)


async def test_a_run_that_cleans_up_for_long_once_cancelled_is_cancelled_again() -> None:
    health, end, ended = Health("ingest"), Endings(), []

    async def releases_a_lease_of_a_database_that_is_away(_stop: asyncio.Event) -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            try:
                await asyncio.sleep(3600)
            finally:
                ended.append("lease")

    async with asyncio.timeout(60):
        async with run_background(releases_a_lease_of_a_database_that_is_away, health=health, end=end, patience=0.05):
            await asyncio.sleep(0)

    assert (ended, end.count) == (["lease"], 0)


async def test_nothing_runs_before_the_database_let_all_be_prepared() -> None:
    health, seen = Health("ingest"), list[str]()
    is_back, running = asyncio.Event(), asyncio.Event()

    async def make_indexes() -> None:
        seen.append("tried")
        if not is_back.is_set():
            raise ServerSelectionTimeoutError("no server")

    async def relay(stop: asyncio.Event) -> None:
        seen.append("relay")
        running.set()
        await stop.wait()

    async with run_background(relay, health=health, prepare=[make_indexes], end=Endings()):
        assert health.closed == "MongoDB does not answer: ServerSelectionTimeoutError"
        assert await health.list_readiness_problems() == {"opening": health.closed}
        assert "relay" not in seen
        is_back.set()
        async with asyncio.timeout(30):
            await running.wait()
        assert await health.list_readiness_problems() == {}

    assert seen[-1] == "relay"


async def test_a_preparation_that_fails_for_another_reason_ends_the_process() -> None:
    health, end = Health("ingest"), Endings()

    async def make_indexes() -> None:
        raise ValueError("not allowed")

    with pytest.raises(BackgroundTaskEnded, match="ValueError: not allowed"):
        async with run_background(health=health, prepare=[make_indexes], end=end):
            await asyncio.sleep(0.01)

    assert end.count == 1


async def test_a_service_that_waits_for_its_database_may_be_stopped() -> None:
    health, end = Health("ingest"), Endings()

    async def make_indexes() -> None:
        raise ServerSelectionTimeoutError("no server")

    async with run_background(health=health, prepare=[make_indexes], end=end):
        pass

    assert end.count == 0


async def test_nothing_in_the_background_is_fine_too() -> None:
    async with run_background(health=Health("ingest")):
        pass


@asynccontextmanager
async def nothing_to_open(_app: FastAPI) -> AsyncIterator[None]:
    yield


@pytest.mark.parametrize("service", ["ingest", "calendar", "distribution"])
async def test_a_service_without_pages_of_its_own_still_answers_with_pages(service: ServiceName) -> None:
    app = create_application(
        service=service,
        title="Plain",
        settings=CommonSettings(),
        lifespan=nothing_to_open,
        routers=[],
        openapi_url=f"/{service}/openapi.json",
    )

    async with program(app) as client:
        answer = await client.get("/nowhere")

    assert answer.status_code == 404
    assert "<h1>" in answer.text


async def test_pages_are_compiled_in_every_language_before_anybody_asks(tmp_path: Path) -> None:
    template = tmp_path / "early.html"
    template.write_text("{{ page.lang }}", encoding="utf-8")
    settings = CommonSettings()
    pages = Pages(service="ingest", templates=tmp_path, region=load_region(settings.region), settings=settings)
    router = APIRouter()

    @router.get("/ingest/early")
    async def early(request: Request) -> Response:
        return await pages.render(request, "early.html", title="Early")

    app = create_application(
        service="ingest",
        title="Early",
        settings=settings,
        lifespan=nothing_to_open,
        routers=[router],
        openapi_url="/ingest/openapi.json",
        pages=pages,
    )
    async with app.router.lifespan_context(app):
        pass
    template.unlink()

    async with program(app) as client:
        answers = [await client.get("/ingest/early", headers={"Accept-Language": each}) for each in pages.languages]

    assert [each.text for each in answers] == list(pages.languages)
