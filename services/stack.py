"""Real Kafka, a MongoDB replica set and one process a service, on this machine and without Docker."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.local.answers import says_ok
from deploy.local.kafka import Kafka, start_kafka
from deploy.local.ports import LOOPBACK, require_free
from deploy.local.processes import Child, start_all, stop_all
from deploy.local.replica_set import ReplicaSet, start_replica_set
from services.demo import Addresses

PORTS: Final[Mapping[str, int]] = {"ingest": 8001, "calendar": 8002, "distribution": 8003}


@dataclass(frozen=True, slots=True)
class Stack:
    """What runs: the servers' addresses, the services' processes and settings, and where people reach them."""

    mongo_url: str
    kafka_bootstrap: str
    services: Mapping[str, Child]
    settings: Mapping[str, str]
    addresses: Addresses


@contextmanager
def stack(
    folder: Path, *, ports: Mapping[str, int] = PORTS, environment: Mapping[str, str] | None = None
) -> Iterator[Stack]:
    """Start everything with its data in ``folder``, wait until it is ready, and stop all of it afterwards.

    Args:
        folder: data and logs; what an earlier run left there is taken up again.
        ports: a port for each service.
        environment: settings for the services beside those that name servers and addresses.

    Raises:
        CannotStart: one line says why.

    """
    for name, port in ports.items():
        require_free(port, name)
    with ExitStack() as running:
        mongo, kafka = _servers(folder, running)
        addresses = _addresses(ports)
        settings = {
            **(environment or {}),
            "KAL_MONGO_URL": mongo.url,
            "KAL_KAFKA_BOOTSTRAP": kafka.bootstrap,
            "KAL_PUBLIC_URL": addresses.base_url,
            "KAL_INGEST_URL": addresses.ingest_url,
            "KAL_CALENDAR_URL": addresses.calendar_url,
        }
        services = {name: service_process(name, port, folder=folder, settings=settings) for name, port in ports.items()}
        running.callback(stop_all, services.values())
        start_all(tuple(services.values()))
        yield Stack(mongo.url, kafka.bootstrap, services, settings, addresses)


def _servers(folder: Path, running: ExitStack) -> tuple[ReplicaSet, Kafka]:
    """Start both at once, for each takes seconds to answer; if one cannot, the other is stopped by ``running``."""
    with ThreadPoolExecutor() as starting:
        mongo = starting.submit(start_replica_set, folder / "mongo")
        kafka = starting.submit(start_kafka, folder / "kafka")
    for started in (mongo, kafka):
        if started.exception() is None:
            running.enter_context(started.result())
    return mongo.result(), kafka.result()


def service_process(name: str, port: int, *, folder: Path, settings: Mapping[str, str]) -> Child:
    """Describe a service as a process of its own, not started yet; it is ready when ``/readyz`` says so."""
    own = {"KAL_HOST": LOOPBACK, "KAL_PORT": str(port), "KAL_DATA_DIR": str(folder / name)}
    return Child(
        f"{name} on port {port}",
        [sys.executable, "-m", "services.cli", name],
        log=folder / "logs" / f"{name}.log",
        ready=lambda: says_ok(f"http://{LOOPBACK}:{port}/readyz"),
        environment={**os.environ, **settings, **own},
    )


def _addresses(ports: Mapping[str, int]) -> Addresses:
    return Addresses(
        base_url=f"http://{LOOPBACK}:{ports['distribution']}",
        ingest_url=f"http://{LOOPBACK}:{ports['ingest']}",
        calendar_url=f"http://{LOOPBACK}:{ports['calendar']}",
    )
