"""Request limits: address, headers, body size and time, structure of JSON.

What exceeds them, or has another media type, is refused before it is parsed. The body is read whole before the route,
but for uploads, which a route reads itself once it knows who sends them.
"""

from __future__ import annotations

import asyncio
import re
from itertools import accumulate
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.i18n.text import _
from shared.media.model import MAX_UPLOAD
from shared.web.http.media_types import is_form, is_json, is_multipart, is_picture
from shared.web.multipart import make_files_too_large
from shared.web.pages.language import is_for_programs
from shared.web.problems import (
    AddressTooLong,
    BadRequest,
    HeadersTooLarge,
    NotFound,
    TooLarge,
    TooSlow,
    UnsupportedMediaType,
)

MAX_BODY: Final = 1_000_000
MAX_FORM: Final = 300_000
"""Of a form: descriptions of 10,000 letters in five languages are 150 kB; decoding this much takes up to 50 ms."""
MAX_LOGIN: Final = 160_000
"""Of a log-in, to which a form may come along whose session ended (:data:`MAX_KEPT`)."""
MAX_KEPT: Final = 150_000
MAX_ADDRESS: Final = 8_000
MAX_HEADERS: Final = 32_000
MAX_FIELDS: Final = 100
"""Headers of a request: each costs memory, however short it is; browsers behind two proxies send thirty."""
MAX_DEPTH: Final = 32
MAX_VALUES: Final = 5_000
"""Texts, and likewise lists, objects and their items, in one JSON document: what is made of each takes 50 bytes."""
MAX_DIGITS: Final = 100
"""In a row: Python refuses to read a whole number of more than 4,300, and needs the square of their time."""
BODY_SECONDS: Final = 20.0
"""A form of 1 MB by the slowest of phones takes as long; who needs longer only holds the line."""
SINGLE_HEADERS: Final = frozenset(
    {
        b"authorization",
        b"content-type",
        b"host",
        b"idempotency-key",
        b"if-match",
        b"origin",
        b"sec-fetch-site",
        b"transfer-encoding",
    }
)
"""Headers that decide something and have one value: of two, this and a proxy before it might believe different ones."""

MULTIPART_PATHS: Final = ("/ingest/mail/unsubscribe/",)
"""Where mail programs may send a form so (RFC 8058, section 3.2); the route does not parse it."""

UPLOAD_PATHS: Final = frozenset({"/ingest/api/v1/media"})
"""Where a picture is sent as it is."""
UPLOAD_FORMS: Final = re.compile(r"/ingest/drafts/[A-Za-z0-9-]{1,64}/pictures")
"""Where pictures are sent with the form of an event."""
UPLOAD_SECONDS: Final = 60.0

_CONTROL = re.compile("[\x00-\x1f\x7f]")
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_NOT_BRACKETS: Final = bytes(each for each in range(256) if each not in b"[]{}")
_BRACKETS: Final = (b"[", b"{")
_NO_NUMBER = re.compile(rb"NaN|Infinity")
_LONG_NUMBER = re.compile(rb"(?<![0-9])[0-9]{%d}" % (MAX_DIGITS + 1))


class RequestLimits:
    """ASGI middleware, inside the one for problems."""

    def __init__(
        self, app: ASGIApp, *, body_seconds: float = BODY_SECONDS, upload_seconds: float = UPLOAD_SECONDS
    ) -> None:
        self._app = app
        self._body_seconds = body_seconds
        self._upload_seconds = upload_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        check_head(scope)
        check_media(scope)
        if is_upload(scope):
            most = MAX_UPLOAD if scope["path"] in UPLOAD_PATHS else MAX_UPLOAD + MAX_FORM
            _check_length(scope, most)
            await self._app(scope, _bound_body(receive, most, self._upload_seconds), send)
            return
        body = await read_body(scope, receive, seconds=self._body_seconds)
        if body is None:  # the client went away; nobody is there to be answered
            return
        if body and is_json(Headers(scope=scope).get("content-type", "")):
            check_json(body)
        await self._app(scope, _replay_body(body, receive), send)


def check_head(scope: Scope) -> None:
    """Raises AddressTooLong, HeadersTooLarge, BadRequest (a repeated header) or NotFound (a control character)."""
    # An address with a control character is not found: the router's patterns ignore a final line feed.
    if len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"]) > MAX_ADDRESS:
        raise AddressTooLong
    if _CONTROL.search(scope["path"]):
        raise NotFound
    fields = scope["headers"]
    if len(fields) > MAX_FIELDS or sum(len(name) + len(value) for name, value in fields) > MAX_HEADERS:
        raise HeadersTooLarge
    _check_single(scope)


def _check_single(scope: Scope) -> None:
    names = [name for name, _value in scope["headers"] if name in SINGLE_HEADERS]
    if len(names) > len(set(names)):
        twice = next(name for name in names if names.count(name) > 1).decode()
        raise BadRequest(_("The header %(name)s may stand only once.", name=twice), code="repeated_header")
    version = scope.get("http_version")
    if b"host" not in names and version == "1.1":  # RFC 9112 section 3.2
        raise BadRequest(_("The request needs a Host header."), code="missing_host")
    if b"transfer-encoding" in names:
        coding = next(value for name, value in scope["headers"] if name == b"transfer-encoding")
        if coding.strip().lower() != b"chunked" or version == "1.0":  # RFC 9112 section 6.1
            raise BadRequest(_("The only transfer coding is chunked, in HTTP/1.1."), code="transfer_coding")


