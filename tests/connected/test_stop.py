"""SIGTERM while Kafka, MongoDB or both are stalled or dead: every process ends by itself, in time and in order.

Real servers, each service a process and the three in one beside them; work is in their hands when they are asked to
end. An exit code of 0 says that the process closed everything within its own limit of ten seconds: one that is cut off
there ends with 1, one that is killed with -9.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import httpx
import pytest

from deploy.local.kafka import start_kafka
from deploy.local.polling import poll_until
from deploy.local.ports import LOOPBACK, find_free_ports
from deploy.local.probes import probe_http
from deploy.local.processes import Child, start_all, stop_all
from deploy.local.replica_set import start_replica_set
from services.runtime.server import SHUTDOWN_SECONDS
from shared.settings import CommonSettings
from tests.support.builders import make_submission
from tests.support.clients import Keys, make_keys
from tests.support.running import COMMAND, environment

pytestmark = [pytest.mark.connected, pytest.mark.slow, pytest.mark.timeout(600)]

SERVICES: Final = ("ingest", "calendar", "distribution", "together")
SUPERVISOR_SECONDS: Final = 30.0
"""When the supervisor would kill; long, because the exit code tells what is asked."""
AWAY: Final = {"kafka": ("kafka",), "mongo": ("mongo",), "both": ("kafka", "mongo")}


@dataclass(frozen=True)
class House:
    """The servers, and the services with their addresses, not started yet."""

    servers: dict[str, Child]
    services: dict[str, Child]
    addresses: dict[str, str]
    keys: Keys

    @contextmanager
    def hurt(self, names: Sequence[str], how: str) -> Iterator[None]:
        """Stall or kill servers, and have them back afterwards."""
        for name in names:
            self.servers[name].suspend() if how == "SIGSTOP" else self.servers[name].kill()
        try:
            yield
        finally:
            for name in names:
                self.servers[name].resume() if how == "SIGSTOP" else self.servers[name].start()

    def send(self, service: str, title: str) -> str:
        """Send an event in, and give what became of it."""
        path = "ingest/api/v1/submissions"
        event = make_submission(title={"pl": title}, external_id=title)
        try:
            headers = {"Authorization": f"Bearer {self.keys.editor}"}
            return str(httpx.post(f"{self.addresses[service]}/{path}", json=event, headers=headers, timeout=30))
        except httpx.TransportError as error:
            return repr(error)


@pytest.fixture(scope="module")
def house(kafka_libs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("stop")
    with start_replica_set(folder / "mongo") as mongo, start_kafka(folder / "kafka") as kafka:
        keys = asyncio.run(make_keys(CommonSettings(mongo_url=mongo.url)))
        ports = dict(zip(SERVICES, find_free_ports(len(SERVICES)), strict=True))
        addresses = {name: f"http://{LOOPBACK}:{port}" for name, port in ports.items()}
        settings = {"mongo_url": mongo.url, "kafka_bootstrap": kafka.bootstrap, "log_level": "warning"}
        services = {name: process(name, port, folder, settings) for name, port in ports.items()}
        yield House({"mongo": mongo.nodes[0], "kafka": kafka.nodes[0]}, services, addresses, keys)
        kafka.kill()


def process(name: str, port: int, folder: Path, settings: dict[str, str]) -> Child:
    """Describe a service, not started yet."""
    own = {"port": str(port), "data_dir": str(folder / name), "public_url": f"http://{LOOPBACK}:{port}"}
    return Child(
        name,
        [*COMMAND, name],
        log=folder / f"{name}.log",
        ready=lambda: probe_http(f"http://{LOOPBACK}:{port}/readyz"),
        environment={**os.environ, **environment(settings | own)},
    )


@pytest.fixture
def running(house: House) -> Iterator[House]:
    start_all(tuple(house.services.values()))
    yield house
    stop_all(house.services.values())


@pytest.mark.parametrize("how", ["SIGSTOP", "SIGKILL"])
@pytest.mark.parametrize("away", AWAY)
def test_every_process_ends_by_itself_whatever_is_away(running: House, away: str, how: str) -> None:
    with ThreadPoolExecutor() as clients, running.hurt(AWAY[away], how):
        sent: list[Future[str]] = [
            clients.submit(running.send, service, f"{away} {how} {number}")
            for service in ("ingest", "together")
            for number in range(4)
        ]
        poll_until(lambda: any(each.done() for each in sent), within=2)  # what is accepted waits to be sent then
        stop_all(running.services.values(), within=SUPERVISOR_SECONDS)
        ended = how_they_ended(running)

    assert ended == dict.fromkeys(SERVICES, 0)


@pytest.mark.parametrize("away", AWAY)
def test_a_process_that_started_while_servers_were_away_ends_as_well(house: House, away: str) -> None:
    with house.hurt(AWAY[away], "SIGKILL"):
        for service in house.services.values():
            service.launch()
        for address in house.addresses.values():
            assert poll_until(partial(answers, address), within=60)
        stop_all(house.services.values(), within=SUPERVISOR_SECONDS)
        ended = how_they_ended(house)

    assert ended == dict.fromkeys(SERVICES, 0)


def how_they_ended(house: House) -> dict[str, object]:
    """Exit codes; of a service that did not end well, the last lines of its log as well."""
    return {
        name: service.exit_code and (service.exit_code, service.log.read_text("utf-8").splitlines()[-20:])
        for name, service in house.services.items()
    }


def answers(address: str) -> bool:
    """Whether a process answers at all, ready or not."""
    try:
        return httpx.get(f"{address}/livez", timeout=10).is_success
    except httpx.TransportError:
        return False


def test_the_limit_of_a_process_is_under_ten_seconds() -> None:
    assert SHUTDOWN_SECONDS < 10
