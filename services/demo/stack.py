"""Local stack: Kafka, a MongoDB replica set and one process a service, without Docker."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.local.kafka import Kafka, start_kafka
from deploy.local.ports import LOOPBACK, require_free
from deploy.local.probes import probe_http
from deploy.local.processes import Child, start_all, stop_all
from deploy.local.replica_set import ReplicaSet, start_replica_set
from services.demo.walkthrough import PublicAddresses

PORTS: Final[Mapping[str, int]] = {"ingest": 8001, "calendar": 8002, "distribution": 8003}


@dataclass(frozen=True, slots=True)
class Stack:
    mongo_url: str
    kafka_bootstrap: str
    services: Mapping[str, Child]
    settings: Mapping[str, str]
    addresses: PublicAddresses


@contextmanager
def start_stack(
    folder: Path, *, ports: Mapping[str, int] = PORTS, environment: Mapping[str, str] | None = None
) -> Iterator[Stack]:
    """Start everything with its data in ``folder``, and stop it afterwards; raises StartError.

    Data of an earlier run is used again. ``environment`` are settings for the services.
    """
    for name, port in ports.items():
        require_free(port, name)
    with ExitStack() as running:
        mongo, kafka = _start_servers(folder, running)
        addresses = _build_addresses(ports)
        settings = {
            **(environment or {}),
            "KAL_MONGO_URL": mongo.url,
            "KAL_KAFKA_BOOTSTRAP": kafka.bootstrap,
            "KAL_PUBLIC_URL": addresses.base_url,
            "KAL_INGEST_URL": addresses.ingest_url,
            "KAL_CALENDAR_URL": addresses.calendar_url,
        }
        services = {
            name: create_service_process(name, port, folder=folder, settings=settings) for name, port in ports.items()
        }
        running.callback(stop_all, services.values())
        start_all(tuple(services.values()))
        yield Stack(mongo.url, kafka.bootstrap, services, settings, addresses)


def _start_servers(folder: Path, running: ExitStack) -> tuple[ReplicaSet, Kafka]:
    # In parallel, for each takes seconds; if one cannot start, ``running`` stops the other.
    with ThreadPoolExecutor() as starting:
        mongo = starting.submit(start_replica_set, folder / "mongo")
        kafka = starting.submit(start_kafka, folder / "kafka")
    for started in (mongo, kafka):
        if started.exception() is None:
            running.enter_context(started.result())
    return mongo.result(), kafka.result()


def create_service_process(
    name: str, port: int, *, folder: Path, settings: Mapping[str, str], program: str = "services.cli"
) -> Child:
    """Not started yet; ready when ``/readyz`` says so. ``program`` is the module; the fault suite has another."""
    own = {"KAL_HOST": LOOPBACK, "KAL_PORT": str(port), "KAL_DATA_DIR": str(folder / name)}
    return Child(
        f"{name} on port {port}",
        [sys.executable, "-m", program, name],
        log=folder / "logs" / f"{name}.log",
        ready=lambda: probe_http(f"http://{LOOPBACK}:{port}/readyz"),
        environment={**os.environ, **settings, **own},
    )


def _build_addresses(ports: Mapping[str, int]) -> PublicAddresses:
    return PublicAddresses(
        base_url=f"http://{LOOPBACK}:{ports['distribution']}",
        ingest_url=f"http://{LOOPBACK}:{ports['ingest']}",
        calendar_url=f"http://{LOOPBACK}:{ports['calendar']}",
    )
