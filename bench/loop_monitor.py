"""Monitor of a service's event loop, from inside: the loop looks at the clock every millisecond.

``python -m bench.loop_monitor NAME SOCKET`` runs a service, or ``together``, as ``kalendarium NAME`` does. Each line
sent to the Unix socket is answered with a :class:`LoopDelay` as a line of JSON, and the measurement starts again.
"""

from __future__ import annotations

import asyncio
import importlib
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
import uvloop
from starlette.types import ASGIApp

from services.runtime.server import create_server
from shared.observability.logging import configure_logging
from shared.settings import CommonSettings, read_settings

EVERY_SECONDS = 0.001


class LoopDelay(msgspec.Struct, frozen=True):
    """Since the last question, in seconds.

    ``longest`` is the longest time between two looks, ``longest_cpu`` the longest computing time of the loop's thread
    between two, which is the same on a busy machine; ``cpu`` is the computing time of the process with all threads.
    """

    longest: float
    longest_cpu: float
    cpu: float


class LoopMonitor:
    def __init__(self) -> None:
        self._longest = self._longest_cpu = 0.0
        self._at, self._cpu, self._process = time.perf_counter(), time.thread_time(), time.process_time()

    def begin(self) -> None:
        self._look()
        asyncio.get_running_loop().call_later(EVERY_SECONDS, self.begin)

    def read_delay(self) -> LoopDelay:
        self._look()
        process = time.process_time()
        held = LoopDelay(self._longest, self._longest_cpu, process - self._process)
        self._longest = self._longest_cpu = 0.0
        self._process = process
        return held

    def _look(self) -> None:
        at, cpu = time.perf_counter(), time.thread_time()
        self._longest = max(self._longest, at - self._at - EVERY_SECONDS)
        self._longest_cpu = max(self._longest_cpu, cpu - self._cpu)
        self._at, self._cpu = at, cpu


class MonitorClient:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read_delay(self) -> LoopDelay:
        self._writer.write(b"\n")
        return msgspec.json.decode(await self._reader.readline(), type=LoopDelay)

    def close(self) -> None:
        self._writer.close()


async def connect_monitor(socket: Path) -> MonitorClient:
    return MonitorClient(*await asyncio.open_unix_connection(socket))


async def _serve(running: uvicorn.Server, socket: str) -> None:
    looks = LoopMonitor()

    async def tell(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline():
            writer.write(msgspec.json.encode(looks.read_delay()) + b"\n")
        writer.close()

    looks.begin()
    telling = await asyncio.start_unix_server(tell, socket)
    await running.serve()
    telling.close()


def main() -> None:
    name, socket = sys.argv[1:]
    app, settings = _create_application(name)
    configure_logging(level=settings.log_level, style=settings.log_format)
    running = create_server(app, settings, name=name, alone=True)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(running, socket))


def _create_application(name: str) -> tuple[ASGIApp, CommonSettings]:
    if name == "together":
        from services.runtime.all_in_one import AllInOne  # noqa: PLC0415 - a service runs without the others

        common = read_settings(CommonSettings)
        return AllInOne(common), common
    service: Any = importlib.import_module(f"services.{name}.app")
    settings = read_settings(service.Settings)
    return service.create_app(settings), settings


if __name__ == "__main__":
    main()
