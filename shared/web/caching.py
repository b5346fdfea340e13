"""HTTP caching of public responses: ETag, Last-Modified, 304, gzip.

Only responses with ``Cache-Control: public`` are touched. A personal page, such as one with a form token, must not be
compressed next to text that an attacker chose: its length would reveal the token (BREACH).
"""

from __future__ import annotations

import gzip
from collections.abc import Collection, Iterable
from hashlib import blake2b
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.http.last_modified import LastModified, format_date, parse_date
from shared.web.http.negotiation import accepts_gzip, match_etag

PAGE: Final = "public, max-age=0, s-maxage=60, stale-if-error=86400"
"""A browser asks each time whether a page changed: a curator who accepts an event looks at once. Others may answer a
minute for us: that is also how long a page may go on with yesterday after midnight, as some say what is over."""
DOCUMENT: Final = "public, max-age=300"
WEAK: Final = "W/"
MIN_GZIP_BYTES: Final = 500
"""Smaller bodies fit into one packet as they are."""
LEVEL: Final = 5
_OF_A_BODY: Final = frozenset({b"content-type", b"content-length", b"content-encoding", b"content-language"})
"""What a 304 does not repeat."""
_VERSION: Final = "last_modified"


def set_last_modified(request: Request, version: LastModified) -> None:
    """Tell the middleware when the data of a public response last changed."""
    setattr(request.state, _VERSION, version)


class ResponseCaching:
    """ASGI middleware, inside the one for HEAD; ``documents`` are paths that are public without saying so."""

    def __init__(self, app: ASGIApp, *, documents: Collection[str] = ()) -> None:
        self._app = app
        self._documents = documents

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        start: Message | None = None
        parts: list[bytes] = []

        async def hold(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                message = {**message, "headers": list(message["headers"])}
            if message["type"] == "http.response.start" and self._is_public(scope, message):
                start = message
            elif message["type"] == "http.response.body" and start is not None:
                parts.append(message.get("body", b""))
                if not message.get("more_body", False):
                    for each in _finish(scope, start, b"".join(parts)):
                        await send(each)
            else:
                await send(message)

        await self._app(scope, receive, hold)

    def _is_public(self, scope: Scope, start: Message) -> bool:
        headers = MutableHeaders(raw=start["headers"])
        if start["status"] != 200 or "content-encoding" in headers:  # noqa: PLR2004 - HTTP's own number
            return False
        if scope["path"] in self._documents:
            headers.setdefault("cache-control", DOCUMENT)
        said = headers.get("cache-control", "")
        return "public" in said and "immutable" not in said  # what never changes is not asked for again


def _finish(scope: Scope, start: Message, body: bytes) -> Iterable[Message]:
    asked, headers = Headers(scope=scope), MutableHeaders(raw=start["headers"])
    headers.setdefault("etag", f'"{blake2b(body, digest_size=16).hexdigest()}"')
    if len(body) >= MIN_GZIP_BYTES:
        headers.add_vary_header("Accept-Encoding")
        if accepts_gzip(asked.get("accept-encoding", "").encode("latin-1")):
            body = gzip.compress(body, LEVEL, mtime=0)
            headers["content-encoding"] = "gzip"
            if not headers["etag"].startswith(WEAK):  # a weak one names both codings (RFC 9110 section 8.8.3.3)
                headers["etag"] = headers["etag"].removesuffix('"') + '-gz"'
    headers["content-length"] = str(len(body))
    version: LastModified | None = scope.get("state", {}).get(_VERSION)
    if version:
        headers["last-modified"] = format_date(version.sent).decode()
    if _is_held(asked, headers["etag"], version):
        left = [each for each in headers.raw if each[0] not in _OF_A_BODY]
        return {**start, "status": 304, "headers": left}, {"type": "http.response.body", "body": b""}
    return {**start, "headers": headers.raw}, {"type": "http.response.body", "body": body}


def _is_held(asked: Headers, etag: str, version: LastModified | None) -> bool:
    """A date counts only without tags (RFC 9110, section 13.2.2)."""
    tags = ", ".join(asked.getlist("if-none-match")).encode("latin-1")
    if tags:
        return match_etag(tags, etag.removeprefix(WEAK).encode("latin-1"))
    since = parse_date(asked.get("if-modified-since", "").encode("latin-1"))
    return version is not None and since is not None and version.is_held(since)
