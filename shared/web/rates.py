"""How many requests somebody may send: by address and by API key, a minute at a time.

For the APIs and the pages of the staff; feeds and public pages are made to be fetched and are not counted. What comes
from the machine itself is not counted either: an import, a demo, a measurement. Each process counts for itself, in
memory; a limit that must hold over all replicas is the proxy's. Answers say how much is left, by the fields of the
IETF's draft (draft-ietf-httpapi-ratelimit-headers).
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Final

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.strategies import FixedWindowRateLimiter
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.web.attempts import place_of
from shared.web.digest import digest
from shared.web.problems import TooManyRequests
from shared.web.windows import Windows

OF_ADDRESS: Final = RateLimitItemPerMinute(3_000)
"""Behind one address may be a whole office."""
OF_KEY: Final = RateLimitItemPerMinute(1_200)
TOLD: Final = "ratelimit"
"""Where a request's state holds the headers that its answer gets, whoever answers it."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What somebody has left of a limit until it begins anew after so many seconds; below zero if it was used up."""

    name: str
    limit: RateLimitItem
    left: int
    seconds: int

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """How an answer says so."""
        policy = f'"{self.name}";q={self.limit.amount};w={self.limit.get_expiry()}'
        left = f'"{self.name}";r={max(0, self.left)};t={self.seconds}'
        return [(b"ratelimit-policy", policy.encode()), (b"ratelimit", left.encode())]


class Rates:
    """Refuses whoever asks too often; an ASGI middleware inside the one that answers problems.

    Args:
        app: what it wraps.
        pages: whether pages are counted too (those of the staff).

    """

    def __init__(self, app: ASGIApp, *, pages: bool) -> None:
        self._app = app
        self._pages = pages
        self._limiter = FixedWindowRateLimiter(Windows())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count a request and pass it on.

        Raises:
            TooManyRequests: if one of its budgets is used up.

        """
        if not self._counts(scope):
            await self._app(scope, receive, send)
            return
        budgets = [self._taken(*each) for each in _limits_of(scope)]
        tightest = min(budgets, key=lambda each: each.left)
        scope.setdefault("state", {})[TOLD] = tightest.headers
        if tightest.left < 0:
            raise TooManyRequests(retry_after=tightest.seconds)
        await self._app(scope, receive, send)

    def _counts(self, scope: Scope) -> bool:
        if scope["type"] != "http" or scope["path"].startswith(("/static/", "/livez", "/readyz", "/metrics")):
            return False
        return (self._pages or "/api/" in scope["path"]) and not _is_from_here(scope)

    def _taken(self, name: str, limit: RateLimitItem, who: str) -> Budget:
        """Take a request out of a budget; what is left is below zero if there was none."""
        let_in = self._limiter.hit(limit, name, who)
        stats = self._limiter.get_window_stats(limit, name, who)
        seconds = max(1, math.ceil(stats.reset_time - time.time()))
        return Budget(name, limit, stats.remaining if let_in else -1, seconds)


def _limits_of(scope: Scope) -> Iterator[tuple[str, RateLimitItem, str]]:
    """Give whose budgets a request is taken from: its address always, so that keys made up by the dozen help nobody."""
    yield "address", OF_ADDRESS, place_of(scope["client"][0]) if scope.get("client") else ""
    for name, value in scope["headers"]:
        if name == b"authorization":
            yield "key", OF_KEY, digest(value.decode("latin-1")).hex()
            return


def _is_from_here(scope: Scope) -> bool:
    return bool(scope.get("client")) and _is_loopback(scope["client"][0])


@lru_cache(maxsize=1024)  # reading an address costs as much as all the rest that is done here for one from here
def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
