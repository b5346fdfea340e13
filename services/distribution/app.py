"""The distribution service: replays the programme from the event log and serves it from memory."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI
from pydantic import Field

from services.distribution import pages
from services.distribution.api import events, media
from services.distribution.card.card_files import CardFiles
from services.distribution.description import describe_api
from services.distribution.feeds.cache import FeedCache
from services.distribution.feeds.front import FeedFront, FeedResolver, build_vocabulary
from services.distribution.formats import Site, create_formats
from services.distribution.media.picture_files import READ_TIMEOUT_MS, PictureFiles
from services.distribution.pages.card import CARD_PROBLEMS
from services.distribution.problems import PROBLEM_TABLE
from services.distribution.programme.months import MonthIndexCache
from services.distribution.replica.consumer import TOPIC
from services.distribution.replica.journal_store import JournalStore
from services.distribution.replica.monitoring import register_feeds, register_pictures, register_replica
from services.distribution.replica.replica import Replica, ReplicaSettings
from services.distribution.replica.snapshot import Identity
from services.distribution.replica.snapshot_store import SnapshotStore
from services.distribution.replica.snapshot_writer import SnapshotWriter, restore
from services.distribution.rows import RowCache
from services.distribution.state import State
from shared.eventlog.factory import open_event_log
from shared.eventlog.port import EventLog
from shared.i18n.text import _
from shared.media.repository import open_pictures
from shared.region import Region, load_region
from shared.settings import CommonSettings
from shared.web.application import create_application, run_background
from shared.web.ops.health import Health
from shared.web.pages.renderer import NavigationItem, Pages

TEMPLATES = Path(__file__).parent / "templates"


class Settings(CommonSettings):
    port: Annotated[int, Field(ge=0, le=65_535)] = 8003
    feeds_megabytes: Annotated[int, Field(ge=16)] = 512
    pictures_megabytes: Annotated[int, Field(ge=1)] = 64


def create_app(
    settings: Settings,
    *,
    log: EventLog | None = None,
    replica_settings: ReplicaSettings | None = None,
    now: Callable[[], float] = time.time,
) -> FeedFront:
    """The feed front, with the application behind it; raises RegionPackBroken. ``now``: seconds since 1970."""
    # ``log`` is given where services share a process; else the application opens its own. ``now`` is in seconds since
    # 1970.
    region = load_region(settings.region)
    service_pages = _create_pages(settings, region)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as opened:
            own = open_event_log(settings, service="distribution")
            used = log if log is not None else await opened.enter_async_context(own)
            await _open(
                front, settings, service_pages, region, used, opened, replica_settings=replica_settings, now=now
            )
            yield
        front.resolver = None

    fastapi = create_application(
        service="distribution",
        title="Kalendarium",
        settings=settings,
        lifespan=lifespan,
        routers=[events.router, media.router, pages.router],
        openapi_url="/api/v1/openapi.json",
        pages=service_pages,
        description=describe_api(Site(region, settings.public_url)),
        problems={**PROBLEM_TABLE, **media.MEDIA_PROBLEMS, **CARD_PROBLEMS},
    )
    front = FeedFront(fastapi)
    return front


async def _open(  # noqa: PLR0917 - what a service is made of
    front: FeedFront,
    settings: Settings,
    service_pages: Pages,
    region: Region,
    log: EventLog,
    opened: AsyncExitStack,
    *,
    replica_settings: ReplicaSettings | None,
    now: Callable[[], float],
) -> None:
    identity, file = _build_identity(settings, region), SnapshotStore(settings.data_dir)
    journal = JournalStore(settings.data_dir, identity)
    found = restore(file, identity, journal.read())
    programme = found.programme
    site = Site(region, settings.public_url)
    formats = create_formats(site)
    made_at = found.position.covered_until.timestamp() if found.position else None
    feeds = FeedCache(programme, formats, max_bytes=settings.feeds_megabytes * 1_000_000, made_at=made_at, now=now)
    replica = Replica(
        log, programme, feeds, restored=found.position, journal=journal, settings=replica_settings, now=now
    )
    snapshots = SnapshotWriter(file, journal, identity, replica, found)
    pictures = await opened.enter_async_context(open_pictures(settings, timeout_ms=READ_TIMEOUT_MS))
    picture_files = PictureFiles(pictures.read, max_bytes=settings.pictures_megabytes * 1_000_000)
    resolver = FeedResolver(feeds, site, formats, is_open=replica.is_open)
    front.fastapi.state.service = State(
        programme=programme,
        resolver=resolver,
        site=site,
        vocabulary=build_vocabulary(region),
        pages=service_pages,
        quarantine=feeds.quarantine,
        rows=RowCache(site, feeds.quarantine),
        months=MonthIndexCache(programme),
        formats=formats,
        picture_files=picture_files,
        card_files=CardFiles(),
        get_today=lambda: _get_today(region),
        is_open=replica.is_open,
    )
    front.resolver = resolver
    health: Health = front.fastapi.state.health
    register_replica(health, replica, snapshots)
    register_feeds(health, front, feeds)
    register_pictures(health, picture_files)
    runs = (replica.reader.run, replica.run, feeds.run, snapshots.run)
    await opened.enter_async_context(run_background(*runs, health=health))


def _build_identity(settings: Settings, region: Region) -> Identity:
    """Addresses may change without invalidating a snapshot; these four may not."""
    log = "kafka" if settings.kafka_bootstrap else "mongodb"
    return Identity(topic=TOPIC, domain=region.uid_domain, log=log, installation=settings.database_prefix)


def _create_pages(settings: Settings, region: Region) -> Pages:
    return Pages(
        service="distribution",
        templates=TEMPLATES,
        region=region,
        settings=settings,
        navigation=[
            NavigationItem(_("Programme"), "/{lang}/"),
            NavigationItem(_("Subscriptions"), "/{lang}/subscribe"),
            NavigationItem(_("Organisers"), "/{lang}/organisers"),
        ],
        footer=[NavigationItem(_("POT offices"), "/{lang}/offices")],
    )


def _get_today(region: Region) -> date:
    return datetime.now(region.time_zone).date()
