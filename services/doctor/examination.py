"""Examines an installation: every check with a deadline, and none that can fail another."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import Final

import httpx

from services.doctor.contents import examine_accounts, examine_outboxes, public_events
from services.doctor.embedded import examine_embedded
from services.doctor.findings import Finding, Level, broken, ok, warning
from services.doctor.kafka import examine_kafka
from services.doctor.mongodb import examine_mongodb
from services.doctor.services import Addresses, examine_programme, examine_services
from services.doctor.surroundings import look_around
from shared.database import Database, PyMongoError, is_away, open_database
from shared.eventlog.kafka.operator import KafkaOperator
from shared.eventlog.kafka.settings import KafkaSettings
from shared.eventlog.opening import own_event_log
from shared.eventlog.parked import list_parked
from shared.eventlog.port import LogAway, TopicMismatch
from shared.settings import CommonSettings
from shared.web.accounts import open_accounts

PATIENCE: Final = 20.0
HTTP_SECONDS: Final = 5.0
LOG: Final = ("Kafka", "topic", "MongoDB")
"""What has to be well before parked records are asked for: opening a log would make topics that are missing."""
KAFKA: Final = {"request": 4.0, "answer": 6.0, "commit": 6.0, "stop": 2.0}

Check = Callable[[], Awaitable[list[Finding]]]


async def examine(settings: CommonSettings, addresses: Addresses) -> list[Finding]:
    """Look at everything that an installation is made of; nothing is changed, and nothing raised."""
    found = await _guarded("surroundings", partial(asyncio.to_thread, look_around, settings))
    async with AsyncExitStack() as opened:
        client = await opened.enter_async_context(httpx.AsyncClient(timeout=HTTP_SECONDS))
        database = await opened.enter_async_context(open_database(settings.mongo_url, settings.database("log")))
        mongodb, kafka, services = await asyncio.gather(
            _guarded("MongoDB", lambda: examine_mongodb(database, settings)),
            _examine_kafka(settings),
            _guarded("services", lambda: examine_services(client, addresses)),
        )
        found += mongodb
        found += kafka
        if not any(each.level is Level.BROKEN and each.about == "MongoDB" for each in mongodb):
            found += await _examine_contents(database, settings, client, addresses)
            if settings.kafka_bootstrap is None:
                found += await _guarded("event log", lambda: examine_embedded(database))
        if not any(each.level is Level.BROKEN and each.about.startswith(LOG) for each in mongodb + kafka):
            found += await _guarded("parked records", lambda: _parked(settings))
        return found + services


async def _examine_kafka(settings: CommonSettings) -> list[Finding]:
    if settings.kafka_bootstrap is None:
        return []
    kafka = KafkaOperator(KafkaSettings(bootstrap=settings.kafka_bootstrap, client="kalendarium-doctor", **KAFKA))
    return await _guarded("Kafka", lambda: examine_kafka(kafka))


async def _examine_contents(
    database: Database, settings: CommonSettings, client: httpx.AsyncClient, addresses: Addresses
) -> list[Finding]:
    public = partial(public_events, database, settings)
    return [
        *await _guarded("outboxes", lambda: examine_outboxes(database, settings)),
        *await _guarded("programme", lambda: examine_programme(client, addresses.distribution, public)),
        *await _guarded("accounts", lambda: _accounts(settings)),
    ]


async def _accounts(settings: CommonSettings) -> list[Finding]:
    async with open_accounts(settings) as accounts:
        return examine_accounts(await accounts.list(), settings)


async def _parked(settings: CommonSettings) -> list[Finding]:
    about = "parked records"
    async with own_event_log(settings, service="doctor") as log:
        parked = len(await list_parked(log))
    if not parked:
        return [ok(about, "None.")]
    what = f"{parked} records lie aside, because a service could not read them."
    return [warning(about, what, "`kalendarium parked list` shows them and why; replay them once the reason is gone.")]


async def _guarded(about: str, check: Check) -> list[Finding]:
    """Let a check take its time and fail in its own way; either is a finding."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await check()
    except TimeoutError:
        return [broken(about, f"No answer came within {PATIENCE:.0f} seconds.", "See what holds it up, and ask again.")]
    except Exception as error:  # noqa: BLE001 - whatever it is, the other checks go on, and nobody wants a trace
        return [_failed(about, error)]


def _failed(about: str, error: Exception) -> Finding:
    """Tell why a check could not be made."""
    why = _first_line(error)
    if isinstance(error, TopicMismatch):
        return broken(about, str(error), "Do as it says.")
    if isinstance(error, LogAway):
        return broken("Kafka", f"It does not answer: {why}.", "Start it, or correct KAL_KAFKA_BOOTSTRAP.")
    if is_away(error):
        return broken("MongoDB", f"It does not answer: {why}.", "Start it, or correct KAL_MONGO_URL.")
    if isinstance(error, PyMongoError):
        return broken(about, f"MongoDB refuses: {why}.", "Give the user of KAL_MONGO_URL the right to it.")
    return warning(about, f"This check failed itself: {type(error).__name__}: {why}.", "Please report this line.")


def _first_line(error: BaseException) -> str:
    first = (str(error).splitlines() or [type(error).__name__])[0]
    return first.split(" (configured", maxsplit=1)[0].rstrip(".")
