"""System under test: three brokers, three MongoDB nodes, three services, and everybody's API keys."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.keys import create_curator_key, create_editor_keys
from deploy.local.kafka import Kafka, start_kafka
from deploy.local.ports import find_free_ports
from deploy.local.processes import Child, start_all
from deploy.local.replica_set import ReplicaSet, start_replica_set
from faults.history import Downtimes
from faults.load import Access
from faults.observer import ServerObserver, read_gauge
from faults.services import NAMES, SupervisedService, create_services
from shared.region import Region

SUBMITTERS: Final = 20
# No promise: a slow machine has thousands of messages to send; the table shows the time it took.
HEAL_SECONDS: Final = 300.0
QUICK_BROKERS: Final[Mapping[str, str]] = {
    "broker.session.timeout.ms": "3000",  # of 9 s: how long a dead leader keeps its partitions
    "broker.heartbeat.interval.ms": "500",
}


@dataclass(slots=True)
class FaultCluster:
    folder: Path
    kafka: Kafka
    mongo: ReplicaSet
    services: Mapping[str, SupervisedService]
    absences: Downtimes
    outside: ServerObserver
    ways: Access
    settings: Mapping[str, str]

    async def repair(self) -> None:
        """Resume what is suspended and start what is down."""
        for service in self.services.values():
            service.always.clear()
            service.stays_down = False
        for node in self.servers:
            if node.running:
                node.resume()
        await self.start([node for node in self.servers if not node.running])
        for service in self.services.values():
            if service.child.running:
                service.child.resume()
        for service in self.services.values():
            await service.wait_until_ready(within=HEAL_SECONDS)

    @property
    def servers(self) -> Sequence[Child]:
        return [*self.mongo.nodes, *self.kafka.nodes]

    @staticmethod
    async def start(nodes: Sequence[Child]) -> None:
        await asyncio.to_thread(start_all, nodes)

    async def explain_unrest(self) -> str | None:
        """What is not at rest; None if everything is."""
        for service in self.services.values():
            if not service.child.running:
                return f"{service.name} does not run"
        unsent = await asyncio.to_thread(self.outside.count_unsent)
        if unsent != 0:
            return f"outboxes: {unsent}"
        lag = await asyncio.to_thread(self.outside.measure_lag)
        if lag != 0:
            return f"lag: {lag}"
        behind = await asyncio.to_thread(read_gauge, self.services["distribution"].address, "kal_programme_lag")
        return None if behind == 0 else f"distribution's lag: {behind}"

    async def wait_until_healed(self, *, within: float = HEAL_SECONDS) -> float:
        """Wait until it is at rest twice in a row; the time of the first. Raises TimeoutError: what is missing."""
        began, at_rest = time.monotonic(), None
        while True:
            missing = await self.explain_unrest()
            if missing is None and at_rest is not None:
                return at_rest
            at_rest = time.monotonic() if missing is None else None
            if time.monotonic() - began > within:
                raise TimeoutError(missing or "it comes to rest and leaves it again")
            await asyncio.sleep(0.1)


@asynccontextmanager
async def start_cluster(folder: Path, region: Region) -> AsyncIterator[FaultCluster]:
    """Raises StartError."""
    async with AsyncExitStack() as running:
        kafka, mongo = await asyncio.to_thread(_start_servers, folder)
        running.push_async_callback(asyncio.to_thread, mongo.stop)
        running.push_async_callback(asyncio.to_thread, kafka.kill)
        ports = find_free_ports(len(NAMES))
        settings = _build_settings(mongo.url, kafka.bootstrap, ports)
        absences = Downtimes()
        services = create_services(folder, settings, absences, ports)
        ways = await asyncio.to_thread(
            _create_access, mongo.url, region, {each.name: each.address for each in services.values()}
        )
        outside = ServerObserver(mongo.url, kafka.bootstrap)
        running.callback(outside.close)
        for service in services.values():
            running.push_async_callback(asyncio.to_thread, service.child.kill)
            watching = asyncio.create_task(service.watch())
            running.push_async_callback(_stop_service, service, watching)
        made = FaultCluster(folder, kafka, mongo, services, absences, outside, ways, settings)
        for service in services.values():
            await service.wait_until_ready(within=HEAL_SECONDS)
        await made.wait_until_healed()
        yield made


async def _stop_service(service: SupervisedService, watching: asyncio.Task[None]) -> None:
    service.stays_down = True
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    await asyncio.to_thread(service.child.kill)


def _start_servers(folder: Path) -> tuple[Kafka, ReplicaSet]:
    with ThreadPoolExecutor() as starting:
        kafka = starting.submit(start_kafka, folder / "kafka", nodes=3, settings=QUICK_BROKERS)
        mongo = starting.submit(start_replica_set, folder / "mongo", nodes=3)
    return kafka.result(), mongo.result()


def _build_settings(mongo_url: str, bootstrap: str, ports: Sequence[int]) -> Mapping[str, str]:
    public = f"http://127.0.0.1:{ports[NAMES.index('distribution')]}"
    return {
        "KAL_MONGO_URL": mongo_url,
        "KAL_KAFKA_BOOTSTRAP": bootstrap,
        "KAL_PUBLIC_URL": public,
        "KAL_LOG_LEVEL": "info",
    }


def _create_access(mongo_url: str, region: Region, addresses: Mapping[str, str]) -> Access:
    slugs = [each.slug for each in region.organisations.values() if each.role == "submitter"][:SUBMITTERS]
    keys = create_editor_keys(mongo_url, region, count=SUBMITTERS)
    return Access(addresses, dict(zip(slugs, keys, strict=True)), create_curator_key(mongo_url, region))
