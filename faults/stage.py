"""A whole system that can be hurt: three brokers, three MongoDB nodes, three services, everybody's keys."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.keys import curator_key, editor_keys
from deploy.local.kafka import Kafka, start_kafka
from deploy.local.ports import free_ports
from deploy.local.processes import Child, start_all
from deploy.local.replica_set import ReplicaSet, start_replica_set
from faults.history import Absences
from faults.load import Ways
from faults.outside import Outside, gauge
from faults.services import NAMES, Service, all_services
from shared.region import Region

SUBMITTERS: Final = 20
HEAL_SECONDS: Final = 300.0
"""Nothing promises how soon, and a slow machine has thousands of messages to send; the table tells what it took."""
QUICK_BROKERS: Final[Mapping[str, str]] = {
    "broker.session.timeout.ms": "3000",  # of 9 s: how long a dead leader keeps its partitions
    "broker.heartbeat.interval.ms": "500",
}


@dataclass(slots=True)
class Stage:
    """What runs, and how it is looked at and mended."""

    folder: Path
    kafka: Kafka
    mongo: ReplicaSet
    services: Mapping[str, Service]
    absences: Absences
    outside: Outside
    ways: Ways
    settings: Mapping[str, str]

    async def mend(self) -> None:
        """Wake what was stalled and start what is down."""
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
            await service.ready(within=HEAL_SECONDS)

    @property
    def servers(self) -> Sequence[Child]:
        """All brokers and MongoDB nodes."""
        return [*self.mongo.nodes, *self.kafka.nodes]

    @staticmethod
    async def start(nodes: Sequence[Child]) -> None:
        """Start servers again and wait until they answer."""
        await asyncio.to_thread(start_all, nodes)

    async def missing(self) -> str | None:
        """Say what is not at rest, or None if everything is."""
        for service in self.services.values():
            if not service.child.running:
                return f"{service.name} does not run"
        unsent = await asyncio.to_thread(self.outside.unsent)
        if unsent != 0:
            return f"outboxes: {unsent}"
        lag = await asyncio.to_thread(self.outside.lag)
        if lag != 0:
            return f"lag: {lag}"
        behind = await asyncio.to_thread(gauge, self.services["distribution"].address, "kal_programme_lag")
        return None if behind == 0 else f"distribution's lag: {behind}"

    async def heals(self, *, within: float = HEAL_SECONDS) -> float:
        """Wait until everything is at rest, twice in a row; gives the moment of the first of the two.

        Raises:
            TimeoutError: if it does not come to rest; its text says what is missing.

        """
        began, at_rest = time.monotonic(), None
        while True:
            missing = await self.missing()
            if missing is None and at_rest is not None:
                return at_rest
            at_rest = time.monotonic() if missing is None else None
            if time.monotonic() - began > within:
                raise TimeoutError(missing or "it comes to rest and leaves it again")
            await asyncio.sleep(0.1)


@asynccontextmanager
async def stage(folder: Path, region: Region) -> AsyncIterator[Stage]:
    """Start everything and wait until it is at rest; stop all of it afterwards.

    Raises:
        CannotStart: one line says why.

    """
    async with AsyncExitStack() as running:
        kafka, mongo = await asyncio.to_thread(_servers, folder)
        running.push_async_callback(asyncio.to_thread, mongo.stop)
        running.push_async_callback(asyncio.to_thread, kafka.kill)
        ports = free_ports(len(NAMES))
        settings = _settings(mongo.url, kafka.bootstrap, ports)
        absences = Absences()
        services = all_services(folder, settings, absences, ports)
        ways = await asyncio.to_thread(
            _ways, mongo.url, region, {each.name: each.address for each in services.values()}
        )
        outside = Outside(mongo.url, kafka.bootstrap)
        running.callback(outside.close)
        for service in services.values():
            running.push_async_callback(asyncio.to_thread, service.child.kill)
            watching = asyncio.create_task(service.watch())
            running.push_async_callback(_ended, service, watching)
        made = Stage(folder, kafka, mongo, services, absences, outside, ways, settings)
        for service in services.values():
            await service.ready(within=HEAL_SECONDS)
        await made.heals()
        yield made


async def _ended(service: Service, watching: asyncio.Task[None]) -> None:
    service.stays_down = True
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    await asyncio.to_thread(service.child.kill)


def _servers(folder: Path) -> tuple[Kafka, ReplicaSet]:
    with ThreadPoolExecutor() as starting:
        kafka = starting.submit(start_kafka, folder / "kafka", nodes=3, settings=QUICK_BROKERS)
        mongo = starting.submit(start_replica_set, folder / "mongo", nodes=3)
    return kafka.result(), mongo.result()


def _settings(mongo_url: str, bootstrap: str, ports: Sequence[int]) -> Mapping[str, str]:
    public = f"http://127.0.0.1:{ports[NAMES.index('distribution')]}"
    return {
        "KAL_MONGO_URL": mongo_url,
        "KAL_KAFKA_BOOTSTRAP": bootstrap,
        "KAL_PUBLIC_URL": public,
        "KAL_LOG_LEVEL": "info",
    }


def _ways(mongo_url: str, region: Region, addresses: Mapping[str, str]) -> Ways:
    slugs = [each.slug for each in region.organisations.values() if each.role == "submitter"][:SUBMITTERS]
    keys = editor_keys(mongo_url, region, count=SUBMITTERS)
    return Ways(addresses, dict(zip(slugs, keys, strict=True)), curator_key(mongo_url, region))
