"""Process registry: what the embedded logs of one process share: a name, listeners, and groups with a member."""

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
    """Woken by the next record of its topics."""

    def __init__(self, topics: Sequence[str]) -> None:
        self.topics = frozenset(topics)
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    def listen(self) -> None:
        # Before looking for records, so that a ring meanwhile is not missed.
        self._rung.clear()

    async def wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._rung.wait()


class ProcessRegistry:
    """The embedded logs of one process on one database: a record that one appends wakes the readers of all."""

    def __init__(self) -> None:
        self.name = f"{socket.gethostname()}/{os.getpid()}/{uuid4().hex}"
        self.members: set[str] = set()
        self._listeners: WeakSet[Listener] = WeakSet()

    def create_listener(self, topics: Sequence[str]) -> Listener:
        """Until the listener is garbage-collected."""
        listener = Listener(topics)
        self._listeners.add(listener)
        return listener

    def ring(self, topic: str) -> None:
        for listener in self._listeners:
            if topic in listener.topics:
                listener.ring()


@cache
def _get_registries() -> WeakValueDictionary[tuple[int, str], ProcessRegistry]:
    return WeakValueDictionary()


def get_process_registry(database: str) -> ProcessRegistry:
    """Of this process and event loop, by the identity that the database keeps."""
    key = (id(asyncio.get_running_loop()), database)
    registry = _get_registries().get(key)
    if registry is None:
        registry = _get_registries()[key] = ProcessRegistry()
    return registry
