"""Feeds rendered at once, as a reader gets them."""

from __future__ import annotations

from collections.abc import Iterable

from services.distribution.answers import Representation
from services.distribution.blocks import Blocks
from services.distribution.feed import Address, Feed
from services.distribution.formats import Imprint, formats_of
from services.distribution.programme import Programme
from services.distribution.selection import Asked, Selection
from shared.messages import EventPublished
from tests.services.distribution.builders import make_imprint, make_programme


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
    imprint: Imprint | None = None,
) -> bytes:
    """Render a feed of a programme."""
    feed = ready_feed(programme, extension, language, selection, imprint)
    return body_of(feed.plain)


def body_of(found: Representation) -> bytes:
    """Give what an answer sends."""
    body: bytes = found.joined()["body"]
    return body


def ready_feed(
    programme: Programme,
    extension: str = "ics",
    language: str = "pl",
    selection: Selection | None = None,
    imprint: Imprint | None = None,
) -> Feed:
    """Make a feed and bring it up to date."""
    formats = formats_of(imprint or make_imprint())
    address = Address(Asked(selection or Selection(), language), extension)
    feed = Feed(address, formats[extension], f"programme.{extension}")
    for _ in feed.update(programme, Blocks(formats)):
        pass
    return feed
