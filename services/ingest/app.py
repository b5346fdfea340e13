"""The ingest application: opens its dependencies, serves API and pages, runs relay and consumer."""

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

from services.ingest import account_pages, mail
from services.ingest.activity.reporter import ActivityReporter
from services.ingest.activity.repository import Activities
from services.ingest.call import pages as call_pages
from services.ingest.call.guesses import LateCodeGuesses
from services.ingest.call.pages import find_banner
from services.ingest.call.repository import KnownCalls
from services.ingest.confirmation import pages as confirmation_pages
from services.ingest.confirmation.problems import CONFIRMATION_PROBLEMS
from services.ingest.consumer import GROUP, make_consumer
from services.ingest.description import DESCRIPTION
from services.ingest.draft import pages as draft_pages
from services.ingest.draft.repository import Drafts
from services.ingest.form.pages import edit as form_pages
from services.ingest.form.pages import part as part_pages
from services.ingest.home import pages as home_pages
from services.ingest.jobs import make_workers
from services.ingest.media import api as media_api
from services.ingest.media import pages as media_pages
from services.ingest.media.problems import MEDIA_PROBLEMS
from services.ingest.notification.commands import Notifier
from services.ingest.notification.repository import Notifications
from services.ingest.request import pages as request_pages
from services.ingest.request.problems import REQUEST_PROBLEMS
from services.ingest.request.repository import KnownRequests
from services.ingest.rollover import pages as rollover_pages
from services.ingest.rollover.repository import Declines
from services.ingest.state import State, make_vocabulary
from services.ingest.submission import pages as submission_pages
from services.ingest.submission.api import routes as api
from services.ingest.submission.api.direct import DirectSubmission
from services.ingest.submission.problems import PROBLEM_TABLE
from services.ingest.submission.repository import Submissions
from services.ingest.submission.umbrella import Umbrellas
from services.ingest.venue import pages as venue_pages
from services.ingest.venue.api import router as venue_api
from services.ingest.venue.problems import VENUE_PROBLEMS
from services.ingest.venue.repository import Venues
from shared.accounts.accounts import open_accounts
from shared.accounts.model import CURATORS
from shared.accounts.organisations import list_seeds
from shared.clock import Clock, utc_now, write_instant
from shared.database.client import PyMongoError, explain_unavailability, open_database
from shared.eventlog.dead_letters.gauge import DeadLetterGauge
from shared.eventlog.factory import open_event_log
from shared.eventlog.outbox.relay import Relay
from shared.eventlog.outbox.relays import Relays
from shared.eventlog.port import EventLog
from shared.i18n.text import _
from shared.jobs.repository import COLLECTION, Jobs
from shared.mail.delivery import make_mail_site, open_delivery
from shared.mail.outbox import open_outbox
from shared.media.commands import MediaLibrary
from shared.media.repository import open_pictures
from shared.media.uploads import AT_ONCE, CHILDREN, UploadSlots
from shared.region import Region, load_region
from shared.sandbox.sandbox import Sandbox
from shared.settings import CommonSettings
from shared.web.application import create_application, run_background
from shared.web.auth.administration import create_administration_router
from shared.web.auth.login import create_login_router
from shared.web.guide.pages import create_guide_router, list_guide_links
from shared.web.ops.health import Health
from shared.web.pages.renderer import NavigationItem, Pages

BACKLOG_SECONDS = 5.0
TEMPLATES = Path(__file__).parent / "templates"


class Settings(CommonSettings):
    port: Annotated[int, Field(ge=0, le=65_535)] = 8001


