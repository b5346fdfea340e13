"""Checks of MongoDB: availability, replica set, version, clock, disk."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any, Final

from services.admin.backup.scope import DATABASES, LOADING, LOG
from services.admin.doctor.environment import judge_disk
from services.admin.doctor.findings import Finding, broken, ok, warning
from shared.database.client import Database, PyMongoError
from shared.database.dump import DatabaseDump
from shared.settings import CommonSettings

ABOUT: Final = "MongoDB"
VERSION: Final = "MongoDB version"
# The oldest major version with support (6.0 ended in July 2025).
SUPPORTED: Final = 7
NEEDED: Final = 5
MOST_SECONDS_APART: Final = 2.0
HEALTHY: Final = frozenset({"PRIMARY", "SECONDARY", "ARBITER"})


async def examine_mongodb(database: Database, settings: CommonSettings) -> list[Finding]:
    """Raises PyMongoError."""
    hello, apart = await _ask_hello(database)
    found = [
        _check_node(hello),
        *await _check_members(database, hello),
        await _check_version(database),
        _check_clock(apart),
    ]
    return [*found, *await _check_room(database, settings), *await _check_unfinished_restore(database, settings)]


async def _ask_hello(database: Database) -> tuple[Mapping[str, Any], float]:
    """The answer to ``hello``, and by how many seconds its clock is ahead of ours, at least."""
    before = time.time()
    hello = await database.client.admin.command("hello")
    after = time.time()
    theirs = hello["localTime"].replace(tzinfo=UTC).timestamp()
    return hello, theirs - min(max(theirs, before), after)


def _check_node(hello: Mapping[str, Any]) -> Finding:
    if "setName" not in hello:
        return broken(
            "replica set",
            "MongoDB runs alone, so nothing that was answered is sure to be kept, and no backup can be made.",
            "Start it with --replSet and run rs.initiate() once; a replica set of one node is enough to begin with.",
        )
    if not hello.get("isWritablePrimary") and not hello.get("primary"):
        return broken(
            ABOUT,
            f"The replica set {hello['setName']} has no primary, so nothing can be written.",
            "Start the nodes that are down: more than half of them have to see each other.",
        )
    return ok(ABOUT, f"It answers, as replica set {hello['setName']} of {len(hello.get('hosts', []))}.")


async def _check_members(database: Database, hello: Mapping[str, Any]) -> list[Finding]:
    if "setName" not in hello:
        return []
    try:
        status = await database.client.admin.command("replSetGetStatus")
    except PyMongoError:
        return []  # who may not ask it still knows from `hello` that there is a primary
    down = [member["name"] for member in status["members"] if member["stateStr"] not in HEALTHY]
    if not down:
        return []
    all_of_them = len(status["members"])
    lost = 2 * len(down) >= all_of_them
    finding = broken if lost else warning
    what = f"{len(down)} of {all_of_them} nodes of the replica set are down: {', '.join(down)}."
    do = "Start them, or replace them, before another one goes: a majority has to be there for every write."
    return [finding("replica set", what, do)]


async def _check_version(database: Database) -> Finding:
    version = str((await database.client.admin.command("buildInfo"))["version"])
    major = int(version.split(".", maxsplit=1)[0])
    if major < NEEDED:
        return broken(VERSION, f"Version {version} is too old for us.", f"Upgrade MongoDB to {SUPPORTED}.0 or later.")
    if major < SUPPORTED:
        return warning(
            VERSION,
            f"Version {version} is past its end of support: nobody mends its faults any more.",
            "Make a backup, and upgrade MongoDB one major version after the other.",
        )
    return ok(VERSION, f"Version {version} is supported.")


def _check_clock(apart: float) -> Finding:
    if abs(apart) < MOST_SECONDS_APART:
        return ok("clocks", "This machine and MongoDB agree on the time.")
    return warning(
        "clocks",
        f"MongoDB's clock is {abs(apart):.0f} seconds {'ahead of' if apart > 0 else 'behind'} that of this machine.",
        "Let both keep the time by NTP; leases go by MongoDB's clock, and what people see by that of the services.",
    )


async def _check_room(database: Database, settings: CommonSettings) -> list[Finding]:
    try:
        stats = await database.client[settings.database("ingest")].command("dbStats")
    except PyMongoError:
        return []  # who may not ask does not know
    if "fsTotalSize" not in stats:
        return []
    return [judge_disk("disk of MongoDB", used=stats["fsUsedSize"], size=stats["fsTotalSize"])]


async def _check_unfinished_restore(database: Database, settings: CommonSettings) -> list[Finding]:
    copying = DatabaseDump(database.client)
    names: Sequence[str] = [settings.database(name) for name in (*DATABASES, LOG)]
    left = [name for name in names for each in await copying.list_collections(name) if each.startswith(LOADING)]
    if not left:
        return []
    return [
        broken(
            "restore",
            f"A restore was broken off: {', '.join(dict.fromkeys(left))} holds collections that begin with {LOADING}",
            "Stop all services and run `kalendarium restore --replace` again, with the same file.",
        )
    ]
