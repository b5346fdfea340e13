"""`kalendarium demo` and `kalendarium stack`: the whole way on this machine, in one process or in many."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

import uvicorn
import uvloop
from rich.console import Console

from deploy.local.folders import writable_folder
from deploy.local.ports import require_free
from deploy.local.replica_set import start_replica_set
from services.commands.parked import with_log
from services.demo import Addresses, DemoFailed, Shown, show, tell, write_down
from services.logins import Logins, load_logins
from services.running import server
from services.stack import PORTS, Stack, stack
from shared.eventlog.parked import list_parked
from shared.region import Region, load_region
from shared.settings import CommonSettings, read_settings
from shared.telemetry import open_logs
from shared.web.accounts import open_accounts

LOGINS: Final = "demo.json"
NEEDS_MB: Final = 400


def demonstrate_together(folder: Path, *, once: bool, screen: Console) -> None:
    """Run the three services in this process, show the whole way, and stay up unless ``once``.

    Raises:
        CannotStart: a port, a disk or a server is not as it must be; one line says what.
        DemoFailed: something did not come out.

    """
    began = time.monotonic()
    with _quiet_settings(folder) as settings:
        require_free(settings.port, "Kalendarium")
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_together(settings, folder, once=once, screen=screen, began=began))


@contextmanager
def _quiet_settings(folder: Path) -> Iterator[CommonSettings]:
    """Give the settings of a demo: its own mongod where none is named, and no log lines between what it shows."""
    os.environ.setdefault("KAL_LOG_LEVEL", "warning")
    with ExitStack() as running:
        if not os.environ.get("KAL_MONGO_URL"):
            writable_folder(folder, needs_mb=NEEDS_MB)
            require_free(read_settings(CommonSettings).port, "Kalendarium")
            os.environ["KAL_MONGO_URL"] = running.enter_context(start_replica_set(folder / "demo")).url
        port = read_settings(CommonSettings).port
        os.environ.setdefault("KAL_PUBLIC_URL", f"http://127.0.0.1:{port}")
        settings = read_settings(CommonSettings)
        open_logs(level=settings.log_level, style=settings.log_format)
        yield settings


async def _together(settings: CommonSettings, folder: Path, *, once: bool, screen: Console, began: float) -> None:
    from services.together import Together  # noqa: PLC0415 - the stack's own process needs none of the services

    region = load_region(settings.region)
    addresses = Addresses(settings.public_url, settings.ingest_url, settings.calendar_url)
    logins = await _logins(settings, region)
    async with _up(server(Together(settings), settings, name="Kalendarium"), once=once):
        await _show(addresses, logins, region, settings, folder=folder, screen=screen)
        screen.print(f"  ready {time.monotonic() - began:.0f} s after the start", highlight=False)
        if not once:
            screen.print("  It stays up; Ctrl-C ends it.")


@asynccontextmanager
async def _up(running: uvicorn.Server, *, once: bool) -> AsyncIterator[None]:
    """Keep a server up while something is done with it, and afterwards until Ctrl-C unless ``once``."""
    serving = asyncio.create_task(running.serve())
    while not running.started:
        if serving.done():
            raise DemoFailed("The services could not start; the lines above say why.")
        await asyncio.sleep(0.05)
    try:
        yield
    except BaseException:
        running.should_exit = True
        await serving
        raise
    running.should_exit = running.should_exit or once
    await serving


async def _logins(settings: CommonSettings, region: Region) -> Logins:
    async with open_accounts(settings) as accounts:
        await accounts.prepare()
        return await load_logins(accounts, region)


async def _show(
    addresses: Addresses, logins: Logins, region: Region, settings: CommonSettings, *, folder: Path, screen: Console
) -> Shown:
    write_down(addresses, logins, region, folder / LOGINS)
    today = datetime.now(region.time_zone).date()
    shown = await show(addresses, logins, region, settings.region, today=today, screen=screen)
    tell(addresses, logins, region, shown, parked=await _parked(settings), screen=screen)
    screen.print(f"  All log-ins and keys: {folder / LOGINS}", highlight=False)
    return shown


async def _parked(settings: CommonSettings) -> int:
    """Count the records that no service could read."""
    return len(await with_log(settings, list_parked))


def demonstrate_stack(folder: Path, *, demo: bool, once: bool, screen: Console) -> None:
    """Start real Kafka, MongoDB and one process a service, show the whole way if asked to, and stop all of it.

    Raises:
        CannotStart: a port, a disk, Java or a server is not as it must be; one line says what.
        DemoFailed: something did not come out.

    """
    os.environ.setdefault("KAL_LOG_LEVEL", "info")
    screen.print("Starting Kafka, MongoDB and the three services ...")
    with stack(folder / "stack") as running:
        for name, port in PORTS.items():
            screen.print(f"  {name:<14} http://127.0.0.1:{port}   log {running.services[name].log}", highlight=False)
        screen.print(f"  Kafka          {running.kafka_bootstrap}", highlight=False)
        screen.print(f"  MongoDB        {running.mongo_url}", highlight=False)
        if demo:
            asyncio.run(_demonstrate(running, folder, screen=screen))
        if not once:
            screen.print("It stays up; Ctrl-C stops all of it.")
            _wait_while_up(running)


async def _demonstrate(running: Stack, folder: Path, *, screen: Console) -> None:
    os.environ |= {"KAL_MONGO_URL": running.mongo_url, "KAL_KAFKA_BOOTSTRAP": running.kafka_bootstrap}
    settings = read_settings(CommonSettings)
    region = load_region(settings.region)
    logins = await _logins(settings, region)
    await _show(running.addresses, logins, region, settings, folder=folder, screen=screen)


def _wait_while_up(running: Stack) -> None:
    """Wait for Ctrl-C, or for a service that ended by itself."""
    while True:
        for child in running.services.values():
            if not child.running:
                raise DemoFailed(f"{child.name} ended; its log {child.log} says why.")
        time.sleep(1)
