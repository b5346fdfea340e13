"""Checks of the databases' contents: unsent messages, public events, accounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from services.admin.doctor.environment import is_local_only
from services.admin.doctor.findings import Finding, broken, ok, warning
from services.demo.logins import MAIL_DOMAIN
from shared.accounts.accounts import AccountSummary
from shared.database.client import Collection, Database, Document
from shared.eventlog.outbox.backlog import LOOKED_INTO, WAITING
from shared.jobs.model import KindBacklog
from shared.jobs.repository import COLLECTION, Jobs
from shared.settings import CommonSettings

LATE_SECONDS: Final = 30.0
TOO_LATE_SECONDS: Final = 120.0
LATE_JOB_SECONDS: Final = 900.0
JOB_DATABASES: Final = ("ingest", "calendar", "accounts")
OUTBOXES: Final[Mapping[str, tuple[str, str]]] = {
    "outbox ingest": ("ingest", "submissions"),
    "outbox calendar": ("calendar", "entries"),
    "outbox calls": ("calendar", "calls"),
}


async def examine_outboxes(database: Database, settings: CommonSettings) -> list[Finding]:
    return [
        await _check_outbox(database, settings.database(service), collection, about)
        for about, (service, collection) in OUTBOXES.items()
    ]


async def _check_outbox(database: Database, name: str, collection: str, about: str) -> Finding:
    waiting = await _measure_oldest(database.client[name][collection])
    if waiting is None:
        return ok(about, "Nothing waits to be sent.")
    count, seconds = waiting
    many = f"{count} messages" if count < LOOKED_INTO else f"{LOOKED_INTO} messages or more"
    what = f"{many} wait to be sent, the oldest for {seconds:.0f} seconds."
    do = "See whether Kafka answers; if it does, the service's log says why it does not send."
    if seconds > TOO_LATE_SECONDS:
        return broken(about, what, do)
    return warning(about, what, do) if seconds > LATE_SECONDS else ok(about, what)


async def _measure_oldest(collection: Collection) -> tuple[int, float] | None:
    """Messages in all outboxes, and the age of the oldest in seconds, by the database's clock."""
    steps: list[Document] = [
        {"$match": WAITING},
        {"$limit": LOOKED_INTO},  # so that the answer comes when there are very many
        {"$project": {"time": "$outbox.time"}},
        {"$unwind": "$time"},
        {"$group": {"_id": None, "count": {"$sum": 1}, "oldest": {"$min": "$time"}}},
        {"$set": {"now": "$$NOW"}},
    ]
    async with await collection.aggregate(steps) as found:
        async for group in found:
            age = (group["now"] - datetime.fromisoformat(group["oldest"])).total_seconds()
            return int(group["count"]), max(0.0, age)
    return None


async def examine_jobs(database: Database, settings: CommonSettings) -> list[Finding]:
    found = {name: Jobs(database.client[settings.database(name)][COLLECTION]) for name in JOB_DATABASES}
    return [_check_jobs(await jobs.measure_backlog(), f"jobs {name}") for name, jobs in found.items()]


def _check_jobs(backlog: Mapping[str, KindBacklog], about: str) -> Finding:
    dead = {kind: each.dead for kind, each in backlog.items() if each.dead}
    late = {kind: each.due + each.running for kind, each in backlog.items() if each.oldest_seconds > LATE_JOB_SECONDS}
    if dead:
        what = f"{_count_by_kind(dead)} are given up."
        do = "`kalendarium jobs list --state dead` says why; `kalendarium jobs retry ID` once the cause is gone."
        return warning(about, what, do)
    if late:
        what = f"{_count_by_kind(late)} are late, the oldest for more than {LATE_JOB_SECONDS:.0f} seconds."
        return warning(about, what, "`kalendarium jobs list --state waiting` says what they wait for.")
    return ok(about, f"{sum(each.waiting for each in backlog.values())} wait for their time.")


def _count_by_kind(counts: Mapping[str, int]) -> str:
    return f"{sum(counts.values())} jobs ({', '.join(f'{kind}: {count}' for kind, count in sorted(counts.items()))})"


async def count_public_events(database: Database, settings: CommonSettings) -> int:
    """Public by calendar's database, cancelled events included."""
    entries = database.client[settings.database("calendar")]["entries"]
    return await entries.count_documents({"slot.order": {"$exists": True}})


def examine_accounts(accounts: list[AccountSummary], settings: CommonSettings) -> list[Finding]:
    about = "accounts"
    active = [each for each in accounts if not each.disabled]
    if not any(each.account.role == "curator" for each in active):
        what = "Nobody may decide: there is no curator whose account is in use."
        return [broken(about, what, "Make one by `kalendarium account add EMAIL --role curator …`.")]
    first = [each for each in active if each.account.email.endswith(f"@{MAIL_DOMAIN}")]
    if first and not is_local_only(settings):
        what = f"{len(first)} first log-ins (…@{MAIL_DOMAIN}) are still in use, whose passwords were printed once."
        do = "Give people accounts of their own, then `kalendarium account disable` these; `account list` shows them."
        return [warning(about, what, do)]
    return [ok(about, f"{len(active)} may come in.")]
