"""`kalendarium doctor` on one process with the embedded log, with each thing broken for real."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pymongo import MongoClient

from deploy.local.ports import LOOPBACK, find_free_port
from services.admin.backup.scope import LOADING
from shared.eventlog.outbox.backlog import LOOKED_INTO
from shared.settings import CommonSettings
from tests.support.clients import make_keys
from tests.support.running import REGION, run_command, together_process

Client = MongoClient[dict[str, Any]]
Findings = dict[str, tuple[str, str, str]]
"""Level, what is the case, and what to do, by what it is about."""
NOWHERE = f"mongodb://{LOOPBACK}:1/"


class Doctor:
    """Examines one installation, with settings that a test may change."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self.folder = folder
        self.settings = settings

    def run(self, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        return run_command("doctor", *arguments, folder=self.folder, **self.settings | changes)

    def findings(self, *arguments: str, **changes: str) -> Findings:
        ended = self.run("--json", *arguments, **changes)
        said = json.loads(ended.stdout)
        assert (ended.stderr, ended.returncode) == ("", ["ok", "warning", "broken"].index(said["worst"]))
        found = {each["about"]: (each["level"], each["what"], each["do"]) for each in said["findings"]}
        assert len(found) == len(said["findings"]), "two findings are about the same"
        assert all(do for level, _, do in found.values() if level != "ok"), "a finding does not say what to do"
        return found


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A region pack of somebody who has written down where to complain."""
    pack = tmp_path_factory.mktemp("pack") / "region"
    shutil.copytree(REGION, pack)
    statement = pack / "accessibility.toml"
    text = statement.read_text(encoding="utf-8")
    statement.write_text(text.replace("@kalendarium.example", "@zrot.pl"), encoding="utf-8")
    return pack


@pytest.fixture(scope="module")
def doctor(mongo_url: str, region: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doctor]:
    """The doctor of an installation that is well."""
    folder, port, prefix = tmp_path_factory.mktemp("doctor"), find_free_port(), f"test_{uuid4().hex[:16]}"
    settings = {"mongo_url": mongo_url, "database_prefix": prefix, "region": str(region)}
    with together_process(folder, port, **settings):
        yield Doctor(folder, settings | {"public_url": f"http://{LOOPBACK}:{port}"})
    with MongoClient[dict[str, Any]](mongo_url) as client:
        for name in client.list_database_names():
            if name.startswith(prefix):
                client.drop_database(name)


@pytest.fixture
async def staffed(doctor: Doctor, mongo_url: str) -> Doctor:
    """The same, once somebody may decide."""
    await make_keys(CommonSettings(mongo_url=mongo_url, database_prefix=doctor.settings["database_prefix"]))
    return doctor


def test_installation_that_is_well_is_called_well(staffed: Doctor) -> None:
    found = staffed.findings()

    unwell = {about: each for about, each in found.items() if each[0] != "ok"}
    assert unwell.keys() <= {"MongoDB version"}, "the mongod that comes along for trying is an old one"
    assert found["programme"][1] == "0 events are public, by the database and in the feed."
    assert found["event log"][1] == "It is kept in MongoDB, for one process; 0 records to read."
    assert found["feed ics"][1].endswith(" bytes, recognised by its ETag.")
    assert found.keys() >= {
        "settings", "address", "region pack", "accessibility", "MongoDB", "MongoDB version", "clocks",
        "disk of MongoDB", "outbox ingest", "outbox calendar", "accounts", "event log", "dead letters",
        "pictures", "venues of events", "register of venues", "ingest", "calendar", "distribution", "feed ics",
        "feed rss", "feed json",
    }  # fmt: skip


def test_findings_are_sentences_for_people(staffed: Doctor) -> None:
    ended = staffed.run(public_url="http://kalendarium.example.org")

    lines = ended.stdout.splitlines()
    assert (ended.returncode, ended.stderr) == (2, "")
    assert any(line.startswith("ok ") for line in lines)
    assert any(line.startswith("warning  address") and line.endswith(" can be read on the way.") for line in lines)
    assert any("-> Give the proxy a certificate and set KAL_PUBLIC_URL" in line for line in lines)
    assert lines[-1].endswith(" broken.")


def test_settings_that_cannot_be_used_are_the_only_finding(doctor: Doctor) -> None:
    ended = doctor.run("--json", port="eighty")

    said = json.loads(ended.stdout)
    assert (ended.returncode, ended.stderr, said["worst"]) == (2, "", "broken")
    assert [(each["about"], each["what"].startswith("KAL_PORT")) for each in said["findings"]] == [("settings", True)]


def test_region_pack_that_cannot_be_read_is_broken(doctor: Doctor) -> None:
    assert doctor.findings(region=str(doctor.folder))["region pack"][0] == "broken"


def test_statement_that_names_nobody_is_a_warning(doctor: Doctor) -> None:
    level, what, _ = doctor.findings(region=str(REGION))["accessibility"]

    assert (level, "dostepnosc@kalendarium.example" in what) == ("warning", True)


def test_mongodb_that_is_away_is_told_once(doctor: Doctor) -> None:
    found = doctor.findings(mongo_url=NOWHERE)

    assert (found["MongoDB"][0], found["MongoDB"][2]) == ("broken", "Start it, or correct KAL_MONGO_URL.")
    assert {"outbox ingest", "programme", "accounts", "event log", "dead letters"} & found.keys() == set()
    assert found["distribution"][0] == "ok"


def test_kafka_that_is_away_is_told_once(doctor: Doctor) -> None:
    found = doctor.findings(kafka_bootstrap=f"{LOOPBACK}:1")

    assert (found["Kafka"][0], found["Kafka"][2]) == ("broken", "Start it, or correct KAL_KAFKA_BOOTSTRAP.")
    assert {"event log", "dead letters"} & found.keys() == set()
    assert found["MongoDB"][0] == "ok"


def test_services_that_are_away_are_told_each(doctor: Doctor) -> None:
    found = doctor.findings(public_url=f"http://{LOOPBACK}:{find_free_port()}")

    assert [found[name][0] for name in ("ingest", "calendar", "distribution")] == ["broken"] * 3
    assert found["ingest"][2].startswith("Start ingest, or the proxy before it; ")
    assert not any(about.startswith("feed") for about in found)


def test_service_is_asked_where_it_is_said_to_be(doctor: Doctor) -> None:
    here = doctor.settings["public_url"]

    found = doctor.findings(
        "--ingest", here, "--calendar", f"{here}/", public_url=f"http://{LOOPBACK}:{find_free_port()}"
    )

    assert [found[name][0] for name in ("ingest", "calendar", "distribution")] == ["ok", "ok", "broken"]


def test_first_log_ins_matter_where_strangers_come(staffed: Doctor) -> None:
    at_home = staffed.findings()["accounts"]
    in_public = staffed.findings("--distribution", staffed.settings["public_url"], public_url="https://k.example")[
        "accounts"
    ]

    assert at_home[0] == "ok"
    assert (in_public[0], "2 first log-ins" in in_public[1]) == ("warning", True)


@pytest.fixture
def database(mongo_client: Client, doctor: Doctor) -> Callable[[str, str], Any]:
    """Reaches behind the service's back: a collection by its database and name."""
    prefix = doctor.settings["database_prefix"]
    return lambda name, collection: mongo_client[f"{prefix}_{name}"][collection]


@pytest.mark.parametrize(("age", "level"), [(60, "warning"), (600, "broken")])
def test_message_that_waits_is_told_by_its_age(
    doctor: Doctor, database: Callable[[str, str], Any], age: int, level: str
) -> None:
    at = (datetime.now(UTC) - timedelta(seconds=age)).isoformat().replace("+00:00", "Z")
    entries = database("calendar", "entries")
    entries.insert_one({"_id": "stuck", "outbox": [{"id": "1", "topic": "nowhere", "time": at}]})  # no envelope: stays
    try:
        found = doctor.findings()["outbox calendar"]
    finally:
        entries.delete_one({"_id": "stuck"})

    assert (found[0], found[1].startswith("1 messages wait to be sent, the oldest for ")) == (level, True)


def test_more_messages_than_are_looked_into_are_not_told_as_a_number(
    doctor: Doctor, database: Callable[[str, str], Any]
) -> None:
    at = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    entries = database("calendar", "entries")
    outbox = [{"id": f"stuck-{number}", "topic": "nowhere", "time": at} for number in range(LOOKED_INTO + 1)]
    entries.insert_one({"_id": "stuck", "outbox": outbox})
    try:
        found = doctor.findings()["outbox calendar"]
    finally:
        entries.delete_one({"_id": "stuck"})

    assert found[1].startswith(f"{LOOKED_INTO} messages or more wait to be sent, the oldest for ")


def test_event_that_no_feed_carries_is_missed(doctor: Doctor, database: Callable[[str, str], Any]) -> None:
    entries = database("calendar", "entries")
    entries.insert_one({"_id": "lost", "slot": {"order": "2027"}})
    try:
        found = doctor.findings()["programme"]
    finally:
        entries.delete_one({"_id": "lost"})

    assert found[:2] == ("broken", "1 events are public by calendar's database, and the feed carries 0.")


def test_restore_that_was_broken_off_is_found(doctor: Doctor, database: Callable[[str, str], Any]) -> None:
    left = database("ingest", f"{LOADING}submissions")
    left.insert_one({"_id": 1})
    try:
        found = doctor.findings()["restore"]
    finally:
        left.drop()

    assert (found[0], "kalendarium restore --replace" in found[2]) == ("broken", True)


def test_embedded_log_without_its_process_is_broken(mongo_url: str, database_name: str, tmp_path: Path) -> None:
    settings = {"mongo_url": mongo_url, "database_prefix": database_name}

    found = Doctor(tmp_path, settings | {"public_url": f"http://{LOOPBACK}:{find_free_port()}"}).findings()

    assert found["event log"][:2] == ("broken", "It is kept in MongoDB, for one process, and no process works on it.")
    assert found["accounts"][1] == "Nobody may decide: there is no curator whose account is in use."
