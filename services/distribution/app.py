"""The distribution service: reads the programme from the event log and serves everybody from memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI
from pydantic import Field

from services.distribution import api, pages
from services.distribution.consumer import TOPIC
from services.distribution.feeds import Feeds
from services.distribution.formats import Imprint, formats_of
from services.distribution.journal_file import JournalFile
from services.distribution.keeping import Keeping, take_up
from services.distribution.months import MonthsKept
from services.distribution.rows import Rows
from services.distribution.serving import Desk, FeedFront, known_filters
from services.distribution.snapshot import Identity
from services.distribution.snapshot_file import SnapshotFile
from services.distribution.standing import Pace, Standing
from services.distribution.state import State
from services.distribution.watch import watch_feeds, watch_standing
from shared.database import open_database
from shared.eventlog.opening import open_event_log
from shared.eventlog.port import EventLog
from shared.region import Region, load_region
from shared.settings import CommonSettings
from shared.web.application import background, create_application
from shared.web.health import Health
from shared.web.locale import _
from shared.web.pages import NavigationItem, Pages

TEMPLATES = Path(__file__).parent / "templates"


class Settings(CommonSettings):
    """Distribution's settings: the common ones, its own port, and how much memory its feeds may take."""

    port: Annotated[int, Field(ge=0, le=65_535)] = 8003
    feeds_megabytes: Annotated[int, Field(ge=16)] = 512


def create_app(settings: Settings, *, log: EventLog | None = None, pace: Pace | None = None) -> FeedFront:
    """Make the application: the feeds' front, with everything else behind it as ``fastapi``.

    Args:
        settings: where everything is.
        log: the event log, if it is shared with other services in this process; else the app opens its own.
        pace: how patient it is, if not as usual.

    Raises:
        RegionPackBroken: if the region pack cannot be used.

    """
    region = load_region(settings.region)
    drawn = _pages(settings, region)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as opened:
            used = log if log is not None else await opened.enter_async_context(_own_log(settings))
            await _open(front, settings, drawn, region, used, opened, pace=pace)
            yield
        front.desk = None

    fastapi = create_application(
        service="distribution",
        title="Kalendarium",
        settings=settings,
        lifespan=lifespan,
        routers=[api.router, pages.router],
        openapi_url="/api/v1/openapi.json",
        pages=drawn,
    )
    front = FeedFront(fastapi)
    return front


async def _open(  # noqa: PLR0917 - what a service is made of
    front: FeedFront,
    settings: Settings,
    drawn: Pages,
    region: Region,
    log: EventLog,
    opened: AsyncExitStack,
    *,
    pace: Pace | None,
) -> None:
    """Open everything in order; the stack closes it in reverse."""
    identity, file = _identity(settings, region), SnapshotFile(settings.data_dir)
    journal = JournalFile(settings.data_dir, identity)
    found = take_up(file, identity, journal.read())
    programme = found.programme
    imprint = Imprint(region, settings.public_url)
    formats = formats_of(imprint)
    feeds = Feeds(programme, formats, most_bytes=settings.feeds_megabytes * 1_000_000)
    standing = Standing(log, programme, feeds, kept=found.reading, journal=journal, pace=pace)
    keeping = Keeping(file, journal, identity, standing, found)
    desk = Desk(feeds, imprint, formats, is_open=standing.is_open)
    front.fastapi.state.service = State(
        programme=programme,
        desk=desk,
        imprint=imprint,
        known=known_filters(region),
        pages=drawn,
        rows=Rows(imprint),
        months=MonthsKept(programme),
        formats=formats,
        today=lambda: _today(region),
        is_open=standing.is_open,
    )
    front.desk = desk
    health: Health = front.fastapi.state.health
    watch_standing(health, standing, keeping)
    watch_feeds(health, front, feeds)
    runs = (standing.replay.run, standing.run, feeds.run, keeping.run)
    await opened.enter_async_context(background(*runs, health=health))


def _identity(settings: Settings, region: Region) -> Identity:
    """Say whose programme a snapshot must be; addresses may change, these may not."""
    log = "kafka" if settings.kafka_bootstrap else "mongodb"
    return Identity(topic=TOPIC, domain=region.uid_domain, log=log, installation=settings.database_prefix)


def _pages(settings: Settings, region: Region) -> Pages:
    return Pages(
        service="distribution",
        templates=TEMPLATES,
        region=region,
        settings=settings,
        navigation=[
            NavigationItem(_("Program"), "/{lang}/"),
            NavigationItem(_("Subskrypcje"), "/{lang}/subscribe"),
            NavigationItem(_("Organizatorzy"), "/{lang}/organisers"),
        ],
        footer=[NavigationItem(_("Biura POT"), "/{lang}/offices")],
    )


def _today(region: Region) -> date:
    return datetime.now(region.time_zone).date()


@asynccontextmanager
async def _own_log(settings: Settings) -> AsyncIterator[EventLog]:
    """Open a log for this service alone: Kafka, or the embedded one in a database of its own."""
    async with (
        open_database(settings.mongo_url, settings.database("log")) as database,
        open_event_log(kafka_bootstrap=settings.kafka_bootstrap, database=database, service="distribution") as log,
    ):
        yield log
