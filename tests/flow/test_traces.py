"""One trace from the form to the feed, as a collector of OpenTelemetry receives it from the running process."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from deploy.local.ports import LOOPBACK, find_free_port
from deploy.local.processes import Child
from services.runtime.server import SHUTDOWN_SECONDS
from shared.settings import CommonSettings
from tests.support.builders import make_submission
from tests.support.clients import eventually, make_keys, people
from tests.support.running import environment, run, run_command, together_process

SUBMIT = "POST /ingest/api/v1/submissions"
ACCEPT = "POST /calendar/api/v1/reviews/{entry_id}/accept"


@dataclass
class Collector:
    """Takes spans by OTLP over HTTP and keeps them."""

    spans: list[Span] = field(default_factory=list)

    def __post_init__(self) -> None:
        keep = self.spans.extend

        class Taking(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                    for scope in resource.scope_spans:
                        keep(scope.spans)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer((LOOPBACK, 0), Taking)
        self.address = f"http://{LOOPBACK}:{self.server.server_port}"

    def named(self, name: str) -> list[Span]:
        """Give the spans of a name."""
        return [span for span in self.spans if span.name == name]


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    serving = threading.Thread(target=made.server.serve_forever)
    serving.start()
    yield made
    made.server.shutdown()
    serving.join()
    made.server.server_close()


@dataclass(frozen=True)
class Running:
    """The three services in one process, and what people need to use them."""

    process: Child
    settings: CommonSettings


@pytest.fixture
def running(
    mongo_url: str, database_name: str, tmp_path: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Running]:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.address)
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
    port = find_free_port()
    process = together_process(tmp_path, port, mongo_url=mongo_url, database_prefix=database_name)
    settings = CommonSettings(
        mongo_url=mongo_url, database_prefix=database_name, public_url=f"http://{LOOPBACK}:{port}", data_dir=tmp_path
    )
    with process:
        yield Running(process, settings)


async def test_one_trace_runs_from_the_submission_over_the_decision_to_the_feeds(
    running: Running, collector: Collector
) -> None:
    keys, address = await make_keys(running.settings), running.settings.public_url
    async with people(keys, ingest=address, calendar=address, public=address) as (editor, curator, _):
        sent = await editor.send(make_submission(title={"pl": "Żagle"}))
        assert await eventually(curator.waiting, {sent.id: 1}, within=60) == {sent.id: 1}
        await curator.accept(sent.id)

        way = [
            SUBMIT,
            "ingest sends pl.kalendarium.SubmissionReceived.v1",
            "calendar handles pl.kalendarium.SubmissionReceived.v1",
            "calendar decides",
            "calendar sends pl.kalendarium.EventPublished.v1",
            "distribution applies pl.kalendarium.EventPublished.v1",
        ]

        async def told() -> list[str]:
            return [name for name in way if collector.named(name)]

        assert await eventually(told, way, within=60) == way
        assert await eventually(lambda: _of(collector, ACCEPT), 1, within=60) == 1

    spans = {name: collector.named(name)[0] for name in way}
    (accept,) = collector.named(ACCEPT)
    assert {span.trace_id for span in spans.values()} == {spans[SUBMIT].trace_id}
    assert spans["calendar handles pl.kalendarium.SubmissionReceived.v1"].parent_span_id == spans[SUBMIT].span_id
    decision = spans["calendar decides"]
    assert spans["distribution applies pl.kalendarium.EventPublished.v1"].parent_span_id == decision.span_id
    assert accept.trace_id != decision.trace_id
    assert [(link.trace_id, link.span_id) for link in decision.links] == [(accept.trace_id, accept.span_id)]


async def _of(collector: Collector, name: str) -> int:
    return len(collector.named(name))


async def test_a_collector_that_is_away_holds_up_nothing(
    mongo_url: str, database_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://{LOOPBACK}:1")
    port = find_free_port()
    process = together_process(tmp_path, port, mongo_url=mongo_url, database_prefix=database_name)

    with process:
        await asyncio.to_thread(process.stop, within=2 * SHUTDOWN_SECONDS)

    assert process.exit_code == 0


def test_an_exporter_that_is_not_built_in_is_told_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "zipkin")
    ended = run_command("ingest", folder=tmp_path, port=str(find_free_port()))

    assert (ended.returncode, ended.stderr) == (1, "OTEL_TRACES_EXPORTER=zipkin: expected otlp, console or none\n")


def test_neither_sdk_nor_exporter_is_loaded_where_no_collector_is_named(tmp_path: Path) -> None:
    program = (
        "import os, sys; from services.runtime.all_in_one import AllInOne; "
        "from services.runtime.server import create_server; "
        "from shared.settings import CommonSettings; settings = CommonSettings(); "
        "create_server(AllInOne(settings), settings, name='Kalendarium'); "
        "sys.exit(any(name.startswith(('opentelemetry.sdk', 'opentelemetry.exporter')) for name in sys.modules))"
    )
    unset = {name: value for name, value in environment({"port": str(find_free_port())}).items() if "OTEL" not in name}

    ended = run(sys.executable, "-c", program, folder=tmp_path, environment=unset)

    assert (ended.returncode, ended.stderr) == (0, "")
