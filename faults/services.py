"""The three services as processes that somebody hurts and somebody starts again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from deploy.local.answers import says_ok
from deploy.local.cannot_start import CannotStart
from deploy.local.ports import LOOPBACK, free_ports
from deploy.local.processes import Child
from faults.history import Absences
from services.running import END_SECONDS
from services.stack import PORTS, service_process

NAMES: Final = tuple(PORTS)
LOOK_SECONDS: Final = 0.05
AGAIN_SECONDS: Final = 0.5
ENDED_ITSELF: Final = 1
"""The exit code of a service that nobody asked to end and that let what was in hand finish; a death has another."""


class Service:
    """One of the three: a process, started anew whenever it has ended, unless it is to stay down.

    Every moment in which it cannot answer because of us, or because it ends itself, is noted as an absence.
    """

    def __init__(self, name: str, port: int, *, folder: Path, settings: Mapping[str, str], absences: Absences) -> None:
        self.name = name
        self.address = f"http://{LOOPBACK}:{port}"
        self.stays_down = False
        self.starts = 0
        self.ended_with: list[int | None] = []
        self._port, self._folder, self._settings, self._absences = port, folder, settings, absences
        self._next: Mapping[str, str] = {}
        self.always: dict[str, str] = {}
        """Settings of its own at every start from now on."""
        self._seen = time.monotonic()
        self.child = self._make({})

    async def watch(self) -> None:
        """Start it whenever it does not run, as a supervisor does on a server, until cancelled."""
        while True:
            if self.child.running:
                self._seen = time.monotonic()
            else:
                self._absences.begin(self.name, self._seen - self._seconds_of_ending())
                if self.child.exit_code is not None and self.starts > len(self.ended_with):
                    self.ended_with.append(self.child.exit_code)
                if not self.stays_down:
                    await self._start()
            await asyncio.sleep(LOOK_SECONDS)

    def _seconds_of_ending(self) -> float:
        """Tell how long it may have been ending, its doors closed, before it was seen to have ended."""
        return END_SECONDS if self.child.exit_code == ENDED_ITSELF else 0.0

    async def _start(self) -> None:
        self.child, self._next = self._make(self._next), {}
        self.starts += 1
        try:
            await asyncio.to_thread(self.child.start)
        except CannotStart:
            await asyncio.sleep(AGAIN_SECONDS)
        else:
            self._absences.end(self.name, time.monotonic())

    def next_with(self, environment: Mapping[str, str]) -> None:
        """Let it have settings of its own at its next start, and at that only."""
        self._next = environment

    async def kill(self) -> None:
        """End it at once (SIGKILL); it is started again, unless it is to stay down."""
        self._absences.begin(self.name, time.monotonic())
        await asyncio.to_thread(self.child.kill)

    async def stop(self, *, within: float = 30.0) -> float:
        """Ask it to end (SIGTERM) and wait until it has; gives the seconds that took."""
        began = time.monotonic()
        self._absences.begin(self.name, began)
        await asyncio.to_thread(self.child.stop, within=within)
        return time.monotonic() - began

    @asynccontextmanager
    async def stalled(self) -> AsyncIterator[None]:
        """Stop it in its tracks (SIGSTOP) for a while."""
        await self.ready()
        self._absences.begin(self.name, time.monotonic())
        with suppress(ProcessLookupError):  # it may have ended this very moment
            self.child.suspend()
        try:
            yield
        finally:
            with suppress(ProcessLookupError):
                self.child.resume()
            await self.ready()
            self._absences.end(self.name, time.monotonic())

    async def ready(self, *, within: float = 60.0) -> None:
        """Wait until it runs and says that it is ready.

        Raises:
            TimeoutError: if it does not.

        """
        async with asyncio.timeout(within):
            while not (self.child.running and await asyncio.to_thread(says_ok, f"{self.address}/readyz")):  # noqa: ASYNC110 - a process tells nobody that it is ready
                await asyncio.sleep(LOOK_SECONDS)

    async def ended(self, *, times: int, within: float) -> None:
        """Wait until it has ended so often since it was first started.

        Raises:
            TimeoutError: if it does not.

        """
        async with asyncio.timeout(within):
            while len(self.ended_with) < times:  # noqa: ASYNC110 - a process tells nobody that it has ended
                await asyncio.sleep(LOOK_SECONDS)

    def another(self, number: int, environment: Mapping[str, str] | None = None) -> Child:
        """Describe another process of the same service on a port of its own, not started yet."""
        (port,) = free_ports(1)
        settings = {**self._settings, **(environment or {})}
        return service_process(self.name, port, folder=self._folder / f"extra-{number}", settings=settings)

    def _make(self, environment: Mapping[str, str]) -> Child:
        settings = {**self._settings, **self.always, **environment}
        return service_process(self.name, self._port, folder=self._folder, settings=settings)


def all_services(
    folder: Path, settings: Mapping[str, str], absences: Absences, ports: Sequence[int]
) -> Mapping[str, Service]:
    """Describe the three, none of them started."""
    return {
        name: Service(name, port, folder=folder, settings=settings, absences=absences)
        for name, port in zip(NAMES, ports, strict=True)
    }
