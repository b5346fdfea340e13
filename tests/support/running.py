"""Starts the system for a test: the three services in this process, or a command as a process of its own."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from deploy.local.ports import LOOPBACK, find_free_port
from deploy.local.probes import probe_http
from deploy.local.processes import Child
from services.runtime.all_in_one import AllInOne
from services.runtime.server import create_server
from shared.settings import CommonSettings
from tests.support.warm import run_warm

ROOT: Final = Path(__file__).parents[2]
REGION: Final = ROOT / "deploy" / "region"
COMMAND: Final = (sys.executable, "-m", "services.cli")
COMMAND_SECONDS: Final = 300


@asynccontextmanager
async def together(
    mongo_url: str, database_prefix: str, *, smtp_url: str | None = None
) -> AsyncIterator[CommonSettings]:
    """Run the three services in this process on a free port, and give their settings once they are ready."""
    with TemporaryDirectory() as folder:
        settings = together_settings(mongo_url, database_prefix, data_dir=Path(folder))
        settings = settings.model_copy(update={"smtp_url": smtp_url})
        running = create_server(AllInOne(settings), settings, name="Kalendarium")
        serving = asyncio.create_task(running.serve())
        try:
            while not await asyncio.to_thread(probe_http, f"{settings.public_url}/readyz"):
                assert not serving.done(), "the services did not start"
                await asyncio.sleep(0.01)
            yield settings
        finally:
            running.should_exit = True
            await serving


def together_settings(mongo_url: str, database_prefix: str, *, data_dir: Path) -> CommonSettings:
    """Settings of the three services on one free port, with databases of their own."""
    port = find_free_port()
    address = f"http://{LOOPBACK}:{port}"
    return CommonSettings(
        mongo_url=mongo_url,
        database_prefix=database_prefix,
        public_url=address,
        port=port,
        region=REGION,
        data_dir=data_dir,
    )


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment of a command that has these settings and no others: ``mongo_url`` is KAL_MONGO_URL."""
    ours = {f"KAL_{name.upper()}": value for name, value in {"region": str(REGION), **settings}.items()}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KAL_")}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"} | ours


def run_command(*arguments: str, folder: Path, typed: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """Run ``kalendarium …`` in a folder until it ends; ``typed`` is what somebody types."""
    return run_warm(arguments, folder=folder, environment=environment(settings), typed=typed, seconds=COMMAND_SECONDS)


def run(
    *command: str, folder: Path, typed: str = "", environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program in a folder until it ends."""
    return subprocess.run(  # noqa: S603 - tests choose what they run
        command,
        cwd=folder,
        env=environment,
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        timeout=COMMAND_SECONDS,
        start_new_session=True,  # without a terminal, where a password would be asked for
    )


def together_process(folder: Path, port: int, **settings: str) -> Child:
    """``kalendarium all-in-one`` as a process, not started yet."""
    address = f"http://{LOOPBACK}:{port}"
    return Child(
        f"together on port {port}",
        [*COMMAND, "all-in-one"],
        log=folder / "together.log",
        ready=lambda: probe_http(f"{address}/readyz"),
        environment=environment({"port": str(port), "public_url": address, **settings}),
        folder=folder,
    )
