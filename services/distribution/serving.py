"""The feeds' way out: a few lines of raw ASGI in front of the FastAPI application.

A warm feed costs one look-up by its exact path and query. Only a miss is parsed; what must be refused is handed to the
application behind, which refuses everything in the same words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.distribution.answers import NO_BODY, AsgiMessage, Header, saying, takes_gzip
from services.distribution.feed import Address, Feed
from services.distribution.feeds import FeedNotRendered, Feeds, Path, TooManyNewFeeds
from services.distribution.formats import Format, Imprint
from services.distribution.formats.imprint import PROGRAMME
from services.distribution.formats.words import WORDS
from services.distribution.refusals import refused_filter
from services.distribution.selection import PUBLIC, FilterRefused, Known, read_filters
from shared.region import Region
from shared.web.locale import _
from shared.web.problems import NotFound, Problem, Unavailable

FEEDS: Final = "/feeds/"
SHOWN: Final = "kalendarium.shown"
"""Where in a request's scope its :class:`Shown` is, while answers say their age."""
READS: Final = frozenset({"GET", "HEAD"})
ASKED_WITH: Final = frozenset({b"accept-encoding", b"if-none-match", b"if-modified-since"})
"""The headers of a request on which the answer depends."""
_FILE = re.compile(r"/feeds/([a-z0-9-]{1,80})\.([a-z]{1,10})")


class Shown:
    """An answer of the application behind the front; once it ``says`` a header, so does what is sent."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.says: Header | None = None

    async def send(self, message: Message) -> None:
        """Send a message on."""
        if self.says and message["type"] == "http.response.start":
            message = saying(dict(message), self.says)
        await self._send(message)


def known_filters(region: Region) -> Known:
    """Give the values that filters may have in a region."""
    return Known(region.counties, region.categories, WORDS)


class Desk:
    """Where feeds are asked for: reads an address, gives the feed or refuses."""

    def __init__(
        self, feeds: Feeds, imprint: Imprint, formats: Mapping[str, Format], *, is_open: Callable[[], bool]
    ) -> None:
        """Open the desk.

        Args:
            feeds: the feeds.
            imprint: the region whose channels and filters there are.
            formats: every format by its extension.
            is_open: whether the whole programme is here, so that no feed can be half of one.

        """
        self.feeds = feeds
        self._imprint = imprint
        self._formats = formats
        self._is_open = is_open
        self._known = known_filters(imprint.region)

    async def ask(self, path: str, query: str, spelling: Path) -> Feed:
        """Give the feed of an address.

        Raises:
            NotFound: if there is no such feed or format.
            BadRequest: for an unknown filter or value.
            Unavailable: while the programme is not read yet, or if the feed cannot be made in good time.

        """
        address = self._read(path, query)
        if not self._is_open():
            raise Unavailable(_("Program jest jeszcze wczytywany."), code="not_caught_up")
        try:
            name = self._imprint.feed_name(address.asked)
            return await self.feeds.ask(address, spelling, f"{name}.{address.extension}")
        except (TooManyNewFeeds, FeedNotRendered) as error:
            raise Unavailable from error

    def _read(self, path: str, query: str) -> Address:
        file = _FILE.fullmatch(path)
        channel = self._channel(file[1]) if file else None
        if file is None or channel is None or file[2] not in self._formats:
            raise NotFound(_("Nie ma takiego kanału. Są programme i kanały biur, w formatach ics, rss i json."))
        language = self._imprint.feed_language(channel)
        try:
            return Address(
                read_filters(query, self._known, whole=self._imprint.whole(channel), language=language), file[2]
            )
        except FilterRefused as error:
            raise refused_filter(error) from error

    def _channel(self, name: str) -> str | None:
        if name == PROGRAMME:
            return PUBLIC
        return name if name in self._imprint.region.channels else None


class FeedFront:
    """The ASGI application of distribution: feeds first, everything else by ``fastapi``.

    ``desk`` is set while the application runs. A feed is the same for everybody, so only what is behind needs to know
    from where a request came.
    """

    def __init__(self, fastapi: FastAPI) -> None:
        self.fastapi = fastapi
        self._behind: ASGIApp = fastapi
        self.desk: Desk | None = None
        self._bodiless = 0

    def wrap_behind(self, wrap: Callable[[ASGIApp], ASGIApp]) -> None:
        """Wrap the application behind the front, and not the front."""
        self._behind = wrap(self._behind)

    def answers(self) -> Mapping[str, float]:
        """Count the requests for feeds that were answered, with a body or without (304 and HEAD)."""
        answered = self.desk.feeds.uses if self.desk else self._bodiless
        return {"body": answered - self._bodiless, "none": self._bodiless}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for a feed, or hand it on."""
        desk = self.desk
        if desk is not None and scope["type"] == "http" and scope["method"] in READS:
            feed = desk.feeds.find((scope["raw_path"], scope["query_string"]))
            if feed is None and scope["path"].startswith(FEEDS):
                feed = await self._ask(desk, scope)
            if feed is not None:
                start, content = answer(desk.feeds, feed, scope)
                if content is NO_BODY:
                    self._bodiless += 1
                await send(start)
                await send(content)
                return
        if desk is not None and desk.feeds.generated_at is not None and scope["type"] == "http":
            scope[SHOWN] = shown = Shown(send)
            send = shown.send
        await self._behind(scope, receive, send)

    async def _ask(self, desk: Desk, scope: Scope) -> Feed | None:
        """Ask for a feed that is not warm; None if it is refused, which the application behind will say better."""
        spelling = (scope["raw_path"], scope["query_string"])
        try:
            return await desk.ask(scope["path"], scope["query_string"].decode("latin-1"), spelling)
        except Problem:
            return None


def answer(feeds: Feeds, feed: Feed, scope: Scope) -> tuple[AsgiMessage, AsgiMessage]:
    """Choose the two messages that answer a request with a feed.

    In gzip where the client likes that; without a body if it has it already, or asks by HEAD.
    """
    found = feed.plain
    tags = since = None
    for name, value in scope["headers"]:
        if name in ASKED_WITH:
            if name == b"accept-encoding":
                found = feed.gzipped if takes_gzip(value) else feed.plain
            elif name == b"if-none-match":
                tags = value if tags is None else tags + b", " + value
            else:
                since = value
    if (tags or since) and (tags == found.etag or found.is_unchanged(tags, since)):
        start, content = found.unchanged, NO_BODY
    elif scope["method"] == "GET":
        start, content = found.start, found.content or feeds.body(feed, found)
    else:
        start, content = found.start, NO_BODY
    return (start, content) if feeds.generated_at is None else (saying(start, feeds.generated_at), content)
