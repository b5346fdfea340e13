"""Starts what a measurement needs, on loopback and free ports, and ends it: servers, services, yardsticks."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvloop

from bench.cores import keep_to
from deploy.local.answers import says_ok
from deploy.local.java import JavaNotFound
from deploy.local.kafka import start_kafka
from deploy.local.kafka_jars import JarsNotFetched, MavenNotFound
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.processes import Child
from deploy.local.replica_set import start_replica_set
from services.stack import service_process
from shared.database import open_database
from shared.eventlog.envelope import Letter
from shared.eventlog.opening import open_event_log
from shared.eventlog.port import EventLog
from shared.settings import CommonSettings

IN_FLIGHT = 64


@dataclass(frozen=True, slots=True)
class Servers:
    """MongoDB, and Kafka where there is one: its bootstrap address, else None and why."""

    folder: Path
    mongo_url: str
    kafka_bootstrap: str | None
    without_kafka: str | None
    mongod: Sequence[int]
    kafka: Sequence[int]

    @property
    def environment(self) -> Mapping[str, str]:
        """What tells services where they are; what the surroundings say of Kafka does not count."""
        return {
            "KAL_MONGO_URL": self.mongo_url,
            "KAL_KAFKA_BOOTSTRAP": self.kafka_bootstrap or "",
            "KAL_LOG_LEVEL": "warning",
        }

    @property
    def log_name(self) -> str:
        """Name the event log, as a report says it."""
        return "Kafka" if self.kafka_bootstrap else f"the embedded event log ({self.without_kafka})"


@dataclass(frozen=True, slots=True)
class Running:
    """A process that answers HTTP: its address, without a slash at the end, and its id."""

    address: str
    process: int


class NeedsKafka(Exception):
    """This measurement says nothing without Kafka; its text says why there is none and how to get it."""


@contextmanager
def servers(folder: Path) -> Iterator[Servers]:
    """Start MongoDB, and Kafka if this machine can.

    Raises:
        CannotStart: one line says why.

    """
    with ExitStack() as running:
        mongo = running.enter_context(start_replica_set(folder / "mongo"))
        nodes: Sequence[Child] = ()
        bootstrap = reason = None
        try:
            kafka = running.enter_context(start_kafka(folder / "kafka"))
        except (JavaNotFound, MavenNotFound, JarsNotFetched) as missing:
            reason = str(missing)
        else:
            bootstrap, nodes = kafka.bootstrap, kafka.nodes
        yield Servers(
            folder, mongo.url, bootstrap, reason, [node.pid for node in mongo.nodes], [node.pid for node in nodes]
        )


def needs_kafka(where: Servers) -> str:
    """Give Kafka's address.

    Raises:
        NeedsKafka: if there is none.

    """
    if where.kafka_bootstrap is None:
        raise NeedsKafka(where.without_kafka)
    return where.kafka_bootstrap


@contextmanager
def service(name: str, where: Servers, *, core: int | None = None) -> Iterator[Running]:
    """Run a service as a process of its own until the block ends; it is ready when the block begins."""
    with running_service(name, where, core=core) as running:
        yield running


@contextmanager
def running_service(
    name: str, where: Servers, *, core: int | None = None, command: Sequence[str] = ()
) -> Iterator[Running]:
    """Run a service, by another command than its own if one is given."""
    port = free_port()
    address = f"http://{LOOPBACK}:{port}"
    settings = {**where.environment, "KAL_PUBLIC_URL": address}
    process = service_process(name, port, folder=where.folder, settings=settings)
    if command:
        own = {"KAL_HOST": LOOPBACK, "KAL_PORT": str(port), "KAL_DATA_DIR": str(where.folder / name)}
        process = Child(
            name,
            command,
            log=where.folder / "logs" / f"{name}.log",
            ready=lambda: says_ok(f"{address}/readyz"),
            environment={**os.environ, **settings, **own},
        )
    with process as child:
        keep_to(core, child.pid)
        yield Running(address, child.pid)


@contextmanager
def yardstick(module: str, arguments: Sequence[str], folder: Path, *, core: int | None = None) -> Iterator[Running]:
    """Run one of ``bench.yardsticks`` as a server; it takes a port, then the arguments."""
    port = free_port()
    command = [sys.executable, "-m", f"bench.yardsticks.{module}", str(port), *arguments]
    ready = f"http://{LOOPBACK}:{port}/ready"
    with Child(module, command, log=folder / "logs" / f"{module}.log", ready=lambda: says_ok(ready)) as child:
        keep_to(core, child.pid)
        yield Running(f"http://{LOOPBACK}:{port}", child.pid)


def write_letters(letters: Iterable[Letter], where: Servers) -> None:
    """Put letters on the event log, each acknowledged."""

    async def write() -> None:
        settings = CommonSettings(mongo_url=where.mongo_url)
        async with (
            open_database(settings.mongo_url, settings.database("log")) as database,
            open_event_log(kafka_bootstrap=where.kafka_bootstrap, database=database, service="bench") as log,
        ):
            waiting = iter(letters)
            await asyncio.gather(*(_write(log, waiting) for _ in range(IN_FLIGHT)))

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(write())


async def _write(log: EventLog, letters: Iterator[Letter]) -> None:
    for letter in letters:
        await log.send(letter.outgoing())
