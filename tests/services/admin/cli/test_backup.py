"""`kalendarium backup` and `kalendarium restore` on a real MongoDB, as an operator types them."""

from __future__ import annotations

import asyncio
import io
import stat
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import bson
import pytest
from bson import Binary, Decimal128, Int64, ObjectId, Regex, Timestamp
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.database import Database

from deploy.local.mongod import find_mongod
from deploy.local.ports import LOOPBACK, find_free_port
from deploy.local.probes import probe_tcp
from deploy.local.processes import Child
from services.admin.backup.container import unpack, verify
from services.admin.backup.scope import LOADING
from services.admin.backup.take import back_up
from shared.database.dump import NoSnapshot
from shared.settings import CommonSettings
from tests.services.admin.backup.packing import SOME, packed
from tests.support.clients import eventually
from tests.support.running import COMMAND, environment, run_command

Client = MongoClient[dict[str, Any]]
Command = Callable[..., subprocess.CompletedProcess[str]]

EVERY_TYPE: dict[str, Any] = {
    "_id": "every type",
    "double": 1.0,
    "int32": 1,
    "int64": Int64(1),
    "decimal": Decimal128("1.10"),
    "null": None,
    "text": "Żagle\x00z zerem",
    "instant": datetime(2027, 8, 14, 18, 0, 0, 123_000, tzinfo=UTC),
    "bytes": Binary(b"\x00\xff"),
    "uuid": Binary.from_uuid(UUID(int=1)),
    "object id": ObjectId("0" * 24),
    "pattern": Regex("^a", "i"),
    "timestamp": Timestamp(1, 2),
    "list": [{"z": 1, "a": 2}, [], {}],
}


@pytest.fixture
def database_name(fresh_name: str) -> str:
    """Databases of which each test says which collections there are."""
    return fresh_name


@pytest.fixture
def command(mongo_url: str, database_name: str, tmp_path: Path) -> Command:
    """Runs a command on databases of its own; ``database_prefix`` names others."""

    def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return run_command(
            *arguments, folder=tmp_path, **{"mongo_url": mongo_url, "database_prefix": database_name} | settings
        )

    return run


@pytest.fixture
def filled(mongo_client: Client, database_name: str) -> str:
    """The prefix of databases with something in each."""
    mongo_client[f"{database_name}_accounts"]["accounts"].insert_one({"_id": "1", "email": "anna@lot.example"})
    mongo_client[f"{database_name}_accounts"]["sessions"].insert_one({"_id": "a hash"})
    mongo_client[f"{database_name}_ingest"]["submissions"].insert_many([EVERY_TYPE, {"_id": "other"}])
    mongo_client[f"{database_name}_ingest"]["attempts"].insert_one({"_id": "calendar/0"})
    mongo_client[f"{database_name}_calendar"]["entries"].insert_many({"_id": n} for n in range(2_500))
    mongo_client[f"{database_name}_log"]["log.decisions.v1"].insert_one({"_id": 0, "key": b"k"})
    return database_name


def content(client: Client, prefix: str) -> dict[str, list[bytes]]:
    """Every document of an installation, byte for byte, by database and collection."""
    return {
        f"{name.removeprefix(prefix)}.{collection}": _documents(client[name], collection)
        for name in client.list_database_names()
        if name.startswith(f"{prefix}_")
        for collection in client[name].list_collection_names()
    }


def _documents(database: Database[dict[str, Any]], collection: str) -> list[bytes]:
    raw = Collection(database.with_options(codec_options=bson.CodecOptions(document_class=RawBSONDocument)), collection)
    return [bytes(each.raw) for each in raw.find(sort=[("_id", 1)])]


def test_restored_databases_hold_the_same_bytes(
    command: Command, mongo_client: Client, filled: str, tmp_path: Path
) -> None:
    backed_up = command("backup", "kalendarium.backup")
    restored = command("restore", "kalendarium.backup", database_prefix=f"{filled}new")

    assert (backed_up.returncode, restored.returncode) == (0, 0), backed_up.stderr + restored.stderr
    assert backed_up.stderr.startswith("Backed up: 2504 documents in 4 collections, ")
    assert restored.stdout.startswith("Restored: 2504 documents in 4 collections, ")
    short_lived = {"_accounts.sessions", "_ingest.attempts"}
    before = content(mongo_client, filled)
    assert before.keys() >= short_lived
    assert content(mongo_client, f"{filled}new") == {
        name: each for name, each in before.items() if name not in short_lived
    }


def test_backup_is_its_owners_alone_and_whole(command: Command, filled: str, tmp_path: Path) -> None:
    command("backup", "kalendarium.backup")

    file = tmp_path / "kalendarium.backup"
    manifest = verify(io.BytesIO(file.read_bytes()))
    assert abs(datetime.fromisoformat(manifest.taken_at) - datetime.now(UTC)) < timedelta(minutes=5)
    assert manifest.documents == 2504
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["kalendarium.backup"]


