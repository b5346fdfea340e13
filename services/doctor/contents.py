"""What stands in the databases: letters that are not sent, events that are public, and who may come in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from services.doctor.findings import Finding, broken, ok, warning
from services.doctor.surroundings import is_for_trying
from services.logins import MAIL_DOMAIN
from shared.database import Collection, Database, Document
from shared.settings import CommonSettings
from shared.web.accounts import AccountListed

LATE_SECONDS: Final = 30.0
TOO_LATE_SECONDS: Final = 120.0
OUTBOXES: Final[Mapping[str, str]] = {"ingest": "submissions", "calendar": "entries"}


async def examine_outboxes(database: Database, settings: CommonSettings) -> list[Finding]:
    """Look for messages that wait to be sent."""
    return [
        await _outbox(database, settings.database(service), collection, f"outbox {service}")
        for service, collection in OUTBOXES.items()
    ]


async def _outbox(database: Database, name: str, collection: str, about: str) -> Finding:
    waiting = await _oldest(database.client[name][collection])
    if waiting is None:
        return ok(about, "Nothing waits to be sent.")
    count, seconds = waiting
    what = f"{count} messages wait to be sent, the oldest for {seconds:.0f} seconds."
    do = "See whether Kafka answers; if it does, the service's log says why it does not send."
    if seconds > TOO_LATE_SECONDS:
        return broken(about, what, do)
    return warning(about, what, do) if seconds > LATE_SECONDS else ok(about, what)


async def _oldest(collection: Collection) -> tuple[int, float] | None:
    """Count the letters of all outboxes, and how many seconds the oldest waits by the database's clock."""
    steps: list[Document] = [
        {"$match": {"outbox.id": {"$exists": True}}},
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


async def public_events(database: Database, settings: CommonSettings) -> int:
    """Count the events that are public by calendar's database, cancelled ones too."""
    entries = database.client[settings.database("calendar")]["entries"]
    return await entries.count_documents({"slot.order": {"$exists": True}})


def examine_accounts(accounts: list[AccountListed], settings: CommonSettings) -> list[Finding]:
    """Look at who may come in."""
    about = "accounts"
    active = [each for each in accounts if not each.disabled]
    if not any(each.account.role == "curator" for each in active):
        what = "Nobody may decide: there is no curator whose account is in use."
        return [broken(about, what, "Make one by `kalendarium account add EMAIL --role curator …`.")]
    first = [each for each in active if each.account.email.endswith(f"@{MAIL_DOMAIN}")]
    if first and not is_for_trying(settings):
        what = f"{len(first)} first log-ins (…@{MAIL_DOMAIN}) are still in use, whose passwords were printed once."
        do = "Give people accounts of their own, then `kalendarium account disable` these; `account list` shows them."
        return [warning(about, what, do)]
    return [ok(about, f"{len(active)} may come in.")]
