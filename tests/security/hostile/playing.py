"""Plays attacks against the running services, and complains of answers that no attack may get."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from bench.client import Connection, ConnectionLost, Response, open_connection
from bench.loop_monitor import LoopDelay, MonitorClient, connect_monitor
from tests.access.doors import Service
from tests.security.hostile.attack import Attack
from tests.security.hostile.ground import Ground

PATIENCE_SECONDS: Final = 60.0
MOST: Final = 150_000
"""Bytes of an answer that repeats nothing at length: a whole list of events, twice over."""
LONG: Final = 2_100
"""Nothing is repeated so often that was refused; an address of 2,000 characters may be led back to."""
_ECHO = re.compile(rb"(.{1,9}?)\1{%d,}" % LONG, re.DOTALL)
_HEADERS: Final = ("x-content-type-options", "content-security-policy")


@dataclass(frozen=True)
class Played:
    """An attack, how it was answered, and how long it held the service; None if the service ended the connection."""

    attack: Attack
    answer: Response | None
    held: LoopDelay
    sent: int


class Player:
    """Plays one attack after the other against one service; opened by :func:`playing`."""

    def __init__(self, ground: Ground, service: Service, watch: MonitorClient) -> None:
        self._ground = ground
        self._url = ground.processes[service].address
        self._watch = watch

    async def play(self, attack: Attack) -> Played:
        """Play an attack once, on a connection of its own."""
        request = self._ground.raw(attack)
        await self._watch.read_delay()
        answer = None
        async with asyncio.timeout(PATIENCE_SECONDS), open_connection(self._url) as connection:
            answer = await _asked(connection, request)
        return Played(attack, answer, await self._watch.read_delay(), len(request))


async def _asked(connection: Connection, request: bytes) -> Response | None:
    try:
        return await connection.ask(request)
    except ConnectionLost:
        return None


@asynccontextmanager
async def playing(ground: Ground, service: Service) -> AsyncIterator[Player]:
    """Begin to play against a service."""
    watch = await connect_monitor(ground.processes[service].socket)
    try:
        yield Player(ground, service, watch)
    finally:
        watch.close()


def complaints(played: Played) -> Iterator[str]:
    """Complain of an answer: none at all, a fault of ours, another status than is right, an echo, too much of it."""
    attack, answer = played.attack, played.answer
    if answer is None:
        yield "no answer"
        return
    if answer.status not in attack.statuses:
        yield f"{answer.status} instead of {sorted(attack.statuses)}: {answer.body[:300]!r}"
    if answer.status == 304 or attack.is_raw:
        return
    if missing := [name for name in _HEADERS if name not in answer.headers]:
        yield f"without {missing}"
    if attack.repeats:
        return
    said = "\n".join(answer.headers.values()).encode("latin-1", "replace") + answer.body
    if len(said) > MOST:
        yield f"{len(said):,} bytes of answer"
    if found := _ECHO.search(said):
        yield f"repeats {found[1]!r} {len(found[0]) // len(found[1]):,} times"
