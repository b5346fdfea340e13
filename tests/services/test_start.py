"""A start while the database or the log is away: the process lives, says what is missing, and mends itself."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from deploy.local.polling import poll_until
from deploy.local.ports import LOOPBACK, find_free_port
from deploy.local.processes import Child
from deploy.local.replica_set import start_replica_set
from tests.support.running import COMMAND, environment

PATIENCE = 90.0


def process(name: str, port: int, folder: Path, **settings: str) -> Child:
    """A service as a process, not started yet; it counts as started once it answers, ready or not."""
    return Child(
        name,
        [*COMMAND, name],
        log=folder / f"{name}.log",
        ready=lambda: _answers(port),
        environment=environment({"port": str(port), "data_dir": str(folder / "data"), **settings}),
    )


def _answers(port: int) -> bool:
    try:
        return ask(port, "/livez").is_success
    except httpx.TransportError:
        return False


def ask(port: int, path: str) -> httpx.Response:
    return httpx.get(f"http://{LOOPBACK}:{port}{path}", timeout=30)


def is_ready(port: int) -> bool:
    return ask(port, "/readyz").is_success


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ingest", "calendar", "all-in-one"])
def test_service_starts_without_its_database_and_becomes_ready_by_itself(name: str, tmp_path: Path) -> None:
    port, mongo_port = find_free_port(), find_free_port()
    service = "ingest" if name == "all-in-one" else name
    url = f"mongodb://{LOOPBACK}:{mongo_port}/?replicaSet=kalendarium"

    with process(name, port, tmp_path, mongo_url=url) as started:
        ready = ask(port, "/readyz")
        page, api = ask(port, f"/{service}/login"), ask(port, f"/{service}/api/v1/openapi.json")
        metrics = ask(port, "/metrics")
        with start_replica_set(tmp_path / "mongo", ports=[mongo_port]):
            assert poll_until(lambda: is_ready(port), within=PATIENCE)
            opened = ask(port, f"/{service}/login")
            still = started.running
            started.stop()

    said = ready.json()[service] if name == "all-in-one" else ready.json()
    assert (ready.status_code, said["ok"]) == (503, False)
    assert said["missing"]["opening"].startswith("MongoDB does not answer: ")
    assert [(each.status_code, each.headers["retry-after"]) for each in (page, api)] == [(503, "5")] * 2
    assert (page.headers["content-type"], api.headers["content-type"]) == (
        "text/html; charset=utf-8",
        "application/problem+json",
    )
    assert re.search(rf'^kal_ready{{service="{service}"}} 0.0$', metrics.text, re.MULTILINE)
    assert re.search(rf'^kal_outbox_unsent_messages{{service="{service}"}} NaN$', metrics.text, re.MULTILINE)
    assert (opened.status_code, still, started.exit_code) == (200, True, 0)
