"""Rate limits by address and API key, per minute.

They apply to the APIs and the staff pages, not to feeds and public pages, and not to loopback (imports, demo,
benchmarks). Each process counts in memory; a limit over all replicas is the proxy's. Responses state the rest
(draft-ietf-httpapi-ratelimit-headers).
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Final

from fastapi.security.utils import get_authorization_scheme_param
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.accounts.digest import digest
from shared.accounts.login_throttle import derive_network
from shared.web.middleware.rate_windows import FixedWindows
from shared.web.problems import TooManyRequests


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests in so many seconds."""

    name: str
    amount: int
    seconds: int = 60


ADDRESS_LIMIT: Final = Limit("address", 3_000)
"""Behind one address may be a whole office."""
KEY_LIMIT: Final = Limit("key", 1_200)
HEADERS_KEY: Final = "ratelimit"
"""Where a request's state holds the headers to be added to its response."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What is left of a limit for ``seconds``; below zero if it is used up."""

    limit: Limit
    left: int
    seconds: int

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        policy = f'"{self.limit.name}";q={self.limit.amount};w={self.limit.seconds}'
        left = f'"{self.limit.name}";r={max(0, self.left)};t={self.seconds}'
        return [(b"ratelimit-policy", policy.encode()), (b"ratelimit", left.encode())]


class RateLimits:
    """ASGI middleware, inside the one for problems; ``pages`` tells whether pages count too."""

    def __init__(self, app: ASGIApp, *, pages: bool) -> None:
        self._app = app
        self._pages = pages
        self._windows = FixedWindows()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._is_limited(scope):
            await self._app(scope, receive, send)
            return
        budgets = [self._take(*each) for each in _iterate_limits(scope)]
        tightest = min(budgets, key=lambda each: each.left)
        scope.setdefault("state", {})[HEADERS_KEY] = tightest.headers
        if tightest.left < 0:
            raise TooManyRequests(retry_after=tightest.seconds)
        await self._app(scope, receive, send)

    def _is_limited(self, scope: Scope) -> bool:
        if scope["type"] != "http" or scope["path"].startswith(("/static/", "/livez", "/readyz", "/metrics")):
            return False
        return (self._pages or "/api/" in scope["path"]) and not _is_local(scope)

    def _take(self, limit: Limit, who: str) -> Budget:
        window = self._windows.count(f"{limit.name}/{who}", limit.seconds)
        seconds = max(1, math.ceil(window.ends_at - time.time()))
        return Budget(limit, limit.amount - window.requests, seconds)


def _iterate_limits(scope: Scope) -> Iterator[tuple[Limit, str]]:
    """The address always counts, so that made-up keys do not help."""
    yield ADDRESS_LIMIT, derive_network(scope["client"][0]) if scope.get("client") else ""
    for name, value in scope["headers"]:
        if name == b"authorization":
            _scheme, key = get_authorization_scheme_param(value.decode("latin-1"))  # as the log-in by key reads it
            if key:
                yield KEY_LIMIT, digest(key).hex()
            return


def _is_local(scope: Scope) -> bool:
    return bool(scope.get("client")) and _is_loopback(scope["client"][0])


@lru_cache(maxsize=1024)  # reading an address costs as much as all the rest that is done here for one from here
def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
