"""The calendar service: opens what it needs, serves API and pages, and runs the relay and the consumer beside."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI
from pydantic import Field

from services.calendar.api import programme, reviews
from services.calendar.consumer import GROUP, handlers
from services.calendar.pages import entry, picked, queue, stopping
from services.calendar.pages import programme as programme_pages
from services.calendar.state import State, utc_now
from services.calendar.store import Entries
from shared.database import open_database, why_away
from shared.eventlog.consumer import Consumer
from shared.eventlog.opening import own_event_log
from shared.eventlog.outbox import Relay
from shared.eventlog.parked_watch import ParkedWatch
from shared.eventlog.port import EventLog
from shared.region import Region, load_region
from shared.settings import CommonSettings
from shared.web.accounts import open_accounts
from shared.web.application import background, create_application
from shared.web.health import Health
from shared.web.locale import _
from shared.web.login import login_router
from shared.web.pages import NavigationItem, Pages

TEMPLATES = Path(__file__).parent / "templates"


class Settings(CommonSettings):
    """Calendar's settings: the common ones, and the port on which it listens alone."""

    port: Annotated[int, Field(ge=0, le=65_535)] = 8002


def create_app(settings: Settings, *, log: EventLog | None = None) -> FastAPI:
    """Make the application.

    Args:
        settings: where everything is.
        log: the event log, if it is shared with other services in this process; else the app opens its own.

    Raises:
        RegionPackBroken: if the region pack cannot be used.

    """
    region = load_region(settings.region)
    drawn = Pages(
        service="calendar",
        templates=TEMPLATES,
        region=region,
        settings=settings,
        navigation=[
            NavigationItem(_("Do decyzji"), "/calendar/", frozenset({"curator"})),
            NavigationItem(_("Program"), "/calendar/programme", frozenset({"curator"})),
        ],
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as opened:
            await _open(app, settings, region, drawn, log, opened)
            yield

    return create_application(
        service="calendar",
        title="Kalendarium calendar",
        settings=settings,
        lifespan=lifespan,
        routers=[
            reviews.router,
            programme.router,
            queue.router,
            picked.router,
            entry.router,
            stopping.router,
            programme_pages.router,
            login_router("calendar"),
        ],
        openapi_url="/calendar/api/v1/openapi.json",
        pages=drawn,
    )


async def _open(  # noqa: PLR0917 - what a service is made of
    app: FastAPI, settings: Settings, region: Region, drawn: Pages, log: EventLog | None, opened: AsyncExitStack
) -> None:
    """Open everything in order; the stack closes it in reverse."""
    health: Health = app.state.health
    app.state.accounts = await opened.enter_async_context(open_accounts(settings))
    database = await opened.enter_async_context(open_database(settings.mongo_url, settings.database("calendar")))
    if log is None:
        log = await opened.enter_async_context(own_event_log(settings, service="calendar"))
    relay = Relay(log, database["entries"], service="calendar", leases=database["leases"])
    entries = Entries(database, wake=relay.wake)
    app.state.service = State(entries=entries, region=region, pages=drawn)
    health.must_be_ready("database", partial(why_away, database))
    consumer = Consumer(log, group=GROUP, handlers=handlers(entries, now=utc_now), attempts=database["attempts"])
    parked = ParkedWatch(log, group=GROUP, topics=consumer.topics)
    health.note("event_log", consumer.note)
    runs = (relay.run, consumer.run, parked.run)
    prepare = (app.state.accounts.prepare, entries.prepare)
    await opened.enter_async_context(background(*runs, health=health, prepare=prepare))
