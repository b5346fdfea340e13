"""`kalendarium rebuild` says what the services said: the same bytes about the same things."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pymongo import MongoClient

from deploy.local.ports import LOOPBACK
from services.admin.rebuild import LogIsAhead, open_databases, rebuild, require_not_ahead
from shared.eventlog.mongo.log import EmbeddedLog
from shared.eventlog.port import Outgoing
from shared.eventlog.topics import TOPICS
from shared.settings import CommonSettings
from tests.support.builders import make_submission
from tests.support.clients import eventually, make_keys, people
from tests.support.databases import open_patiently
from tests.support.running import run_command, together
from tests.support.topics import envelopes_on

Client = MongoClient[dict[str, Any]]
Said = dict[tuple[str, str], list[tuple[str, str, bytes]]]


@pytest.fixture
async def settings(mongo_url: str, database_name: str) -> CommonSettings:
    """An installation with four events: accepted, cancelled and withdrawn, and one that waits for its first answer."""
    async with together(mongo_url, database_name) as running:
        address, keys = running.public_url, await make_keys(running)
        async with people(keys, ingest=address, calendar=address, public=address) as (editor, curator, reader):
            sent = [await editor.send(make_submission(external_id=f"{number}")) for number in range(4)]
            arrived = {each.id: 1 for each in sent}
            assert await eventually(curator.waiting, arrived) == arrived
            for each in sent[:3]:
                await curator.accept(each.id)
                assert await eventually(partial(editor.state_of, each.id), "accepted") == "accepted"
            await editor.cancel(sent[1])
            await editor.withdraw(sent[2])

            async def shown() -> dict[str, str]:
                return {event_id: each.status for event_id, each in (await reader.events()).items()}

            public = {sent[0].id: "confirmed", sent[1].id: "cancelled"}
            assert await eventually(shown, public) == public
            assert await eventually(lambda: editor.state_of(sent[2].id), "withdrawn") == "withdrawn"
    return running


@pytest.fixture
async def log(settings: CommonSettings) -> AsyncIterator[EmbeddedLog]:
    async with open_patiently(settings.mongo_url, settings.database("log")) as database:
        opened = EmbeddedLog(database)
        yield opened
        await opened.close()


async def said_on(log: EmbeddedLog) -> Said:
    """Type, key and data of all envelopes, by topic and subject."""
    return {
        (topic.name, subject): [(envelope.type, envelope.key, without_time(envelope.data)) for envelope in envelopes]
        for topic in TOPICS
        for subject, envelopes in (await envelopes_on(log, topic.name)).items()
    }


def without_time(data: bytes) -> bytes:
    """A message without when it was written, if it is one about what nobody has decided yet."""
    message: dict[str, Any] = msgspec.json.decode(data)
    if "reviewed_at" in message and message["decided_version"] is None:
        message["reviewed_at"] = ""
    return msgspec.json.encode(message)


async def test_what_is_written_anew_are_the_last_words_of_the_services(
    settings: CommonSettings, log: EmbeddedLog
) -> None:
    before = await said_on(log)

    async with open_databases(settings) as databases:
        await require_not_ahead(log, databases)
        written = await rebuild(log, databases)
        told = await databases.ingest["activity"].count_documents({})

    counts = {"submissions.v1": 4, "decisions.v1": 4, "programme.v1": 3, "calls.v1": 0}
    assert written == {**counts, "activity.v1": told}
    assert await said_on(log) == {place: [*envelopes, envelopes[-1]] for place, envelopes in before.items()}


async def test_log_that_knows_more_than_the_databases_is_found_out(settings: CommonSettings, log: EmbeddedLog) -> None:
    async with open_databases(settings) as databases:
        await databases.ingest["submissions"].update_one({"external_id": "1"}, {"$set": {"version": 1}})
        await databases.calendar["entries"].delete_one({"external_id": "0"})

        with pytest.raises(LogIsAhead, match="tells of 3 states that the databases do not know, such as number "):
            await require_not_ahead(log, databases)


async def test_record_that_nobody_can_read_tells_nothing(settings: CommonSettings, log: EmbeddedLog) -> None:
    await log.send(Outgoing("programme.v1", b"a-key", b"{", [("ce_id", b"broken")]))

    async with open_databases(settings) as databases:
        await require_not_ahead(log, databases)


async def test_lost_log_is_written_anew_by_the_command(
    settings: CommonSettings, log: EmbeddedLog, mongo_url: str, tmp_path: Path
) -> None:
    before = await said_on(log)
    async with open_patiently(mongo_url, settings.database("log")) as database:
        await database.client.drop_database(database)

    ended = run_command("rebuild", folder=tmp_path, mongo_url=mongo_url, database_prefix=settings.database_prefix)

    assert (ended.returncode, ended.stderr) == (0, "")
    async with open_databases(settings) as databases:
        told = await databases.ingest["activity"].count_documents({})
    counts = "4 on submissions.v1, 4 on decisions.v1, 3 on programme.v1, 0 on calls.v1"
    assert ended.stdout == f"Written: {counts}, {told} on activity.v1.\n"
    assert await said_on(EmbeddedLog(log._database)) == {place: [envelopes[-1]] for place, envelopes in before.items()}  # noqa: SLF001 - one that remembers nothing


def test_snapshot_of_the_programme_is_forgotten(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    snapshot = tmp_path / "var" / "programme.snapshot"
    snapshot.write_bytes(b"something old")

    forgotten = run_command("rebuild", "distribution", folder=tmp_path)
    repeated = run_command("rebuild", "distribution", folder=tmp_path)

    assert not snapshot.exists()
    assert (forgotten.returncode, forgotten.stdout.startswith("var/programme.snapshot is deleted; ")) == (0, True)
    assert (repeated.returncode, repeated.stdout.startswith("There is no var/programme.snapshot; ")) == (0, True)


def test_topics_of_the_embedded_log_are_not_deleted(mongo_url: str, database_name: str, tmp_path: Path) -> None:
    ended = run_command("rebuild", "--new-log", folder=tmp_path, mongo_url=mongo_url, database_prefix=database_name)

    way_out = f"Stop Kalendarium, drop the database {database_name}_log and say `kalendarium rebuild`."
    assert (ended.returncode, ended.stderr) == (1, f"--new-log is for Kafka. {way_out}\n")


@pytest.mark.parametrize("asked", [["--new-log"], []])
def test_databases_that_are_empty_are_refused_before_anything_is_deleted(
    asked: list[str], mongo_url: str, database_name: str, tmp_path: Path
) -> None:
    """A wrong prefix, or a restore that was forgotten. Kafka is not even asked: here there is none."""
    kafka = {"kafka_bootstrap": f"{LOOPBACK}:1"}

    ended = run_command("rebuild", *asked, folder=tmp_path, mongo_url=mongo_url, database_prefix=database_name, **kafka)

    names = f"{database_name}_ingest and {database_name}_calendar"
    said = f"{names} are empty: restore a backup first. Is KAL_DATABASE_PREFIX right?\n"
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", said)


@pytest.mark.parametrize("kafka", [{}, {"kafka_bootstrap": f"{LOOPBACK}:1"}])
def test_what_is_away_is_one_line(
    kafka: dict[str, str], mongo_url: str, mongo_client: Client, database_name: str, tmp_path: Path
) -> None:
    mongo = mongo_url if kafka else f"mongodb://{LOOPBACK}:1/"
    mongo_client[f"{database_name}_ingest"]["submissions"].insert_one({"_id": "a"})

    ended = run_command("rebuild", folder=tmp_path, mongo_url=mongo, database_prefix=database_name, **kafka)

    assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1)
    assert "does not answer" in ended.stderr
