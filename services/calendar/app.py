"""The calendar application: opens its dependencies, serves API and pages, runs relay and consumer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI
from pydantic import Field

from services.calendar.board import pages as board_pages
from services.calendar.board.repository import KnownActivities
from services.calendar.call import api as call_api
from services.calendar.call import pages as call_pages
from services.calendar.call.problems import CALL_PROBLEMS
from services.calendar.call.repository import YearCalls
from services.calendar.consumer import GROUP, make_consumer
from services.calendar.description import DESCRIPTION
from services.calendar.entry.repository import Entries
from services.calendar.jobs import make_workers
from services.calendar.morning.commands import MorningList
from services.calendar.programme import api as programme_api
from services.calendar.programme import pages as programme_pages
from services.calendar.reminder import pages as reminder_pages
from services.calendar.reminder.problems import REMINDER_PROBLEMS
from services.calendar.reminder.repository import Reminders
from services.calendar.request import pages as request_pages
from services.calendar.request.problems import REQUEST_PROBLEMS
from services.calendar.request.repository import EventRequests
from services.calendar.review import api as review_api
from services.calendar.review import bulk, cancel, media, queue, reported, thread
from services.calendar.review import pages as review_pages
from services.calendar.review.problems import PROBLEM_TABLE
from services.calendar.state import State
from shared.accounts.accounts import open_accounts
from shared.accounts.model import CURATORS
from shared.accounts.organisations import list_seeds
from shared.clock import Clock, utc_now, write_instant
from shared.database.client import explain_unavailability, open_database
from shared.eventlog.dead_letters.gauge import DeadLetterGauge
from shared.eventlog.factory import open_event_log
from shared.eventlog.outbox.relay import Relay
from shared.eventlog.outbox.relays import Relays
from shared.eventlog.port import EventLog
from shared.i18n.text import _
from shared.jobs.repository import COLLECTION, Jobs
from shared.mail.delivery import make_mail_site, open_delivery
from shared.mail.outbox import open_outbox
from shared.media.repository import open_pictures
from shared.region import Region, load_region
from shared.settings import CommonSettings
from shared.web.application import create_application, run_background
from shared.web.auth.administration import create_administration_router
from shared.web.auth.login import create_login_router
from shared.web.guide.pages import create_guide_router, list_guide_links
from shared.web.ops.health import Health
from shared.web.pages.renderer import NavigationItem, Pages

TEMPLATES = Path(__file__).parent / "templates"


class Settings(CommonSettings):
    port: Annotated[int, Field(ge=0, le=65_535)] = 8002


def create_app(settings: Settings, *, log: EventLog | None = None, now: Clock = utc_now) -> FastAPI:
    """Raises RegionPackBroken if the region pack cannot be used."""
    region = load_region(settings.region)
    pages = Pages(
        service="calendar",
        templates=TEMPLATES,
        region=region,
        settings=settings,
        navigation=[
            NavigationItem(_("To decide"), "/calendar/", CURATORS),
            NavigationItem(_("Programme"), "/calendar/programme", CURATORS),
            NavigationItem(_("Venues"), f"{settings.ingest_url}/ingest/venues", CURATORS),
            NavigationItem(_("Campaign"), "/calendar/board", frozenset({"chief"})),
            NavigationItem(_("Calls"), "/calendar/calls", frozenset({"chief"})),
            NavigationItem(_("Administration"), "/calendar/administration", frozenset({"administrator"})),
        ],
        footer=list_guide_links("calendar", settings),
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as opened:
            await _open(app, settings, region, pages, log, opened, now=now)
            yield

    return create_application(
        service="calendar",
        title="Kalendarium calendar",
        settings=settings,
        lifespan=lifespan,
        routers=[
            review_api.router,
            media.router,
            programme_api.router,
            call_api.router,
            queue.router,
            bulk.router,
            review_pages.router,
            cancel.router,
            reported.router,
            thread.router,
            programme_pages.router,
            call_pages.router,
            board_pages.router,
            reminder_pages.router,
            request_pages.router,
            create_login_router("calendar"),
            create_administration_router("calendar"),
            create_guide_router("calendar", settings),
        ],
        openapi_url="/calendar/api/v1/openapi.json",
        pages=pages,
        description=DESCRIPTION,
        problems={**PROBLEM_TABLE, **CALL_PROBLEMS, **REMINDER_PROBLEMS, **REQUEST_PROBLEMS},
    )


async def _open(  # noqa: PLR0917 - what a service is made of
    app: FastAPI,
    settings: Settings,
    region: Region,
    pages: Pages,
    log: EventLog | None,
    opened: AsyncExitStack,
    *,
    now: Clock,
) -> None:
    """Open in order; the stack closes in reverse."""
    health: Health = app.state.health

    def write_now() -> str:
        return write_instant(now())

    app.state.accounts = await opened.enter_async_context(open_accounts(settings, now=now))
    get_secret = partial(app.state.accounts.get_secret, "mail")
    outbox = open_outbox(settings, make_mail_site(region, settings), get_secret=get_secret, now=now)
    app.state.mail = await opened.enter_async_context(outbox)
    mail_workers = await opened.enter_async_context(open_delivery(app.state.mail, settings.smtp_url, now=now))
    health.add_metrics(*app.state.mail.metrics())
    database = await opened.enter_async_context(open_database(settings.mongo_url, settings.database("calendar")))
    pictures = await opened.enter_async_context(open_pictures(settings, now=now))
    if log is None:
        log = await opened.enter_async_context(open_event_log(settings, service="calendar"))
    relay = Relay(log, database["entries"], service="calendar", leases=database["leases"])
    entries = Entries(database, notify=relay.notify)
    call_relay = Relay(log, database["calls"], service="calendar", leases=database["leases"])
    calls = YearCalls(database, notify=call_relay.notify)
    request_relay = Relay(log, database["requests"], service="calendar", leases=database["leases"])
    requests = EventRequests(database, notify=request_relay.notify)
    activities, reminders = KnownActivities(database), Reminders(database)
    jobs = Jobs(database[COLLECTION])
    morning_list = MorningList(
        entries=entries,
        calls=calls,
        accounts=app.state.accounts,
        mail=app.state.mail,
        language=region.languages.default,
        calendar_url=settings.calendar_url,
        now=write_now,
    )
    app.state.service = state = State(
        entries=entries,
        calls=calls,
        morning_list=morning_list,
        activities=activities,
        reminders=reminders,
        requests=requests,
        pictures=pictures,
        jobs=jobs,
        mail=app.state.mail,
        region=region,
        pages=pages,
        now=write_now,
        organisations=app.state.accounts.organisations,
    )
    workers = make_workers(state, app.state.accounts, *mail_workers, now=now)
    health.add_note("jobs", workers.explain_delay)
    health.add_readiness_check("database", partial(explain_unavailability, database))
    consumer = make_consumer(
        log,
        entries,
        calls,
        activities,
        requests,
        now=write_now,
        zone=region.time_zone,
        facts_at_once=region.facts_at_once,
        crash_records=database["attempts"],
    )
    dead_letters = DeadLetterGauge(log, group=GROUP, topics=consumer.topics)
    health.add_note("event_log", consumer.note)
    runs = (
        Relays(relay, call_relay, request_relay).run,
        consumer.run,
        workers.run,
        dead_letters.run,
    )
    prepare = (
        app.state.accounts.prepare,
        partial(app.state.accounts.organisations.seed, list_seeds(region)),
        entries.prepare,
        calls.prepare,
        reminders.prepare,
        requests.prepare,
        jobs.prepare,
        app.state.mail.prepare,
    )
    await opened.enter_async_context(run_background(*runs, health=health, prepare=prepare))
