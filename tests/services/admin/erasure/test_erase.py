"""A person is erased from everywhere, and what is public stays."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any, Final

import pytest
from pymongo import MongoClient

from services.admin.backup.restore import restore
from services.admin.backup.scope import SHORT_LIVED
from services.admin.backup.take import back_up
from services.admin.erasure.commands import (
    AccountEnabled,
    ErasurePauses,
    StillWritten,
    count_places,
    erase,
    plan_erasure,
)
from tests.services.admin.erasure.scene import ANNA, EMAIL, KAROL, KAROLS_EMAIL, PHONE, Scene, find_traces, open_scene
from tests.support.servers import list_databases

AT_ONCE: Final = ErasurePauses(disabled=0, between_passes=0)
FILLED: Final = {
    "accounts.accounts",
    "accounts.invitations",
    "accounts.jobs",
    "accounts.keys",
    "calendar.calls",
    "calendar.entries",
    "calendar.jobs",
    "calendar.requests",
    "ingest.declines",
    "ingest.drafts",
    "ingest.jobs",
    "ingest.notifications",
    "ingest.requests",
    "ingest.submissions",
}


class Killed(Exception):
    """The process ends."""


async def test_nothing_names_a_person_who_was_erased_and_what_is_public_is_the_same(
    mongo_url: str, mongo_client: MongoClient[dict[str, Any]], fresh_name: str
) -> None:
    async with open_scene(mongo_url, fresh_name) as scene:
        public = await scene.read_public()
        before = find_traces(mongo_client, fresh_name, ANNA, EMAIL, PHONE.removeprefix("+48"))
        assert FILLED - {collection for collection, _id in before} == set()
        await check_backup_of_every_collection(scene, mongo_client, fresh_name)

        await erase_after_a_crash(scene, mongo_client, fresh_name)

        await scene.compact_log()
        after = find_traces(mongo_client, fresh_name, ANNA, EMAIL, PHONE.removeprefix("+48"))
        assert after == scene.of_namesake
        assert await scene.read_public() == public
        await check_reading(scene)

        # A second time there is nothing left to do.
        again = await plan_erasure(scene.stores, EMAIL)
        assert again.person is None
        assert set((await count_places(scene.stores, again)).values()) == {0}
        assert set((await erase(scene.stores, again, pauses=AT_ONCE)).values()) == {0}

        # A curator goes too.
        plan = await plan_erasure(scene.stores, KAROLS_EMAIL)
        assert (await erase(scene.stores, plan, pauses=AT_ONCE))["calendar: entries"] == 1
        await scene.compact_log()
        assert find_traces(mongo_client, fresh_name, KAROL, KAROLS_EMAIL) == set()
        entry = await scene.stores.calendar["entries"].find_one({"_id": scene.event_id})
        assert entry is not None
        assert {each["who"] for each in entry["history"] if each["by"] == "curator"} == {"a former curator"}
        page = await scene.curator.get(f"/calendar/entries/{scene.event_id}")
        assert page.text.count("ktoś z dawnego zespołu kuratorów") == 3, "a remark, a note, a decision"
        assert await scene.read_public() == public


async def erase_after_a_crash(scene: Scene, client: MongoClient[dict[str, Any]], prefix: str) -> None:
    """The process dies in the middle; the command is run again. What was counted before is what was erased."""
    plan = await plan_erasure(scene.stores, EMAIL)
    assert plan.person is not None
    counted = await count_places(scene.stores, plan)
    erased: dict[str, int] = {}

    def die(place: str, count: int) -> None:
        erased[place] = count
        if place == "ingest: submissions":
            raise Killed

    with pytest.raises(Killed):
        await erase(scene.stores, plan, pauses=AT_ONCE, report=die)
    found = await scene.accounts.find_person(plan.person.id)
    assert found is not None
    assert found.disabled
    assert await scene.accounts.sessions.list(plan.person.id) == []

    rest = await erase(scene.stores, await plan_erasure(scene.stores, EMAIL), pauses=AT_ONCE)
    # Sessions ended when the account was disabled; mails may have come in meanwhile.
    both = {place: erased.get(place, 0) + count for place, count in rest.items()}
    assert {place: count for place, count in both.items() if place.startswith(("ingest", "calendar"))} == {
        place: count for place, count in counted.items() if place.startswith(("ingest", "calendar"))
    }
    assert [each for each in find_traces(client, prefix, plan.person.id) if each[0] == "accounts.accounts"] == []


async def check_reading(scene: Scene) -> None:
    """A colleague reads who it was in their language; nothing rose that others would notice."""
    page = await scene.colleague.get(f"/ingest/submissions/{scene.event_id}")
    assert page.text.count("ktoś z dawnej redakcji") >= 2
    drafts = await scene.colleague.get("/ingest/")
    assert drafts.status_code == 200
    entry = await scene.stores.calendar["entries"].find_one({"_id": scene.event_id}, {"revision": 1})
    assert entry is not None
    assert entry["revision"] == 1
    audit = await scene.accounts.audit.list(limit=2)
    assert [each.act for each in audit] == ["account_erased", "account_disabled"]


async def check_backup_of_every_collection(scene: Scene, client: MongoClient[dict[str, Any]], prefix: str) -> None:
    """A backup holds every collection but those that are left out, and gives each of its documents back."""
    manifest = await back_up(scene.settings, file := BytesIO())
    there = {
        (database.removeprefix(f"{prefix}_"), collection)
        for database in list_databases(client, prefix)
        for collection in client[database].list_collection_names()
        if client[database][collection].find_one() is not None
    }
    assert there - {(each.database, each.collection) for each in manifest.parts} - SHORT_LIVED == set()

    restored = scene.settings.model_copy(update={"database_prefix": f"{prefix}_restored"})
    await restore(restored, file, replace=False)
    for part in manifest.parts:
        if part.database != "log":  # which goes on
            copies = client[restored.database(part.database)][part.collection]
            assert copies.distinct("_id") == client[scene.settings.database(part.database)][part.collection].distinct(
                "_id"
            )
    for database in list_databases(client, restored.database_prefix):
        client.drop_database(database)


async def test_what_is_written_again_in_each_pass_is_said_and_the_account_stays_disabled(
    mongo_url: str, mongo_client: MongoClient[dict[str, Any]], fresh_name: str
) -> None:
    async with open_scene(mongo_url, fresh_name) as scene:
        plan = await plan_erasure(scene.stores, EMAIL)
        assert plan.person is not None
        person = plan.person
        submissions = mongo_client[scene.settings.database("ingest")]["submissions"]

        def write_again(place: str, _count: int) -> None:
            if place == "calendar: requests":
                submissions.update_one({"_id": scene.event_id}, {"$set": {"event.contact": {"email": EMAIL}}})

        with pytest.raises(StillWritten):
            await erase(scene.stores, plan, pauses=AT_ONCE, report=write_again)
        found = await scene.accounts.find_person(person.id)
        assert found == replace(person, disabled=True, version=found.version if found else 0)

        # Somebody enables the account in the midst of it.
        accounts = mongo_client[scene.settings.database("accounts")]["accounts"]

        def enable(place: str, _count: int) -> None:
            if place == "calendar: requests":
                accounts.update_one({"_id": person.id}, {"$set": {"disabled_at": None}})

        with pytest.raises(AccountEnabled):
            await erase(scene.stores, plan, pauses=AT_ONCE, report=enable)
        assert await scene.accounts.find_person(person.id) is not None

        await erase(scene.stores, await plan_erasure(scene.stores, EMAIL), pauses=AT_ONCE)
        assert await scene.accounts.find_person(person.id) is None
