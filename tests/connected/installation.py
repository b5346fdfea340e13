"""One installation of its own for a test to hurt: MongoDB, perhaps Kafka, and its services."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from deploy.local.kafka import Kafka, start_kafka
from deploy.local.ports import LOOPBACK, find_free_port, find_free_ports
from deploy.local.processes import Child, start_all, stop_all
from deploy.local.replica_set import ReplicaSet
from services.demo.stack import PORTS, create_service_process
from services.demo.walkthrough import PublicAddresses
from tests.connected.year import People, World, people_of, world
from tests.support.clients import Keys
from tests.support.running import REGION, run_command, together_process

Ended = subprocess.CompletedProcess[str]


class Installation:
    """MongoDB, perhaps Kafka, and the services of one installation, each of which may be lost."""

    def __init__(self, folder: Path, mongo: ReplicaSet, kafka: Kafka | None) -> None:
        self.folder = folder
        self.mongo = mongo
        self.kafka = kafka
        self.services: Mapping[str, Child] = {}
        self.addresses = self._three() if kafka else self._one()
        self.keys: Keys
        self.ids: list[str]

    @property
    def settings(self) -> dict[str, str]:
        """What commands and services are told."""
        kafka = {"kafka_bootstrap": self.kafka.bootstrap} if self.kafka else {}
        return {"mongo_url": self.mongo.url, "data_dir": str(self.folder / "distribution"), **kafka}

    def _three(self) -> PublicAddresses:
        ports = dict(zip(PORTS, find_free_ports(len(PORTS)), strict=True))
        addresses = PublicAddresses(
            *(f"http://{LOOPBACK}:{ports[name]}" for name in ("distribution", "ingest", "calendar"))
        )
        settings = {f"KAL_{name.upper()}": value for name, value in self.settings.items()} | {
            "KAL_PUBLIC_URL": addresses.base_url,
            "KAL_INGEST_URL": addresses.ingest_url,
            "KAL_CALENDAR_URL": addresses.calendar_url,
            "KAL_REGION": str(REGION),
        }
        self.services = {
            name: create_service_process(name, port, folder=self.folder, settings=settings)
            for name, port in ports.items()
        }
        return addresses

    def _one(self) -> PublicAddresses:
        port = find_free_port()
        self.services = {"together": together_process(self.folder, port, **self.settings)}
        return PublicAddresses(*[f"http://{LOOPBACK}:{port}"] * 3)

    async def start(self) -> None:
        """Start those services that do not run."""
        await asyncio.to_thread(start_all, tuple(each for each in self.services.values() if not each.running))

    async def stop(self) -> None:
        await asyncio.to_thread(stop_all, tuple(self.services.values()))

    async def command(self, *arguments: str) -> Ended:
        return await asyncio.to_thread(run_command, *arguments, folder=self.folder, **self.settings)

    async def done(self, *arguments: str) -> str:
        """Run a command that must succeed, and give what it said."""
        ended = await self.command(*arguments)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def lose_databases(self) -> None:
        with MongoClient[dict[str, Any]](self.mongo.url) as client:
            lost = [name for name in client.list_database_names() if name.startswith("kalendarium_")]
            for name in lost:
                client.drop_database(name)
        assert {"kalendarium_accounts", "kalendarium_ingest", "kalendarium_calendar"} <= set(lost)

    def lose_kafka(self) -> None:
        """Delete the data folder of Kafka, and start it on the same ports with nothing in it."""
        assert self.kafka
        self.kafka.kill()
        shutil.rmtree(self.folder / "kafka")
        self.kafka = start_kafka(self.folder / "kafka", ports=[node.clients for node in self.kafka.ports])

    def stop_kafka(self) -> None:
        if self.kafka:
            self.kafka.stop()

    def lose_snapshots(self) -> None:
        (self.folder / "distribution" / "programme.snapshot").unlink()

    @asynccontextmanager
    async def people(self) -> AsyncIterator[People]:
        async with people_of(self.addresses, self.keys) as who:
            yield who

    async def world(self) -> World:
        async with self.people() as who:
            return await world(who, self.ids)