def check_media(scope: Scope) -> None:
    """Raises UnsupportedMediaType: the body is neither JSON for an API nor a form for a page, nor a picture."""
    headers = Headers(scope=scope)
    if headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers:
        return
    content_type = headers.get("content-type", "")
    if scope["path"] in UPLOAD_PATHS:
        if not is_picture(content_type):
            raise UnsupportedMediaType(_("Send the picture itself, as image/jpeg, image/png or image/webp."))
    elif is_for_programs(scope["path"]):
        if not is_json(content_type):
            raise UnsupportedMediaType
    elif not is_form(content_type) and not (is_multipart(content_type) and _takes_multipart(scope["path"])):
        raise UnsupportedMediaType(_("Send the form as application/x-www-form-urlencoded, in UTF-8."))


def _takes_multipart(path: str) -> bool:
    return path.startswith(MULTIPART_PATHS) or UPLOAD_FORMS.fullmatch(path) is not None


def is_upload(scope: Scope) -> bool:
    """Whether a request may bring pictures, so that its route reads the body itself."""
    if scope["path"] in UPLOAD_PATHS:
        return True
    is_form_of_files = is_multipart(Headers(scope=scope).get("content-type", ""))
    return is_form_of_files and UPLOAD_FORMS.fullmatch(scope["path"]) is not None


async def read_body(scope: Scope, receive: Receive, *, seconds: float = BODY_SECONDS) -> bytes | None:
    """Read a body up to its path's limit; None if the client disconnected. Raises TooLarge or TooSlow."""
    most = _get_max_body(scope["path"])
    _check_length(scope, most)
    try:
        async with asyncio.timeout(seconds):
            return await _receive_body(receive, most)
    except TimeoutError:
        raise TooSlow(headers={"Connection": "close"}) from None


def _check_length(scope: Scope, most: int) -> None:
    announced = Headers(scope=scope).get("content-length", "0")
    if announced.isdigit() and (len(announced) > len(str(most)) or int(announced) > most):
        raise _create_too_large(most)


def _bound_body(receive: Receive, most: int, seconds: float) -> Receive:
    """Count what a route reads, and the time from its first look; raises TooLarge or TooSlow there."""
    left, end, more = most, 0.0, True

    async def bounded() -> Message:
        nonlocal left, end, more
        if not more:
            return await receive()
        end = end or asyncio.get_running_loop().time() + seconds
        try:
            async with asyncio.timeout_at(end):
                message = await receive()
        except TimeoutError:
            raise TooSlow(headers={"Connection": "close"}) from None
        left -= len(message.get("body", b""))
        if left < 0:
            raise _create_too_large(most)
        more = message.get("more_body", False)
        return message

    return bounded


def _get_max_body(path: str) -> int:
    if is_for_programs(path):
        return MAX_BODY
    return MAX_LOGIN if path.endswith("/login") else MAX_FORM


def _create_too_large(most: int) -> TooLarge:
    if most == MAX_BODY:
        return TooLarge()
    if most == MAX_UPLOAD + MAX_FORM:
        return make_files_too_large(MAX_UPLOAD)
    if most == MAX_UPLOAD:
        return TooLarge(
            _(
                "A picture may have %(megabytes)d MB at most. Save it as JPEG, 1600 pixels wide or a little more.",
                megabytes=most // 1_000_000,
            )
        )
    said = _(
        "A form may have %(kilobytes)d kB at most. Go back to it, shorten the texts and send it again.",
        kilobytes=most // 1000,
    )
    return TooLarge(said)


async def _receive_body(receive: Receive, most: int) -> bytes | None:
    body, more = bytearray(), True  # not a list of parts: a million parts of a byte take 40 MB
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > most:
            raise _create_too_large(most)
        more = message.get("more_body", False)
    return bytes(body)


def _replay_body(body: bytes, receive: Receive) -> Receive:
    """Deliver the body once, then what the server sends, such as a disconnect."""
    given = False

    async def hand_out() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return hand_out


def check_json(body: bytes) -> None:
    """Raises BadRequest: too many values, too deep, or what only Python accepts; syntax is the parser's."""
    if b"\x00" in body:  # no JSON in UTF-8 has one; Python would read UTF-16 and UTF-32, unseen by what follows
        raise BadRequest(_("JSON must be written in UTF-8."), code="json_invalid")
    rest, texts = _STRING.subn(b"", body, count=MAX_VALUES + 1)
    if max(texts, rest.count(b","), sum(map(rest.count, _BRACKETS))) > MAX_VALUES:
        raise BadRequest(_("JSON may have %(limit)d values at most.", limit=MAX_VALUES), code="too_many_values")
    if measure_depth(rest) > MAX_DEPTH:
        raise BadRequest(_("JSON may be nested at most %(limit)d levels deep.", limit=MAX_DEPTH), code="too_deep")
    if _NO_NUMBER.search(rest):
        raise BadRequest(_("NaN and Infinity are not numbers in JSON."), code="json_invalid")
    if _LONG_NUMBER.search(rest):
        raise BadRequest(
            _("A number in JSON may have %(limit)d digits at most.", limit=MAX_DIGITS), code="json_invalid"
        )


def measure_depth(structure: bytes) -> int:
    """Measure the nesting of brackets in JSON without its strings."""
    brackets = structure.translate(None, _NOT_BRACKETS)
    return max(accumulate((1 if each in b"[{" else -1 for each in brackets), initial=0))
