"""The three services as processes that are killed and restarted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from deploy.local.errors import StartError
from deploy.local.ports import LOOPBACK, find_free_ports
from deploy.local.probes import probe_http
from deploy.local.processes import Child
from faults.history import Downtimes
from services.demo.stack import PORTS, create_service_process
from services.runtime.server import SHUTDOWN_SECONDS

NAMES: Final = tuple(PORTS)
# The product with failpoints.
PROGRAM: Final = "faults.process"
LOOK_SECONDS: Final = 0.05
AGAIN_SECONDS: Final = 0.5
# The exit code of a service that ended by itself and finished what was in flight; a crash has another.
ENDED_ITSELF: Final = 1


class SupervisedService:
    """A process that is restarted whenever it has ended, unless it is to stay down.

    Every moment in which it cannot answer because of us, or because it ends itself, is an absence.
    """

    def __init__(self, name: str, port: int, *, folder: Path, settings: Mapping[str, str], absences: Downtimes) -> None:
        self.name = name
        self.address = f"http://{LOOPBACK}:{port}"
        self.stays_down = False
        self.starts = 0
        self.ended_with: list[int | None] = []
        self._port, self._folder, self._settings, self._absences = port, folder, settings, absences
        self._next: Mapping[str, str] = {}
        # Settings at every start from now on.
        self.always: dict[str, str] = {}
        self._seen = time.monotonic()
        self.child = self._create_process({})

    async def watch(self) -> None:
        """As a supervisor does on a server, until cancelled."""
        while True:
            if self.child.running:
                self._seen = time.monotonic()
            else:
                self._absences.begin(self.name, self._seen - self._compute_shutdown_seconds())
                if self.child.exit_code is not None and self.starts > len(self.ended_with):
                    self.ended_with.append(self.child.exit_code)
                if not self.stays_down:
                    await self._start()
            await asyncio.sleep(LOOK_SECONDS)

    def _compute_shutdown_seconds(self) -> float:
        # It may have refused connections for so long before it was seen to have ended.
        return SHUTDOWN_SECONDS if self.child.exit_code == ENDED_ITSELF else 0.0

    async def _start(self) -> None:
        self.child, self._next = self._create_process(self._next), {}
        self.starts += 1
        try:
            await asyncio.to_thread(self.child.start)
        except StartError:
            await asyncio.sleep(AGAIN_SECONDS)
        else:
            self._absences.end(self.name, time.monotonic())

    def configure_next_start(self, environment: Mapping[str, str]) -> None:
        # For the next start only.
        self._next = environment

    async def kill(self) -> None:
        """Restarted, unless it is to stay down."""
        self._absences.begin(self.name, time.monotonic())
        await asyncio.to_thread(self.child.kill)

    async def stop(self, *, within: float = 30.0) -> float:
        """Seconds until it ended."""
        began = time.monotonic()
        self._absences.begin(self.name, began)
        await asyncio.to_thread(self.child.stop, within=within)
        return time.monotonic() - began

    @asynccontextmanager
    async def suspend(self) -> AsyncIterator[None]:
        await self.wait_until_ready()
        self._absences.begin(self.name, time.monotonic())
        with suppress(ProcessLookupError):  # it may have ended this very moment
            self.child.suspend()
        try:
            yield
        finally:
            with suppress(ProcessLookupError):
                self.child.resume()
            await self.wait_until_ready()
            self._absences.end(self.name, time.monotonic())

    async def wait_until_ready(self, *, within: float = 60.0) -> None:
        """Raises TimeoutError."""
        async with asyncio.timeout(within):
            while not (self.child.running and await asyncio.to_thread(probe_http, f"{self.address}/readyz")):  # noqa: ASYNC110 - a process tells nobody that it is ready
                await asyncio.sleep(LOOK_SECONDS)

    async def wait_until_ended(self, *, times: int, within: float) -> None:
        """Raises TimeoutError."""
        async with asyncio.timeout(within):
            while len(self.ended_with) < times:  # noqa: ASYNC110 - a process tells nobody that it has ended
                await asyncio.sleep(LOOK_SECONDS)

    def create_another(self, number: int, environment: Mapping[str, str] | None = None) -> Child:
        """Of the same service on a port of its own, not started yet."""
        (port,) = find_free_ports(1)
        settings = {**self._settings, **(environment or {})}
        folder = self._folder / f"extra-{number}"
        return create_service_process(self.name, port, folder=folder, settings=settings, program=PROGRAM)

    def _create_process(self, environment: Mapping[str, str]) -> Child:
        settings = {**self._settings, **self.always, **environment}
        return create_service_process(self.name, self._port, folder=self._folder, settings=settings, program=PROGRAM)


def create_services(
    folder: Path, settings: Mapping[str, str], absences: Downtimes, ports: Sequence[int]
) -> Mapping[str, SupervisedService]:
    """Not started yet."""
    return {
        name: SupervisedService(name, port, folder=folder, settings=settings, absences=absences)
        for name, port in zip(NAMES, ports, strict=True)
    }
