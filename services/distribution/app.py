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
from services.distribution.consumer import TOPIC, ProgrammeReader
from services.distribution.feeds import Feeds
from services.distribution.formats import Imprint, formats_of
from services.distribution.months import MonthsKept
from services.distribution.programme import Programme
from services.distribution.rows import Rows
from services.distribution.serving import Desk, FeedFront, known_filters
from services.distribution.state import State
from shared.database import open_database
from shared.eventlog.opening import open_event_log
from shared.eventlog.port import EventLog
from shared.eventlog.replay import Replay
from shared.region import Region, load_region
from shared.settings import CommonSettings
from shared.web.application import background, create_application
from shared.web.health import Health
from shared.web.locale import _
from shared.web.pages import NavigationItem, Pages

MOST_SAID = 5
TEMPLATES = Path(__file__).parent / "templates"


class Settings(CommonSettings):
    """Distribution's settings: the common ones, its own port, and how much memory its feeds may take."""

    port: Annotated[int, Field(ge=0, le=65_535)] = 8003
    feeds_megabytes: Annotated[int, Field(ge=16)] = 512


def create_app(settings: Settings, *, log: EventLog | None = None) -> FeedFront:
    """Make the application: the feeds' front, with everything else behind it as ``fastapi``.

    Args:
        settings: where everything is.
        log: the event log, if it is shared with other services in this process; else the app opens its own.

    Raises:
        RegionPackBroken: if the region pack cannot be used.

    """
    region = load_region(settings.region)
    drawn = _pages(settings, region)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as opened:
            used = log if log is not None else await opened.enter_async_context(_own_log(settings))
            await _open(front, settings, drawn, region, used, opened)
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
    front: FeedFront, settings: Settings, drawn: Pages, region: Region, log: EventLog, opened: AsyncExitStack
) -> None:
    """Open everything in order; the stack closes it in reverse."""
    programme = Programme()
    imprint = Imprint(region, settings.public_url)
    formats = formats_of(imprint)
    feeds = Feeds(programme, formats, most_bytes=settings.feeds_megabytes * 1_000_000)
    replay = Replay(log, TOPIC, ProgrammeReader(programme, feeds.touch).take)
    desk = Desk(feeds, imprint, formats, is_open=replay.caught_up.is_set)
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
        is_open=replay.caught_up.is_set,
    )
    front.desk = desk
    _watch(front.fastapi.state.health, front, programme, feeds, replay)
    await opened.enter_async_context(background(replay.run, feeds.run, health=front.fastapi.state.health))


def _watch(health: Health, front: FeedFront, programme: Programme, feeds: Feeds, replay: Replay) -> None:
    """Tell operators what goes on: ready once caught up, and numbers of everything that may go wrong quietly."""
    health.must_be_ready(
        "programme",
        lambda: None if replay.caught_up.is_set() else f"{replay.read_count} records of the programme are read so far",
    )
    health.note("quarantine", lambda: _quarantined(feeds))
    health.note("skipped", lambda: _skipped(replay))
    health.gauge("kal_programme_events", "Public events in memory.", lambda: len(programme))
    health.gauge("kal_programme_lag", "Records of the programme still to be read.", lambda: replay.lag or 0)
    health.gauge("kal_records_skipped", "Records that could not be read.", lambda: replay.skipped_count)
    health.gauge("kal_feeds", "Feeds in memory.", lambda: len(feeds))
    health.gauge("kal_feeds_bytes", "Bytes that feeds keep.", lambda: feeds.weight)
    health.gauge("kal_feed_answers", "Requests for feeds answered.", front.answers, label="kind")
    health.gauge("kal_blocks_rendered", "Events rendered.", lambda: feeds.blocks.rendered)
    health.gauge("kal_blocks_failed", "Events that could not be rendered.", lambda: feeds.blocks.failed)
    health.gauge("kal_events_quarantined", "Events missing from feeds.", lambda: len(feeds.blocks.quarantine))


def _quarantined(feeds: Feeds) -> str | None:
    missing = feeds.blocks.quarantine
    said = [
        f"{each.event_id} in {each.kind.extension} {each.kind.language}: {each.reason}" for each in missing[:MOST_SAID]
    ]
    return f"{len(missing)} missing from feeds: {'; '.join(said)}" if missing else None


def _skipped(replay: Replay) -> str | None:
    said = [f"{each.partition}/{each.offset} {each.key}: {each.reason}" for each in list(replay.skipped)[-MOST_SAID:]]
    return f"{replay.skipped_count} records could not be read: {'; '.join(said)}" if said else None


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
