"""`kalendarium doctor` on real Kafka and three services, with each thing broken for real."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from deploy.local.kafka import start_kafka
from deploy.local.processes import stop_all
from deploy.local.replica_set import start_replica_set
from shared.eventlog.kafka.admin import KafkaAdmin
from shared.eventlog.kafka.settings import KafkaSettings
from shared.eventlog.port import Outgoing, Partition
from shared.eventlog.topics import COMPACT
from shared.settings import CommonSettings
from tests.connected.installation import Installation
from tests.support.builders import make_submission
from tests.support.clients import eventually, make_keys
from tests.support.topics import open_kafka

pytestmark = [pytest.mark.connected, pytest.mark.slow, pytest.mark.timeout(600)]

Findings = dict[str, tuple[str, str]]
"""Level and what is the case, by what it is about."""
OLD: Final = {"MongoDB version", "accessibility"}
"""Warnings of every installation for trying: an old mongod, and a statement that names nobody."""


@pytest.fixture(scope="module")
def shared_installation(kafka_libs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("doctor")
    with ExitStack() as running:
        mongo = running.enter_context(start_replica_set(folder / "mongo"))
        made = Installation(folder, mongo, start_kafka(folder / "kafka"))
        running.callback(made.stop_kafka)
        running.callback(lambda: stop_all(made.services.values()))
        yield made


@pytest.fixture
async def installation(shared_installation: Installation) -> Installation:
    """Three services on Kafka, all well."""
    await shared_installation.start()
    shared_installation.keys = await make_keys(CommonSettings(mongo_url=shared_installation.mongo.url))
    return shared_installation


async def ask(installation: Installation) -> subprocess.CompletedProcess[str]:
    addresses = installation.addresses
    here = ("--ingest", addresses.ingest_url, "--calendar", addresses.calendar_url)
    return await installation.command("doctor", "--json", *here, "--distribution", addresses.base_url)


async def examined(installation: Installation) -> Findings:
    """What the doctor finds; whatever is broken, it is told as findings and nothing else."""
    ended = await ask(installation)
    said = json.loads(ended.stdout)
    assert ended.stderr == ""
    assert all(each["do"] for each in said["findings"] if each["level"] != "ok")
    return {each["about"]: (each["level"], each["what"]) for each in said["findings"]}


def bootstrap(installation: Installation) -> str:
    assert installation.kafka
    return installation.kafka.bootstrap


async def test_installation_that_is_well_is_called_well(installation: Installation) -> None:
    async def unwell() -> set[str]:
        return {about for about, (level, _) in (await examined(installation)).items() if level != "ok"} - OLD

    assert await eventually(unwell, set(), within=60) == set()
    found = await examined(installation)
    assert found["Kafka"][1] == "It answers, with 1 broker."
    assert found["readers calendar"][1] == "1 process, 0 records to read."
    assert found["programme"][1] == "0 events are public, by the database and in the feed."


@pytest.mark.parametrize("service", ["ingest", "calendar", "distribution"])
async def test_service_that_was_stopped_is_named(installation: Installation, service: str) -> None:
    installation.services[service].kill()

    found = await examined(installation)

    assert found[service][0] == "broken"
    assert [name for name in ("ingest", "calendar", "distribution") if found[name][0] == "broken"] == [service]


async def test_service_that_hangs_holds_up_nobody(installation: Installation) -> None:
    with stalled(installation, "ingest"):
        began = time.monotonic()
        found = await examined(installation)
        took = time.monotonic() - began

    assert found["ingest"][0] == "broken"
    assert found["calendar"][0] == "ok"
    assert took < 60, "there is a deadline on everything"


@contextmanager
def stalled(installation: Installation, service: str) -> Iterator[None]:
    installation.services[service].suspend()
    try:
        yield
    finally:
        installation.services[service].resume()


async def test_group_that_nobody_is_in_is_found(installation: Installation) -> None:
    installation.services["calendar"].stop()

    found = await examined(installation)

    assert found["readers calendar"] == ("broken", "No process of calendar reads the event log, and 0 records wait.")
    assert found["readers ingest"][0] == "ok"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"cleanup.policy": "delete"}, "Its cleanup.policy is delete, not compact: what is public could be cleaned"),
        ({"min.insync.replicas": "2"}, "It has 1 copies and wants 2 to be in step, so nothing can ever be written."),
    ],
)
async def test_topic_that_is_kept_in_another_way_is_found(
    installation: Installation, wrong: dict[str, str], told: str
) -> None:
    await alter(installation, dict(COMPACT) | wrong)
    try:
        found = await examined(installation)
    finally:
        await alter(installation, dict(COMPACT))

    level, what = found["topic programme.v1"]
    assert (level, what.startswith(told)) == ("broken", True)


async def alter(installation: Installation, settings: dict[str, str]) -> None:
    """Set these of a topic and no others."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap(installation))
    await admin.start()
    try:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, "programme.v1", settings)])
    finally:
        await admin.close()


async def test_new_log_under_old_offsets_is_found(installation: Installation) -> None:
    kafka = KafkaAdmin(KafkaSettings(bootstrap=bootstrap(installation)))
    async with installation.people() as who:  # a log is not written from nothing
        sent = await who.editor.send(make_submission())
        assert await eventually(who.curator.waiting, {sent.id: 1}) == {sent.id: 1}
    await installation.stop()
    await kafka.commit("ingest", {Partition("decisions.v1", 0): 1_000})

    found = await examined(installation)
    await installation.done("rebuild")

    assert found["readers ingest"] == (
        "broken",
        "ingest had read 1 partitions further than they go: the event log is a new one.",
    )
    assert "further" not in (await examined(installation))["readers ingest"][1]


async def test_topic_that_is_missing_is_found_and_not_made(installation: Installation) -> None:
    kafka = KafkaAdmin(KafkaSettings(bootstrap=bootstrap(installation)))
    await installation.stop()
    await kafka.delete(["decisions.v1"])

    found, again = await examined(installation), await examined(installation)

    assert found["topic decisions.v1"] == again["topic decisions.v1"] == ("broken", "It does not exist.")


async def test_records_that_lie_aside_are_counted(installation: Installation) -> None:
    async def parked() -> tuple[str, str]:
        return (await examined(installation)).get("dead letters", ("", ""))

    async with open_kafka(bootstrap(installation)) as log:
        await log.send(Outgoing("decisions.v1", b"a-key", b"{", [("ce_id", b"broken")]))
    told = ("warning", "1 records are dead letters: a service could not read them.")
    assert await eventually(parked, told, within=60) == told


async def test_kafka_that_is_away_is_told_and_the_rest_too(installation: Installation) -> None:
    assert installation.kafka
    installation.kafka.stop()
    try:
        found = await examined(installation)
    finally:
        for node in installation.kafka.nodes:
            node.start()

    assert found["Kafka"][0] == "broken"
    assert found["MongoDB"][0] == "ok"
    assert found["feed ics"][0] in {"ok", "warning"}, "feeds are served whatever is away"


async def test_mongodb_that_is_away_is_told_and_the_rest_too(installation: Installation) -> None:
    installation.mongo.stop()
    try:
        found = await examined(installation)
    finally:
        for node in installation.mongo.nodes:
            node.start()

    assert found["MongoDB"][0] == "broken"
    assert (found["Kafka"][0], found["feed ics"][0]) == ("ok", "ok")
    assert found["ingest"][0] == "broken"