def test_backup_goes_through_a_pipe(
    command: Command, mongo_client: Client, mongo_url: str, filled: str, tmp_path: Path
) -> None:
    def piped(*arguments: str, prefix: str, given: bytes = b"") -> bytes:
        settings = environment({"mongo_url": mongo_url, "database_prefix": prefix})
        return subprocess.run(  # noqa: S603 - our own command
            [*COMMAND, *arguments], env=settings, input=given, stdout=subprocess.PIPE, check=True
        ).stdout

    piped("restore", "-", prefix=f"{filled}new", given=piped("backup", "-", prefix=filled))

    assert (
        content(mongo_client, f"{filled}new")["_ingest.submissions"]
        == content(mongo_client, filled)["_ingest.submissions"]
    )


def test_backup_of_nothing_is_refused_and_leaves_no_file(command: Command, tmp_path: Path) -> None:
    ended = command("backup", "kalendarium.backup")

    assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1)
    assert "is KAL_DATABASE_PREFIX right?" in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_backup_that_fails_leaves_the_last_one_as_it_was(command: Command, tmp_path: Path) -> None:
    (tmp_path / "kalendarium.backup").write_bytes(b"the last one")

    ended = command("backup", "kalendarium.backup", mongo_url=f"mongodb://{LOOPBACK}:1/?serverSelectionTimeoutMS=500")

    assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1)
    assert ended.stderr.startswith("MongoDB does not answer: ")
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {"kalendarium.backup": b"the last one"}


def test_folder_that_is_not_there_is_one_line(command: Command, filled: str) -> None:
    for arguments in (("backup", "nowhere/kalendarium.backup"), ("restore", "nowhere/kalendarium.backup")):
        ended = command(*arguments)
        assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1)
        assert "No such file or directory" in ended.stderr


async def test_backup_shows_one_moment_while_services_write(
    mongo_client: Client, mongo_url: str, database_name: str
) -> None:
    """A fact is written to ingest first and then to calendar; no copy may know it of calendar alone."""
    ingest = mongo_client[f"{database_name}_ingest"]["submissions"]
    calendar = mongo_client[f"{database_name}_calendar"]["entries"]
    filling = [{"_id": f"x{n}", "text": "x" * 2_000} for n in range(3_000)]
    ingest.insert_many(filling)
    calendar.insert_many(filling)
    written = 0
    done = False

    def write() -> None:
        nonlocal written
        while not done:
            ingest.insert_one({"_id": f"a{written:06}"})
            calendar.insert_one({"_id": f"a{written:06}"})
            written += 1

    async def begun() -> bool:
        return written > 20

    writing = asyncio.create_task(asyncio.to_thread(write))
    assert await eventually(begun, expected=True)
    out = io.BytesIO()
    before = written
    await back_up(CommonSettings(mongo_url=mongo_url, database_prefix=database_name), out)
    after = written
    done = True
    await writing

    copied = {part.database: {bson.decode(each)["_id"] for each in documents} for part, documents in unpack(out)}
    assert after > before, "nothing was written during the copy, so it shows nothing"
    assert copied["calendar"] <= copied["ingest"]
    assert len(copied["ingest"]) - len(copied["calendar"]) <= 1


def test_restore_into_something_is_refused_without_the_word(
    command: Command, mongo_client: Client, filled: str
) -> None:
    command("backup", "kalendarium.backup")
    mongo_client[f"{filled}_ingest"]["submissions"].insert_one({"_id": "written since"})
    before = content(mongo_client, filled)

    ended = command("restore", "kalendarium.backup")

    assert (ended.returncode, ended.stdout, len(ended.stderr.splitlines())) == (1, "", 1)
    assert "say --replace to lose what is there" in ended.stderr
    assert content(mongo_client, filled) == before


def test_replacing_takes_away_what_came_since(command: Command, mongo_client: Client, filled: str) -> None:
    command("backup", "kalendarium.backup")
    wanted = content(mongo_client, filled)
    mongo_client[f"{filled}_ingest"]["submissions"].insert_one({"_id": "written since"})
    mongo_client[f"{filled}_calendar"]["made since"].insert_one({"_id": 1})
    mongo_client[f"{filled}_calendar"]["entries"].create_index("old", name="old")

    ended = command("restore", "kalendarium.backup", "--replace")

    assert (ended.returncode, ended.stderr) == (0, "")
    del wanted["_accounts.sessions"], wanted["_ingest.attempts"]
    assert content(mongo_client, filled) == wanted
    assert list(mongo_client[f"{filled}_calendar"]["entries"].index_information()) == ["_id_"]


@pytest.mark.parametrize("place", [1, 100])
def test_damaged_backup_changes_nothing(
    command: Command, mongo_client: Client, filled: str, tmp_path: Path, place: int
) -> None:
    file = packed()
    before = content(mongo_client, filled)
    (tmp_path / "cut off").write_bytes(file[:place])
    (tmp_path / "changed").write_bytes(file[:place] + bytes([file[place] ^ 1]) + file[place:][1:])

    for name in ("cut off", "changed"):
        ended = command("restore", name, "--replace")
        assert (ended.returncode, ended.stdout, len(ended.stderr.splitlines())) == (1, "", 1)

    assert content(mongo_client, filled) == before


