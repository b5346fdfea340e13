"""How much a request may hold, and how long its body may take: address, headers, body, how deep its JSON is nested.

Browsers send forms and programs send JSON of a few kilobytes; what is far beyond that is refused before anything looks
at it. The body is read whole, up to the limit, before the route runs.
"""

from __future__ import annotations

import asyncio
import re
from itertools import accumulate
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.locale import _
from shared.web.problems import AddressTooLong, BadRequest, HeadersTooLarge, TooLarge, TooSlow

MAX_BODY: Final = 1_000_000
MAX_ADDRESS: Final = 8_000
MAX_HEADERS: Final = 32_000
MAX_DEPTH: Final = 32
BODY_SECONDS: Final = 20.0
"""A form of 1 MB by the slowest of phones takes as long; who needs longer only holds the line."""
MAX_FORM_FIELDS: Final = 500

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_NOT_BRACKETS: Final = bytes(each for each in range(256) if each not in b"[]{}")
_NO_NUMBER = re.compile(rb"NaN|Infinity")


class Limits:
    """Refuses requests that are over a limit; an ASGI middleware inside the one that answers problems.

    Args:
        app: what it wraps.
        body_seconds: how long a body may take.

    """

    def __init__(self, app: ASGIApp, *, body_seconds: float = BODY_SECONDS) -> None:
        self._app = app
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its whole body, or refuse it.

        Raises:
            AddressTooLong, HeadersTooLarge, TooLarge, TooSlow, BadRequest: if it is over a limit.

        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        check_head(scope)
        body = await whole_body(scope, receive, within=self._body_seconds)
        if body is None:  # the client went away; nobody is there to be answered
            return
        if body and "json" in Headers(scope=scope).get("content-type", ""):
            check_json(body)
        await self._app(scope, _again(body, receive), send)


def check_head(scope: Scope) -> None:
    """Refuse an address or headers over their limit.

    Raises:
        AddressTooLong, HeadersTooLarge: if so.

    """
    if len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"]) > MAX_ADDRESS:
        raise AddressTooLong
    if sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEADERS:
        raise HeadersTooLarge


async def whole_body(scope: Scope, receive: Receive, *, within: float = BODY_SECONDS) -> bytes | None:
    """Read a body of at most :data:`MAX_BODY` bytes; None if the client went away before its end.

    Raises:
        TooLarge: if it is longer, or is announced to be.
        TooSlow: if it takes longer than so many seconds.

    """
    announced = Headers(scope=scope).get("content-length", "0")
    if announced.isdecimal() and int(announced) > MAX_BODY:
        raise TooLarge
    try:
        async with asyncio.timeout(within):
            return await _joined(receive)
    except TimeoutError:
        raise TooSlow(headers={"Connection": "close"}) from None


async def _joined(receive: Receive) -> bytes | None:
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part = message.get("body", b"")
        size += len(part)
        if size > MAX_BODY:
            raise TooLarge
        parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """Hand a body out once, and afterwards what the server says, such as that the client went away."""
    given = False

    async def hand_out() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return hand_out


def check_json(body: bytes) -> None:
    """Refuse JSON that is nested more than :data:`MAX_DEPTH` deep, or holds what Python reads and JSON does not know.

    Raises:
        BadRequest: if so. Other broken JSON is left to the parser, which says where it is broken.

    """
    rest = _STRING.sub(b"", body)
    if depth(rest) > MAX_DEPTH:
        raise BadRequest(_("JSON może mieć najwyżej %(limit)d poziomów.", limit=MAX_DEPTH), code="too_deep")
    if _NO_NUMBER.search(rest):
        raise BadRequest(_("NaN i Infinity nie są liczbami w JSON."), code="json_invalid")


def depth(structure: bytes) -> int:
    """Count how deeply brackets are nested, in JSON without its strings; a closing one too many ends nothing."""
    brackets = structure.translate(None, _NOT_BRACKETS)
    return max(accumulate((1 if each in b"[{" else -1 for each in brackets), initial=0))
