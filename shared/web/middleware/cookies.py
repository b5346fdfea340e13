"""Removes foreign and malformed cookies from requests.

Frameworks parse the whole ``Cookie`` header, and Python's unquoting takes quadratic time (CVE-2024-7592). Our cookies
hold no quotes, so one with a quote is not ours.
"""

from __future__ import annotations

import re
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

MAX_COOKIE: Final = 4_096
"""Bytes of a cookie, name and value; what browsers keep."""
_OURS = re.compile(rb"(?:^|;)[ \t]*((?:__Host-)?kal[a-z_-]*=[!#-+\x2d-:<-\[\]-~]*+)[ \t]*+(?=;|$)")


class CookieFilter:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and any(name == b"cookie" for name, _value in scope["headers"]):
            scope["headers"] = _filter_headers(scope["headers"])
        await self._app(scope, receive, send)


def filter_cookies(header: bytes) -> bytes:
    return b"; ".join(each for each in _OURS.findall(header) if len(each) <= MAX_COOKIE)


def _filter_headers(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    cookies = filter_cookies(b";".join(value for name, value in headers if name == b"cookie"))
    others = [each for each in headers if each[0] != b"cookie"]
    return [*others, (b"cookie", cookies)] if cookies else others
