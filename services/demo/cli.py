"""`kalendarium demo` and `kalendarium stack`: the whole workflow on this machine, in one process or in several."""

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

from deploy.local.folders import ensure_writable_folder
from deploy.local.ports import require_free
from deploy.local.replica_set import start_replica_set
from services.admin.log import run_with_log
from services.demo.logins import Logins, load_logins
from services.demo.stack import PORTS, Stack, start_stack
from services.demo.walkthrough import DemoFailed, DemoResult, PublicAddresses, print_result, run_demo, write_logins
from services.runtime.server import create_server
from shared.accounts.accounts import open_accounts
from shared.database.client import timeout
from shared.eventlog.dead_letters.inspect import list_dead_letters
from shared.observability.logging import configure_logging
from shared.region import Region, load_region
from shared.settings import CommonSettings, read_settings

LOGINS: Final = "demo.json"
NEEDS_MB: Final = 400
LOGINS_SECONDS: Final = 120.0


def demonstrate_all_in_one(folder: Path, *, once: bool, screen: Console) -> None:
    """Raises StartError, DemoFailed."""
    began = time.monotonic()
    with _prepare_settings(folder) as settings:
        require_free(settings.port, "Kalendarium")
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_run_all_in_one(settings, folder, once=once, screen=screen, began=began))


@contextmanager
def _prepare_settings(folder: Path) -> Iterator[CommonSettings]:
    # Its own mongod where none is named, and no log lines between its output.
    os.environ.setdefault("KAL_LOG_LEVEL", "warning")
    with ExitStack() as running:
        if not os.environ.get("KAL_MONGO_URL"):
            ensure_writable_folder(folder, needs_mb=NEEDS_MB)
            require_free(read_settings(CommonSettings).port, "Kalendarium")
            os.environ["KAL_MONGO_URL"] = running.enter_context(start_replica_set(folder / "demo")).url
        port = read_settings(CommonSettings).port
        os.environ.setdefault("KAL_PUBLIC_URL", f"http://127.0.0.1:{port}")
        settings = read_settings(CommonSettings)
        configure_logging(level=settings.log_level, style=settings.log_format)
        yield settings


async def _run_all_in_one(settings: CommonSettings, folder: Path, *, once: bool, screen: Console, began: float) -> None:
    from services.runtime.all_in_one import AllInOne  # noqa: PLC0415 - the stack's own process needs none of the services

    region = load_region(settings.region)
    addresses = PublicAddresses(settings.public_url, settings.ingest_url, settings.calendar_url)
    logins = await _load_logins(settings, region)
    async with _keep_serving(create_server(AllInOne(settings), settings, name="Kalendarium"), once=once):
        await _show(addresses, logins, region, settings, folder=folder, screen=screen)
        screen.print(f"  ready {time.monotonic() - began:.0f} s after the start", highlight=False)
        if not once:
            screen.print("  It stays up; Ctrl-C ends it.")


@asynccontextmanager
async def _keep_serving(running: uvicorn.Server, *, once: bool) -> AsyncIterator[None]:
    """Serve while the block runs, and afterwards until Ctrl-C unless ``once``."""
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


async def _load_logins(settings: CommonSettings, region: Region) -> Logins:
    async with open_accounts(settings) as accounts:
        await accounts.prepare()
        # Some fifty calls at once, while passwords are hashed: too much for the time that a service gives one of them.
        with timeout(LOGINS_SECONDS):
            return await load_logins(accounts, region)


async def _show(
    addresses: PublicAddresses,
    logins: Logins,
    region: Region,
    settings: CommonSettings,
    *,
    folder: Path,
    screen: Console,
) -> DemoResult:
    write_logins(addresses, logins, region, folder / LOGINS)
    today = datetime.now(region.time_zone).date()
    shown = await run_demo(addresses, logins, region, settings.region, today=today, screen=screen)
    print_result(addresses, logins, region, shown, parked=await _count_dead_letters(settings), screen=screen)
    screen.print(f"  All log-ins and keys: {folder / LOGINS}", highlight=False)
    return shown


async def _count_dead_letters(settings: CommonSettings) -> int:
    return len(await run_with_log(settings, list_dead_letters))


def demonstrate_stack(folder: Path, *, demo: bool, once: bool, screen: Console) -> None:
    """Raises StartError, DemoFailed."""
    os.environ.setdefault("KAL_LOG_LEVEL", "info")
    screen.print("Starting Kafka, MongoDB and the three services ...")
    with start_stack(folder / "stack") as running:
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
    logins = await _load_logins(settings, region)
    await _show(running.addresses, logins, region, settings, folder=folder, screen=screen)


def _wait_while_up(running: Stack) -> None:
    # Until Ctrl-C, or until a service ends by itself.
    while True:
        for child in running.services.values():
            if not child.running:
                raise DemoFailed(f"{child.name} ended; its log {child.log} says why.")
        time.sleep(1)
