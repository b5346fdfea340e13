"""Servers of a measurement, on loopback and free ports: MongoDB, Kafka, services, baselines."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvloop

from bench.cores import pin_process
from deploy.local.java import JavaNotFound
from deploy.local.kafka import start_kafka
from deploy.local.kafka_jars import DownloadFailed, MavenNotFound
from deploy.local.ports import LOOPBACK, find_free_port
from deploy.local.probes import probe_http
from deploy.local.processes import Child
from deploy.local.replica_set import start_replica_set
from services.demo.stack import create_service_process
from shared.eventlog.envelope import Envelope
from shared.eventlog.factory import open_event_log
from shared.eventlog.port import EventLog
from shared.settings import CommonSettings

IN_FLIGHT = 64


@dataclass(frozen=True, slots=True)
class Servers:
    """``without_kafka`` says why there is no Kafka."""

    folder: Path
    mongo_url: str
    kafka_bootstrap: str | None
    without_kafka: str | None
    mongod: Sequence[int]
    kafka: Sequence[int]

    @property
    def environment(self) -> Mapping[str, str]:
        # An empty value: the environment's own Kafka does not count.
        return {
            "KAL_MONGO_URL": self.mongo_url,
            "KAL_KAFKA_BOOTSTRAP": self.kafka_bootstrap or "",
            "KAL_LOG_LEVEL": "warning",
        }

    @property
    def log_name(self) -> str:
        """As a report says it."""
        return "Kafka" if self.kafka_bootstrap else f"the embedded event log ({self.without_kafka})"


@dataclass(frozen=True, slots=True)
class RunningProcess:
    """``address`` is without a slash at the end."""

    address: str
    process: int


class KafkaMissing(Exception):
    """The text says why there is none and how to get it."""


@contextmanager
def start_servers(folder: Path, *, kafka: bool = True) -> Iterator[Servers]:
    """Kafka only if this machine can; raises StartError."""
    with ExitStack() as running:
        mongo = running.enter_context(start_replica_set(folder / "mongo"))
        nodes: Sequence[Child] = ()
        bootstrap = None
        reason = None if kafka else "Kafka would change nothing here"
        try:
            found = running.enter_context(start_kafka(folder / "kafka")) if kafka else None
        except (JavaNotFound, MavenNotFound, DownloadFailed) as missing:
            reason = str(missing)
        else:
            if found:
                bootstrap, nodes = found.bootstrap, found.nodes
        yield Servers(
            folder, mongo.url, bootstrap, reason, [node.pid for node in mongo.nodes], [node.pid for node in nodes]
        )


def require_kafka(where: Servers) -> str:
    """Raises NeedsKafka."""
    if where.kafka_bootstrap is None:
        raise KafkaMissing(where.without_kafka)
    return where.kafka_bootstrap


@contextmanager
def run_service(name: str, where: Servers, *, core: int | None = None) -> Iterator[RunningProcess]:
    """Ready when the block begins."""
    with run_command_as_service(name, where, core=core) as running:
        yield running


@contextmanager
def run_command_as_service(
    name: str, where: Servers, *, core: int | None = None, command: Sequence[str] = ()
) -> Iterator[RunningProcess]:
    """By another command than its own if one is given."""
    port = find_free_port()
    address = f"http://{LOOPBACK}:{port}"
    settings = {**where.environment, "KAL_PUBLIC_URL": address}
    process = create_service_process(name, port, folder=where.folder, settings=settings)
    if command:
        own = {"KAL_HOST": LOOPBACK, "KAL_PORT": str(port), "KAL_DATA_DIR": str(where.folder / name)}
        process = Child(
            name,
            command,
            log=where.folder / "logs" / f"{name}.log",
            ready=lambda: probe_http(f"{address}/readyz"),
            environment={**os.environ, **settings, **own},
        )
    with process as child:
        pin_process(core, child.pid)
        yield RunningProcess(address, child.pid)


@contextmanager
def run_baseline(
    module: str, arguments: Sequence[str], folder: Path, *, core: int | None = None
) -> Iterator[RunningProcess]:
    """A module of ``bench.baselines``; its arguments are a port, then ``arguments``."""
    port = find_free_port()
    command = [sys.executable, "-m", f"bench.baselines.{module}", str(port), *arguments]
    ready = f"http://{LOOPBACK}:{port}/ready"
    with Child(module, command, log=folder / "logs" / f"{module}.log", ready=lambda: probe_http(ready)) as child:
        pin_process(core, child.pid)
        yield RunningProcess(f"http://{LOOPBACK}:{port}", child.pid)


def write_envelopes(envelopes: Iterable[Envelope], where: Servers) -> None:
    async def write() -> None:
        settings = CommonSettings(mongo_url=where.mongo_url, kafka_bootstrap=where.kafka_bootstrap)
        async with open_event_log(settings, service="bench") as log:
            waiting = iter(envelopes)
            await asyncio.gather(*(_write(log, waiting) for _ in range(IN_FLIGHT)))

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(write())


async def _write(log: EventLog, envelopes: Iterator[Envelope]) -> None:
    for envelope in envelopes:
        await log.send(envelope.to_outgoing())