def create_app(settings: Settings, *, log: EventLog | None = None, now: Clock = utc_now) -> FastAPI:
    """Raises RegionPackBroken if the region pack cannot be used."""
    region = load_region(settings.region)
    pages = Pages(
        service="ingest",
        find_call=find_banner,
        templates=TEMPLATES,
        region=region,
        settings=settings,
        navigation=[
            NavigationItem(_("My submissions"), "/ingest/", frozenset({"editor"})),
            NavigationItem(_("New event"), "/ingest/submissions/new", frozenset({"editor"})),
            NavigationItem(_("To decide"), f"{settings.calendar_url}/calendar/", CURATORS),
            NavigationItem(_("Programme"), f"{settings.calendar_url}/calendar/programme", CURATORS),
            NavigationItem(_("Venues"), "/ingest/venues", CURATORS),
            NavigationItem(_("Administration"), "/ingest/administration", frozenset({"administrator"})),
        ],
        footer=list_guide_links("ingest", settings),
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as opened:
            await _open(app, settings, region, pages, log, opened, now=now)
            yield

    app = create_application(
        service="ingest",
        title="Kalendarium ingest",
        settings=settings,
        lifespan=lifespan,
        routers=[
            api.router,
            media_api.router,
            media_pages.router,
            venue_api,
            draft_pages.router,
            confirmation_pages.router,
            home_pages.router,
            form_pages.router,
            part_pages.router,
            venue_pages.router,
            submission_pages.router,
            call_pages.router,
            rollover_pages.router,
            request_pages.router,
            mail.router,
            account_pages.router,
            create_login_router("ingest"),
            create_administration_router("ingest"),
            create_guide_router("ingest", settings),
        ],
        openapi_url="/ingest/api/v1/openapi.json",
        pages=pages,
        description=DESCRIPTION,
        problems={**PROBLEM_TABLE, **CONFIRMATION_PROBLEMS, **REQUEST_PROBLEMS, **MEDIA_PROBLEMS, **VENUE_PROBLEMS},
    )
    app.user_middleware.insert(
        -1, Middleware(DirectSubmission)
    )  # inside log, headers and problems, in front of the limits
    return app


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
    database = await opened.enter_async_context(open_database(settings.mongo_url, settings.database("ingest")))
    pictures = await opened.enter_async_context(open_pictures(settings, now=now))
    if log is None:
        log = await opened.enter_async_context(open_event_log(settings, service="ingest"))
    relay = Relay(log, database["submissions"], service="ingest", leases=database["leases"])
    submissions = Submissions(database, notify=relay.notify)
    activity_relay = Relay(log, database["activity"], service="ingest", leases=database["leases"])
    request_relay = Relay(log, database["requests"], service="ingest", leases=database["leases"])
    requests = KnownRequests(database, notify=request_relay.notify)
    activities = Activities(database, notify=activity_relay.notify)
    drafts, declines = Drafts(database, now=write_now), Declines(database)
    calls, guesses = KnownCalls(database), LateCodeGuesses(database)
    venues = Venues(database)
    jobs = Jobs(database[COLLECTION])
    notifier = Notifier(
        submissions=submissions,
        notifications=Notifications(database),
        accounts=app.state.accounts,
        jobs=jobs,
        mail=app.state.mail,
        region=region,
        ingest_url=settings.ingest_url,
        now=write_now,
    )
    app.state.service = state = State(
        submissions=submissions,
        umbrellas=Umbrellas(database),
        drafts=drafts,
        calls=calls,
        guesses=guesses,
        declines=declines,
        requests=requests,
        jobs=jobs,
        notifier=notifier,
        mail=app.state.mail,
        region=region,
        vocabulary=make_vocabulary(region),
        pages=pages,
        now=write_now,
        organisations=app.state.accounts.organisations,
        accounts=app.state.accounts,
        media=MediaLibrary(pictures, Sandbox(at_once=CHILDREN, waiting=AT_ONCE - CHILDREN)),
        uploads=UploadSlots(),
        venues=venues,
    )
    workers = make_workers(state, *mail_workers, now=now)
    reporter = ActivityReporter(state, app.state.accounts, activities, leases=database["leases"])
    health.add_note("jobs", workers.explain_delay)
    health.add_readiness_check("database", partial(explain_unavailability, database))
    consumer = make_consumer(
        log,
        submissions,
        calls,
        activities,
        requests,
        now=write_now,
        note_review=notifier.note,
        crash_records=database["attempts"],
    )
    dead_letters = DeadLetterGauge(log, group=GROUP, topics=consumer.topics)
    health.add_note("event_log", consumer.note)
    health.add_gauge("kal_outbox_documents", "Submissions with messages still to be sent.", lambda: submissions.backlog)
    health.add_gauge("kal_venues", "Places in the register of venues.", lambda: len(venues.index))
    watching = partial(_watch_backlog, submissions)
    runs = (
        submissions.run,
        Relays(relay, activity_relay, request_relay).run,
        reporter.run,
        consumer.run,
        calls.run,
        venues.run,
        workers.run,
        dead_letters.run,
        watching,
    )
    prepare = (
        app.state.accounts.prepare,
        partial(app.state.accounts.organisations.seed, list_seeds(region)),
        submissions.prepare,
        drafts.prepare,
        declines.prepare,
        activities.prepare,
        requests.prepare,
        calls.prepare,
        guesses.prepare,
        venues.prepare,
        jobs.prepare,
        notifier.notifications.prepare,
        app.state.mail.prepare,
        pictures.prepare,
    )
    await opened.enter_async_context(run_background(*runs, health=health, prepare=prepare))


async def _watch_backlog(submissions: Submissions, stop: asyncio.Event) -> None:
    while not stop.is_set():
        with suppress(PyMongoError):  # while the database is away nothing is taken anyway
            await submissions.count_backlog()
        with suppress(TimeoutError):
            async with asyncio.timeout(BACKLOG_SECONDS):
                await stop.wait()