def test_backup_of_another_format_changes_nothing(
    command: Command, mongo_client: Client, filled: str, tmp_path: Path
) -> None:
    before = content(mongo_client, filled)
    (tmp_path / "later").write_bytes(packed(version=2, product="0.9.0"))
    (tmp_path / "stranger").write_bytes(packed({"elsewhere/things": [{"_id": 1}]}))

    later, stranger = command("restore", "later", "--replace"), command("restore", "stranger", "--replace")

    assert (later.returncode, stranger.returncode) == (1, 1)
    assert later.stderr.startswith("The backup is of format version 2, written by Kalendarium 0.9.0; ")
    assert stranger.stderr == "The backup holds databases unknown to this release: elsewhere.\n"
    assert content(mongo_client, filled) == before


def test_checking_says_whether_a_backup_is_whole(
    command: Command, mongo_client: Client, filled: str, tmp_path: Path
) -> None:
    before = content(mongo_client, filled)
    (tmp_path / "whole").write_bytes(packed())
    (tmp_path / "cut off").write_bytes(packed()[:-1])

    whole, cut_off = command("restore", "--check", "whole"), command("restore", "--check", "cut off")

    assert (whole.returncode, whole.stdout.startswith("The backup is whole: 3 documents in 3 ")) == (0, True)
    assert (cut_off.returncode, "it is cut off" in cut_off.stderr) == (1, True)
    assert content(mongo_client, filled) == before


def test_restore_under_a_running_service_is_refused(
    command: Command, mongo_client: Client, filled: str, tmp_path: Path
) -> None:
    (tmp_path / "whole").write_bytes(packed())
    until = datetime.now(UTC) + timedelta(minutes=10)
    lease = {"_id": "relay/ingest/submissions", "holder": "kalendarium-1/4711/x", "until": until}
    mongo_client[f"{filled}_ingest"]["leases"].insert_one(lease)

    ended = command("restore", "whole", "--replace")

    assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1)
    assert ended.stderr.startswith(f"Process 4711 on kalendarium-1 works on {filled}_ingest: stop all services first.")


def test_lease_that_ran_out_does_not_hold_up_a_restore(
    command: Command, mongo_client: Client, database_name: str, tmp_path: Path
) -> None:
    (tmp_path / "whole").write_bytes(packed())
    lease = {"_id": "relay", "holder": "kalendarium-1/4711/x", "until": datetime.now(UTC) - timedelta(seconds=1)}
    mongo_client[f"{database_name}_ingest"]["leases"].insert_one(lease)

    assert command("restore", "whole").returncode == 0


def test_restore_forgets_the_snapshot_here_and_names_the_step_for_those_elsewhere(
    command: Command, tmp_path: Path
) -> None:
    """A snapshot holds newer states than databases that went back to an earlier moment."""
    (tmp_path / "whole").write_bytes(packed())
    snapshot = tmp_path / "data" / "programme.snapshot"
    snapshot.parent.mkdir()
    snapshot.write_bytes(b"newer")

    checked = command("restore", "--check", "whole", data_dir="data")
    assert (checked.returncode, snapshot.exists()) == (0, True)
    restored = command("restore", "whole", data_dir="data")
    refused = command("restore", "whole", data_dir="data")

    assert (restored.returncode, refused.returncode, snapshot.exists()) == (0, 1, False)
    assert "data/programme.snapshot is deleted" in restored.stdout
    assert "`kalendarium rebuild distribution` wherever distribution runs" in restored.stdout


def test_restore_that_was_broken_off_is_simply_repeated(
    command: Command, mongo_client: Client, database_name: str, tmp_path: Path
) -> None:
    (tmp_path / "whole").write_bytes(packed())
    mongo_client[f"{database_name}_ingest"][f"{LOADING}submissions"].insert_one({"_id": "half"})

    ended = command("restore", "whole")

    assert (ended.returncode, ended.stderr) == (0, "")
    restored = content(mongo_client, database_name)
    assert restored == {f"_{name.replace('/', '.')}": [*map(bson.encode, each)] for name, each in SOME.items()}


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[str]:
    """A MongoDB that is no replica set."""
    port = find_free_port()
    options = [f"--dbpath={tmp_path}", f"--port={port}", f"--bind_ip={LOOPBACK}", "--nounixsocket"]
    with Child("mongod", [find_mongod(), *options], log=tmp_path / "log", ready=lambda: probe_tcp(port)):
        yield f"mongodb://{LOOPBACK}:{port}/?directConnection=true"


async def test_mongodb_alone_cannot_be_copied_as_it_is_at_one_moment(alone: str) -> None:
    with MongoClient[dict[str, Any]](alone) as client:
        client["k_ingest"]["submissions"].insert_one({"_id": uuid4().hex})

    with pytest.raises(NoSnapshot, match="Make it a replica set"):
        await back_up(CommonSettings(mongo_url=alone, database_prefix="k"), io.BytesIO())
