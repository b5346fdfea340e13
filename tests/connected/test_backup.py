"""Everything is lost, and comes back byte for byte: databases and log, on real Kafka and in one process."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from deploy.local.kafka import Kafka, start_kafka
from deploy.local.ports import LOOPBACK, free_port, free_ports
from deploy.local.processes import Child, start_all, stop_all
from deploy.local.replica_set import ReplicaSet, start_replica_set
from services.demo import Addresses
from services.stack import PORTS, service_process
from shared.eventlog.kafka.operator import KafkaOperator
from shared.eventlog.kafka.settings import KafkaSettings
from shared.eventlog.port import Partition
from shared.settings import CommonSettings
from tests.clients import Keys, make_keys
from tests.connected.year import People, World, agreed, differing, event, fill, may_log_in, people_of, world
from tests.running import REGION, run_command, together_process

pytestmark = [pytest.mark.connected, pytest.mark.slow, pytest.mark.timeout(900)]

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

    def _three(self) -> Addresses:
        ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
        addresses = Addresses(*(f"http://{LOOPBACK}:{ports[name]}" for name in ("distribution", "ingest", "calendar")))
        settings = {f"KAL_{name.upper()}": value for name, value in self.settings.items()} | {
            "KAL_PUBLIC_URL": addresses.base_url,
            "KAL_INGEST_URL": addresses.ingest_url,
            "KAL_CALENDAR_URL": addresses.calendar_url,
            "KAL_REGION": str(REGION),
        }
        self.services = {
            name: service_process(name, port, folder=self.folder, settings=settings) for name, port in ports.items()
        }
        return addresses

    def _one(self) -> Addresses:
        port = free_port()
        self.services = {"together": together_process(self.folder, port, **self.settings)}
        return Addresses(*[f"http://{LOOPBACK}:{port}"] * 3)

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


@pytest.fixture
async def on_kafka(year_on_kafka: Installation) -> Installation:
    """The same for each test, up and running."""
    await year_on_kafka.start()
    return year_on_kafka


@pytest.fixture(scope="module")
def year_on_kafka(kafka_libs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Three services on real Kafka, with a year in them and a backup of it."""
    folder = tmp_path_factory.mktemp("on_kafka")
    with ExitStack() as running:
        mongo = running.enter_context(start_replica_set(folder / "mongo"))
        installation = Installation(folder, mongo, start_kafka(folder / "kafka"))
        running.callback(installation.stop_kafka)
        running.callback(lambda: stop_all(installation.services.values()))
        asyncio.run(_begin(installation))
        yield installation


