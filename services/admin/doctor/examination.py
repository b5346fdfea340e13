"""Examination of an installation: every check has a deadline, and none can fail another."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import Final

import httpx

from services.admin.doctor.contents import count_public_events, examine_accounts, examine_jobs, examine_outboxes
from services.admin.doctor.embedded import examine_embedded
from services.admin.doctor.environment import examine_environment
from services.admin.doctor.findings import Finding, Level, broken, ok, warning
from services.admin.doctor.kafka import examine_kafka
from services.admin.doctor.mail import examine_mail
from services.admin.doctor.mongodb import examine_mongodb
from services.admin.doctor.pictures import examine_pictures
from services.admin.doctor.services import ServiceAddresses, examine_programme, examine_services
from services.admin.doctor.venues import examine_venues
from services.errors import summarize
from shared.accounts.accounts import open_accounts
from shared.database.client import Database, PyMongoError, is_unavailable, open_database
from shared.eventlog.dead_letters.inspect import list_dead_letters
from shared.eventlog.factory import open_event_log
from shared.eventlog.kafka.admin import KafkaAdmin
from shared.eventlog.kafka.settings import KafkaSettings
from shared.eventlog.port import LogUnavailable, TopicMismatch
from shared.settings import CommonSettings

CHECK_SECONDS: Final = 20.0
HTTP_SECONDS: Final = 5.0
# They must pass before dead letters are counted: opening the log would create missing topics.
LOG: Final = ("Kafka", "topic", "MongoDB")
KAFKA: Final = {"request": 4.0, "answer": 6.0, "commit": 6.0, "stop": 2.0}

Check = Callable[[], Awaitable[list[Finding]]]


async def examine(settings: CommonSettings, addresses: ServiceAddresses) -> list[Finding]:
    """Nothing is changed, and nothing raised."""
    found = await _run_check("surroundings", partial(asyncio.to_thread, examine_environment, settings))
    async with AsyncExitStack() as opened:
        client = await opened.enter_async_context(httpx.AsyncClient(timeout=HTTP_SECONDS))
        database = await opened.enter_async_context(open_database(settings.mongo_url, settings.database("log")))
        pictures, mongodb, kafka, services = await asyncio.gather(
            _run_check("pictures", examine_pictures),
            _run_check("MongoDB", lambda: examine_mongodb(database, settings)),
            _examine_kafka(settings),
            _run_check("services", lambda: examine_services(client, addresses)),
        )
        found += pictures
        found += mongodb
        found += kafka
        if not any(each.level is Level.BROKEN and each.about == "MongoDB" for each in mongodb):
            found += await _examine_contents(database, settings, client, addresses)
            if settings.kafka_bootstrap is None:
                found += await _run_check("event log", lambda: examine_embedded(database))
        if not any(each.level is Level.BROKEN and each.about.startswith(LOG) for each in mongodb + kafka):
            found += await _run_check("dead letters", lambda: _check_dead_letters(settings))
        return found + services


async def _examine_kafka(settings: CommonSettings) -> list[Finding]:
    if settings.kafka_bootstrap is None:
        return []
    kafka = KafkaAdmin(KafkaSettings(bootstrap=settings.kafka_bootstrap, client="kalendarium-doctor", **KAFKA))
    return await _run_check("Kafka", lambda: examine_kafka(kafka))


async def _examine_contents(
    database: Database, settings: CommonSettings, client: httpx.AsyncClient, addresses: ServiceAddresses
) -> list[Finding]:
    public = partial(count_public_events, database, settings)
    return [
        *await _run_check("outboxes", lambda: examine_outboxes(database, settings)),
        *await _run_check("mail", lambda: examine_mail(database, settings)),
        *await _run_check("jobs", lambda: examine_jobs(database, settings)),
        *await _run_check("programme", lambda: examine_programme(client, addresses.distribution, public)),
        *await _run_check("venues", lambda: examine_venues(database, settings)),
        *await _run_check("accounts", lambda: _check_accounts(settings)),
    ]


async def _check_accounts(settings: CommonSettings) -> list[Finding]:
    async with open_accounts(settings) as accounts:
        return examine_accounts(await accounts.list(), settings)


async def _check_dead_letters(settings: CommonSettings) -> list[Finding]:
    about = "dead letters"
    async with open_event_log(settings, service="doctor") as log:
        parked = len(await list_dead_letters(log))
    if not parked:
        return [ok(about, "None.")]
    what = f"{parked} records are dead letters: a service could not read them."
    do = "`kalendarium dead-letters list` shows them and the errors; replay them once the cause is fixed."
    return [warning(about, what, do)]


async def _run_check(about: str, check: Check) -> list[Finding]:
    # A check that fails or takes too long is a finding, too.
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check()
    except TimeoutError:
        return [
            broken(about, f"No answer came within {CHECK_SECONDS:.0f} seconds.", "See what holds it up, and ask again.")
        ]
    except Exception as error:  # noqa: BLE001 - whatever it is, the other checks go on, and nobody wants a trace
        return [_explain_failure(about, error)]


def _explain_failure(about: str, error: Exception) -> Finding:
    why = summarize(error)
    if isinstance(error, TopicMismatch):
        return broken(about, str(error), "Do as it says.")
    if isinstance(error, LogUnavailable):
        return broken("Kafka", f"It does not answer: {why}.", "Start it, or correct KAL_KAFKA_BOOTSTRAP.")
    if is_unavailable(error):
        return broken("MongoDB", f"It does not answer: {why}.", "Start it, or correct KAL_MONGO_URL.")
    if isinstance(error, PyMongoError):
        return broken(about, f"MongoDB refuses: {why}.", "Give the user of KAL_MONGO_URL the right to it.")
    return warning(about, f"This check failed itself: {type(error).__name__}: {why}.", "Please report this line.")
