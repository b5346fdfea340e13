"""The ingest service: opens what it needs, serves the API and the pages, and runs the relay and the consumer beside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI
from pydantic import Field
from starlette.middleware import Middleware

from services.ingest import pages
from services.ingest.api import submissions as api
from services.ingest.api.direct import Direct
from services.ingest.consumer import GROUP, consumer_of
from services.ingest.state import State, codes_of, utc_now
from services.ingest.store import Submissions
from shared.database import PyMongoError, open_database, why_away
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

BACKLOG_SECONDS = 5.0
TEMPLATES = Path(__file__).parent / "templates"


class Settings(CommonSettings):
    """Ingest's settings: the common ones, and the port on which it listens alone."""

    port: Annotated[int, Field(ge=0, le=65_535)] = 8001


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
        service="ingest",
        templates=TEMPLATES,
        region=region,
        settings=settings,
        navigation=[
            NavigationItem(_("Moje zgłoszenia"), "/ingest/", frozenset({"editor"})),
            NavigationItem(_("Nowe wydarzenie"), "/ingest/submissions/new", frozenset({"editor"})),
        ],
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as opened:
            await _open(app, settings, region, drawn, log, opened)
            yield

    app = create_application(
        service="ingest",
        title="Kalendarium ingest",
        settings=settings,
        lifespan=lifespan,
        routers=[api.router, pages.router, login_router("ingest")],
        openapi_url="/ingest/api/v1/openapi.json",
        pages=drawn,
    )
    app.user_middleware.insert(-1, Middleware(Direct))  # inside log, headers and problems, in front of the limits
    return app


async def _open(  # noqa: PLR0917 - what a service is made of
    app: FastAPI, settings: Settings, region: Region, drawn: Pages, log: EventLog | None, opened: AsyncExitStack
) -> None:
    """Open everything in order; the stack closes it in reverse."""
    health: Health = app.state.health
    app.state.accounts = await opened.enter_async_context(open_accounts(settings))
    database = await opened.enter_async_context(open_database(settings.mongo_url, settings.database("ingest")))
    if log is None:
        log = await opened.enter_async_context(own_event_log(settings, service="ingest"))
    relay = Relay(log, database["submissions"], service="ingest", leases=database["leases"])
    submissions = Submissions(database, wake=relay.wake)
    app.state.service = State(submissions=submissions, region=region, known=codes_of(region), pages=drawn)
    health.must_be_ready("database", partial(why_away, database))
    consumer = consumer_of(log, submissions, now=utc_now, attempts=database["attempts"])
    parked = ParkedWatch(log, group=GROUP, topics=consumer.topics)
    health.note("event_log", consumer.note)
    health.gauge("kal_outbox_documents", "Submissions with messages still to be sent.", lambda: submissions.backlog)
    watching = partial(_watch_backlog, submissions)
    runs = (submissions.run, relay.run, consumer.run, parked.run, watching)
    prepare = (app.state.accounts.prepare, submissions.prepare)
    await opened.enter_async_context(background(*runs, health=health, prepare=prepare))


async def _watch_backlog(submissions: Submissions, stop: asyncio.Event) -> None:
    """Know, to within seconds, whether more may be taken."""
    while not stop.is_set():
        with suppress(PyMongoError):  # while the database is away nothing is taken anyway
            await submissions.note_backlog()
        with suppress(TimeoutError):
            async with asyncio.timeout(BACKLOG_SECONDS):
                await stop.wait()