@pytest.fixture(scope="module")
def in_one_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The same on the embedded log."""
    folder = tmp_path_factory.mktemp("in_one_process")
    with ExitStack() as running:
        mongo = running.enter_context(start_replica_set(folder / "mongo"))
        installation = Installation(folder, mongo, None)
        running.callback(lambda: stop_all(installation.services.values()))
        asyncio.run(_begin(installation))
        yield installation


async def _begin(installation: Installation) -> None:
    await installation.start()
    installation.keys = await make_keys(CommonSettings(mongo_url=installation.mongo.url))
    async with installation.people() as who:
        installation.ids = await fill(who)


async def test_after_everything_was_lost_it_is_all_there_again(on_kafka: Installation) -> None:
    await on_kafka.done("backup", "kalendarium.backup")
    before = await on_kafka.world()
    await on_kafka.stop()
    on_kafka.lose_databases()
    on_kafka.lose_kafka()
    on_kafka.lose_snapshots()

    await on_kafka.done("restore", "kalendarium.backup")
    written = await on_kafka.done("rebuild")
    await on_kafka.start()

    every = len(on_kafka.ids)
    assert written.startswith(f"Written: {every} on submissions.v1, {every} on decisions.v1, ")
    assert differing(before, await on_kafka.world()) == []
    assert await may_log_in(on_kafka.addresses)
    await _goes_on(on_kafka)


async def test_after_everything_was_lost_in_one_process_it_is_all_there_again(in_one_process: Installation) -> None:
    await in_one_process.done("backup", "kalendarium.backup")
    before = await in_one_process.world()
    await in_one_process.stop()
    in_one_process.lose_databases()
    in_one_process.lose_snapshots()

    await in_one_process.done("restore", "kalendarium.backup")
    await in_one_process.done("rebuild")
    await in_one_process.start()

    assert differing(before, await in_one_process.world()) == []
    assert await may_log_in(in_one_process.addresses)
    await _goes_on(in_one_process)


async def test_rebuilding_while_the_services_run_changes_nothing(on_kafka: Installation) -> None:
    before = await on_kafka.world()

    first, second = await on_kafka.done("rebuild"), await on_kafka.done("rebuild")

    async with on_kafka.people() as who:
        await agreed(who, on_kafka.ids)
    assert first == second
    assert differing(before, await on_kafka.world()) == []


async def test_after_kafka_was_lost_under_running_services_the_feeds_never_change(on_kafka: Installation) -> None:
    before = await on_kafka.world()

    await asyncio.to_thread(on_kafka.lose_kafka)
    meanwhile = await on_kafka.world()
    await on_kafka.done("rebuild")

    assert differing(before, meanwhile) == []
    await _goes_on(on_kafka)


async def test_log_that_is_newer_than_the_restored_databases_is_refused_until_it_may_go(on_kafka: Installation) -> None:
    await on_kafka.done("backup", "earlier.backup")
    before = await on_kafka.world()
    async with on_kafka.people() as who:
        waiting = next(iter(await who.curator.waiting()))
        await who.curator.accept(waiting)
        await agreed(who, on_kafka.ids)
    await on_kafka.stop()
    await on_kafka.done("restore", "earlier.backup", "--replace")

    refused = await on_kafka.command("rebuild")
    await on_kafka.done("rebuild", "--new-log")
    await on_kafka.done("rebuild", "distribution")
    await on_kafka.start()

    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
    assert refused.stderr.startswith("The event log tells of 2 states that the databases do not know, such as number ")
    assert differing(before, await on_kafka.world()) == []
    await _goes_on(on_kafka)


async def test_groups_that_had_read_beyond_the_end_of_a_new_log_skip_nothing(on_kafka: Installation) -> None:
    """A broker that lost its records but kept how far groups were: they must not begin in the middle of new ones."""
    assert on_kafka.kafka
    kafka = KafkaOperator(KafkaSettings(bootstrap=on_kafka.kafka.bootstrap))
    await on_kafka.stop()
    beyond = dict.fromkeys((Partition("submissions.v1", number) for number in range(6)), 1_000_000)
    assert await kafka.commit("calendar", beyond)

    said = await on_kafka.done("rebuild")
    committed = await kafka.committed("calendar")
    await on_kafka.start()

    assert "calendar begins 6 partitions anew: it had read beyond their end.\n" in said
    assert {offset for partition, offset in committed.items() if partition in beyond} == {0}
    await _goes_on(on_kafka)


async def test_topics_under_running_services_are_not_deleted(on_kafka: Installation) -> None:
    before = await on_kafka.world()

    refused = await on_kafka.command("rebuild", "--new-log")

    assert (refused.returncode, refused.stderr) == (
        1,
        "calendar and ingest still read the log: stop all services first, and wait ten seconds.\n",
    )
    assert differing(before, await on_kafka.world()) == []


async def _goes_on(installation: Installation) -> None:
    """A new event goes its whole way, and what was there before can be changed."""
    async with installation.people() as who:
        sent = await who.editor.send(event(len(installation.ids)))
        installation.ids.append(sent.id)
        await agreed(who, installation.ids)
        await who.curator.accept(sent.id)
        await agreed(who, installation.ids)
        accepted = await who.editor.find(sent.id)
        await who.editor.cancel(accepted)
        await agreed(who, installation.ids)
