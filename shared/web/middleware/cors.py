"""CORS for public data: feeds, event files, pictures, the open API (Fetch standard, section 3.3).

Only distribution has it. The headers are constant and always sent, also without ``Origin``, because shared caches reuse
responses. (Starlette's CORSMiddleware sends them only to requests with an origin, without ``Vary``.)
"""

from __future__ import annotations

import re
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

EXPOSED: Final = (
    (b"access-control-allow-origin", b"*"),
    (
        b"access-control-expose-headers",
        b"ETag, Last-Modified, Retry-After, RateLimit, RateLimit-Policy, X-Feed-Generated-At, X-Request-Id",
    ),
)
"""What answers with public data carry; scripts may read the other headers anyway."""
_PREFLIGHT: Final = (
    *EXPOSED[:1],
    (b"access-control-allow-methods", b"GET, HEAD"),
    (b"access-control-allow-headers", b"*, If-None-Match, If-Modified-Since, Cache-Control, Pragma"),
    (b"access-control-max-age", b"86400"),
    (b"cache-control", b"public, max-age=86400"),
)
_NAMES: Final = frozenset(name for name, _ in EXPOSED)
_PUBLIC = re.compile(r"/feeds/|/media/|/api/v1/|/[A-Za-z]{2}/events/[^/]+\.ics/?$")


class CorsHeaders:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _PUBLIC.match(scope["path"]):
            await self._app(scope, receive, send)
            return
        if scope["method"] == "OPTIONS" and _is_preflight(scope):
            await send({"type": "http.response.start", "status": 204, "headers": list(_PREFLIGHT)})
            await send({"type": "http.response.body", "body": b""})
            return

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                others = [each for each in message["headers"] if each[0] not in _NAMES]  # a feed has them already
                message = {**message, "headers": [*others, *EXPOSED]}
            await send(message)

        await self._app(scope, receive, complete)


def _is_preflight(scope: Scope) -> bool:
    return any(name == b"access-control-request-method" for name, _ in scope["headers"])
