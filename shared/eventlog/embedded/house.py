"""What the embedded logs of one process share: who they are, who listens, and which groups have a member."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from uuid import uuid4
from weakref import WeakSet, WeakValueDictionary


class Listener:
    """Is woken by the next record of its topics."""

    def __init__(self, topics: Sequence[str]) -> None:
        self.topics = frozenset(topics)
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake it."""
        self._rung.set()

    def listen(self) -> None:
        """Hear only what rings from now on; call it before looking for records."""
        self._rung.clear()

    async def wait(self, seconds: float) -> None:
        """Wait for a ring, or for so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._rung.wait()


class House:
    """The embedded logs of one process on one database.

    Each service of the process opens the log for itself; a record that one appends wakes the readers of all.
    """

    def __init__(self) -> None:
        self.name = f"{socket.gethostname()}/{os.getpid()}/{uuid4().hex}"
        self.members: set[str] = set()
        self._listeners: WeakSet[Listener] = WeakSet()

    def listener(self, topics: Sequence[str]) -> Listener:
        """Listen to topics, as long as the listener is kept."""
        listener = Listener(topics)
        self._listeners.add(listener)
        return listener

    def ring(self, topic: str) -> None:
        """Wake whoever reads a topic."""
        for listener in self._listeners:
            if topic in listener.topics:
                listener.ring()


@cache
def _houses() -> WeakValueDictionary[tuple[int, str], House]:
    return WeakValueDictionary()


def house_of(database: str) -> House:
    """Give this process's house on a database, named by the identity that is kept in it."""
    key = (id(asyncio.get_running_loop()), database)
    house = _houses().get(key)
    if house is None:
        house = _houses()[key] = House()
    return house
