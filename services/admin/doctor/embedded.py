"""Checks of the embedded event log: whether its one process keeps up."""

from __future__ import annotations

from typing import Final

from services.admin.doctor.findings import Finding, broken, ok, warning
from services.admin.doctor.kafka import MOST_LAG, READ_BY
from shared.database.client import DESCENDING, Database
from shared.eventlog.mongo.consumer_lease import LEASE
from shared.eventlog.mongo.log import OFFSETS, STATE
from shared.eventlog.mongo.topic import PREFIX

ABOUT: Final = "event log"


async def examine_embedded(database: Database) -> list[Finding]:
    """Raises PyMongoError."""
    lease = await database[STATE].find_one({"_id": LEASE, "$expr": {"$gt": ["$until", "$$NOW"]}})
    if lease is None:
        what = "It is kept in MongoDB, for one process, and no process works on it."
        return [broken(ABOUT, what, "Start Kalendarium (`kalendarium all-in-one`).")]
    lag = sum([await _compute_lag(database, group, topic) for group, topics in READ_BY.items() for topic in topics])
    if lag > MOST_LAG:
        what = f"{lag} records are still to be read."
        return [warning(ABOUT, what, "Ask again in a minute; if they do not become fewer, look at Kalendarium's log.")]
    return [ok(ABOUT, f"It is kept in MongoDB, for one process; {lag} records to read.")]


async def _compute_lag(database: Database, group: str, topic: str) -> int:
    newest = await database[PREFIX + topic].find_one({}, {"_id": 1}, sort=[("_id", DESCENDING)])
    committed = await database[OFFSETS].find_one({"_id": f"{group}/{topic}"})
    end = int(newest["_id"]) + 1 if newest else 0
    return max(0, end - (int(committed["offset"]) if committed else 0))
