"""The feed front: raw ASGI before the FastAPI application.

A cached feed costs one look-up by raw path and query. Errors are left to the application behind, which has the texts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

import structlog
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.distribution.feeds.address import FeedAddress
from services.distribution.feeds.cache import FeedCache, Path
from services.distribution.feeds.feed import Feed
from services.distribution.feeds.responses import NO_BODY, AsgiMessage, Header, add_header
from services.distribution.formats import Format, Site
from services.distribution.presentation.site import PROGRAMME
from services.distribution.programme.selection import PUBLIC, Vocabulary, parse_filters, split_page
from shared.i18n.languages import LANGUAGES
from shared.i18n.text import _
from shared.region import Region
from shared.web.http.negotiation import accepts_gzip
from shared.web.middleware.request_limits import MAX_FIELDS, MAX_HEADERS, SINGLE_HEADERS, check_head
from shared.web.problems import NotFound, Unavailable, find_problem

FEEDS: Final = "/feeds/"
AGE_HEADER: Final = "kalendarium.age_header"
"""Where in a request's scope its :class:`Shown` is, while answers say their age."""
READ_METHODS: Final = frozenset({"GET", "HEAD"})
NEGOTIATED: Final = frozenset({b"accept-encoding", b"if-none-match", b"if-modified-since"})
"""The headers of a request on which the answer depends."""
_log = structlog.get_logger()
_FILE = re.compile(r"/feeds/([a-z0-9-]{1,80})\.([a-z]{1,10})")


class AgeHeader:
    """Wraps ``send`` of a request to the application behind, and adds ``header`` once it is set."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.header: Header | None = None

    async def send(self, message: Message) -> None:
        if self.header and message["type"] == "http.response.start":
            message = add_header(dict(message), self.header)
        await self._send(message)


def build_vocabulary(region: Region) -> Vocabulary:
    return Vocabulary(region.counties, region.categories, LANGUAGES)


class FeedResolver:
    """Parses the address of a feed and gets it from the cache."""

    # ``is_open`` tells whether the programme is complete: no feed may show half of it.

    def __init__(
        self, feeds: FeedCache, site: Site, formats: Mapping[str, Format], *, is_open: Callable[[], bool]
    ) -> None:
        self.feeds = feeds
        self._site = site
        self._formats = formats
        self._is_open = is_open
        self._vocabulary = build_vocabulary(site.region)

    async def resolve(self, path: str, query_string: str, raw_address: Path) -> Feed:
        """Raises NotFound, InvalidFilter, Unavailable (not complete yet), TooManyNewFeeds or FeedNotRendered."""
        address = self._parse(path, query_string)
        if not self._is_open():
            raise Unavailable(_("The programme is still being read."), code="not_caught_up")
        name = self._site.get_feed_name(address.query)
        return await self.feeds.get(address, raw_address, f"{name}.{address.format}")

    def _parse(self, path: str, query_string: str) -> FeedAddress:
        file = _FILE.fullmatch(path)
        channel = self._find_channel(file[1]) if file else None
        if file is None or channel is None or file[2] not in self._formats:
            raise NotFound(
                _("There is no such feed. There are programme and the feeds of the offices, as ics, rss and json.")
            )
        language, whole = self._site.get_feed_language(channel), self._site.get_base_selection(channel)
        window = self._formats[file[2]].window
        filters, after = split_page(query_string) if window and window.is_paged else (query_string, None)
        return FeedAddress(parse_filters(filters, self._vocabulary, base=whole, language=language), file[2], after)

    def _find_channel(self, name: str) -> str | None:
        if name == PROGRAMME:
            return PUBLIC
        return name if name in self._site.region.channels else None


class FeedFront:
    """The ASGI application of distribution; ``resolver`` is set while the application runs."""

    # A feed is the same for everybody, so only the application behind needs to know where a request came from.

    def __init__(self, fastapi: FastAPI) -> None:
        self.fastapi = fastapi
        self._behind: ASGIApp = fastapi
        self.resolver: FeedResolver | None = None
        self._bodiless_count = 0

    def wrap_behind(self, wrap: Callable[[ASGIApp], ASGIApp]) -> None:
        """Wrap the application behind, not the front."""
        self._behind = wrap(self._behind)

    def count_responses(self) -> Mapping[str, float]:
        """Count responses with feeds: with a body, and without (304 and HEAD)."""
        answered = self.resolver.feeds.request_count if self.resolver else self._bodiless_count
        return {"body": answered - self._bodiless_count, "none": self._bodiless_count}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        resolver = self.resolver
        if resolver is not None and scope["type"] == "http" and scope["method"] in READ_METHODS:
            try:
                feed = resolver.feeds.find((scope["raw_path"], scope["query_string"]))
                if feed is None and scope["path"].startswith(FEEDS):
                    feed = await self._resolve(resolver, scope)
                answered = choose_messages(resolver.feeds, feed, scope) if feed is not None else None
            except Exception as error:  # noqa: BLE001 - the application behind fails too, and its answer says why
                if find_problem(error, self.fastapi.state.problems) is None:
                    _log.exception("feed_not_answered")
                answered = None
            if answered is not None:
                start, content = answered
                if content is NO_BODY:
                    self._bodiless_count += 1
                await send(start)
                await send(content)
                return
        if resolver is not None and resolver.feeds.generated_at is not None and scope["type"] == "http":
            scope[AGE_HEADER] = age_header = AgeHeader(send)
            send = age_header.send
        await self._behind(scope, receive, send)

    async def _resolve(self, resolver: FeedResolver, scope: Scope) -> Feed:
        check_head(scope)
        spelling = (scope["raw_path"], scope["query_string"])
        return await resolver.resolve(scope["path"], scope["query_string"].decode("latin-1"), spelling)


def choose_messages(feeds: FeedCache, feed: Feed, scope: Scope) -> tuple[AsgiMessage, AsgiMessage]:
    """Choose the two ASGI messages of a response; raises Problem if the request's headers are over a limit."""
    found = feed.plain
    tags = since = None
    size = single = 0
    for name, value in scope["headers"]:
        size += len(name) + len(value)
        if name in NEGOTIATED:
            if name == b"accept-encoding":
                found = feed.gzipped if accepts_gzip(value) else feed.plain
            elif name == b"if-none-match":
                tags = value if tags is None else tags + b", " + value
            else:
                since = value
        elif name in SINGLE_HEADERS:
            single += 1
    # Nearly every client names its host and nothing else of these.
    if size > MAX_HEADERS or single != 1 or len(scope["headers"]) > MAX_FIELDS:
        check_head(scope)
    if (tags or since) and (tags == found.etag or found.is_unchanged(tags, since)):
        start, content = found.unchanged, NO_BODY
    elif scope["method"] == "GET":
        start, content = found.start, found.content or feeds.join_body(feed, found)
    else:
        start, content = found.start, NO_BODY
    return (start, content) if feeds.generated_at is None else (add_header(start, feeds.generated_at), content)
