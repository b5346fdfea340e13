"""Everything is lost, and comes back byte for byte: databases and log, on real Kafka and in one process."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from deploy.local.kafka import start_kafka
from deploy.local.processes import stop_all
from deploy.local.replica_set import start_replica_set
from shared.eventlog.kafka.admin import KafkaAdmin
from shared.eventlog.kafka.settings import KafkaSettings
from shared.eventlog.port import Partition
from shared.settings import CommonSettings
from tests.connected.installation import Installation
from tests.connected.year import agreed, differing, event, fill, may_log_in
from tests.support.clients import eventually, make_keys

pytestmark = [pytest.mark.connected, pytest.mark.slow, pytest.mark.timeout(900)]


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


async def test_after_kafka_was_lost_under_the_services_the_feeds_are_what_they_were(on_kafka: Installation) -> None:
    """A service may end when the topics are gone; what keeps it running starts it again, as compose does."""
    before = await on_kafka.world()

    async def different() -> list[str]:
        await on_kafka.start()
        try:
            return differing(before, await on_kafka.world())
        except httpx.TransportError as error:
            return [f"{error.request.url} does not answer"]

    await asyncio.to_thread(on_kafka.lose_kafka)
    assert await eventually(different, [], within=120, every=2.0) == []
    await on_kafka.done("rebuild")
    assert await eventually(different, [], within=120, every=2.0) == []
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
    # An entry and its review; a count of the organisation may have been told meanwhile, too.
    assert re.match(
        "The event log tells of [23] states that the databases do not know, such as number ", refused.stderr
    )
    assert differing(before, await on_kafka.world()) == []
    await _goes_on(on_kafka)


async def test_groups_that_had_read_beyond_the_end_of_a_new_log_skip_nothing(on_kafka: Installation) -> None:
    """A broker that lost its records but kept how far groups were: they must not begin in the middle of new ones."""
    assert on_kafka.kafka
    kafka = KafkaAdmin(KafkaSettings(bootstrap=on_kafka.kafka.bootstrap))
    await on_kafka.stop()
    beyond = dict.fromkeys((Partition("submissions.v1", number) for number in range(6)), 1_000_000)
    assert await kafka.commit("calendar", beyond)

    said = await on_kafka.done("rebuild")
    committed = await kafka.get_committed("calendar")
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


async def test_one_process_that_is_outgrown_moves_to_kafka(
    in_one_process: Installation, kafka_libs: Path, tmp_path: Path
) -> None:
    await in_one_process.start()
    await in_one_process.stop()
    grown = Installation(tmp_path, in_one_process.mongo, start_kafka(tmp_path / "kafka"))
    grown.keys, grown.ids = in_one_process.keys, [*in_one_process.ids]
    try:
        await grown.done("rebuild")
        await grown.start()

        async with grown.people() as who:
            await agreed(who, grown.ids)
        await _goes_on(grown)
    finally:
        await grown.stop()
        grown.stop_kafka()


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
