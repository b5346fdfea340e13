"""Feeds rendered at once, as a reader gets them."""

from __future__ import annotations

from collections.abc import Iterable

from services.distribution.feeds.address import FeedAddress
from services.distribution.feeds.feed import Feed
from services.distribution.feeds.render_cache import RenderCache
from services.distribution.feeds.responses import Representation
from services.distribution.formats import Site, create_formats
from services.distribution.programme.model import Programme
from services.distribution.programme.selection import Query, Selection
from shared.messages import EventPublished
from shared.web.http.last_modified import LastModified
from tests.services.distribution.builders import make_programme, make_site

VERSION = LastModified(1_793_613_660, 1_793_613_660)
"""2026-11-02T10:01:00Z, when feeds of tests are made."""


def render(
    messages: Iterable[EventPublished], extension: str = "ics", language: str = "pl", selection: Selection | None = None
) -> bytes:
    """Render the feed of these events."""
    return render_programme(make_programme(messages), extension, language, selection)


def render_programme(
    programme: Programme,
    extension: str = "ics",
    language: str = "pl",
    selection: Selection | None = None,
    site: Site | None = None,
) -> bytes:
    """Render a feed of a programme."""
    feed = ready_feed(programme, extension, language, selection, site)
    return body_of(feed.plain)


def tell(feed: Feed, event_id: str, programme: Programme) -> None:
    """Say that an event changed, as a replica says it to each of its feeds."""
    if feed.is_affected_by(event_id, programme.get(event_id), programme.tombstones.get(event_id)):
        feed.pending.add(event_id)


def body_of(found: Representation) -> bytes:
    """Give what an answer sends."""
    body: bytes = found.join_body()["body"]
    return body


def ready_feed(
    programme: Programme,
    extension: str = "ics",
    language: str = "pl",
    selection: Selection | None = None,
    site: Site | None = None,
) -> Feed:
    """Make a feed and bring it up to date."""
    formats = create_formats(site or make_site())
    address = FeedAddress(Query(selection or Selection(), language), extension)
    feed = Feed(address, formats[extension], f"programme.{extension}")
    for _ in feed.update(programme, RenderCache(formats), lambda _: VERSION):
        pass
    return feed
