"""How often a log-in may be tried: the more often it failed, the longer the wait.

What is counted is an account tried from one address, and one address over all accounts. So nobody can lock a person out
from elsewhere: their own address has its own count. Each process counts for itself, in memory.
"""

from __future__ import annotations

import math
import time
from typing import Final

from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from shared.web.problems import TooManyAttempts

OF_ACCOUNT_AND_ADDRESS: Final = tuple(parse_many("5 per 30 second; 10 per 5 minute; 20 per 15 minute"))
OF_ADDRESS: Final = tuple(parse_many("60 per 1 minute; 300 per 15 minute"))


class Attempts:
    """Counts attempts to log in.

    The storage is the synchronous one: it only touches memory, and the asynchronous one of limits 5.8 lets go of what
    it is just looking at when attempts are forgotten.
    """

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def count(self, account: str, address: str) -> None:
        """Count an attempt, before the password is looked at, so that many at once are counted too.

        Raises:
            TooManyAttempts: if it must wait; an attempt that was refused so is not counted.

        """
        demanded = [(each, (account, address)) for each in OF_ACCOUNT_AND_ADDRESS]
        demanded += [(each, ("*", address)) for each in OF_ADDRESS]
        waits = [self._wait(limit, names) for limit, names in demanded]
        if any(waits):
            raise TooManyAttempts(retry_after=max(waits))
        for limit, names in demanded:
            self._limiter.hit(limit, *names)

    def forget(self, account: str, address: str) -> None:
        """Forget the attempts on an account from an address, after one that succeeded."""
        for limit in OF_ACCOUNT_AND_ADDRESS:
            self._limiter.clear(limit, account, address)

    def _wait(self, limit: RateLimitItem, names: tuple[str, ...]) -> int:
        """Give the seconds until the limit lets another attempt through; 0 if it does now."""
        if self._limiter.test(limit, *names):
            return 0
        stats = self._limiter.get_window_stats(limit, *names)
        return max(1, math.ceil(stats.reset_time - time.time()))
