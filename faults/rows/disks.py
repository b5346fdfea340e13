"""Full disks: under a MongoDB node, a broker, distribution's folder."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from deploy.local.polling import poll_until
from deploy.local.processes import Child
from faults.row import NotRun, Scene, register

# Next to what is there already, before it is filled.
ROOM_MB: Final = 60
FULL_SECONDS: Final = 20.0
CHUNK: Final = b"x" * 65_536


@register(22, what="the disk full under a MongoDB node, under a broker, under distribution's folder")
async def fill_disks(scene: Scene) -> None:
    stage = scene.stage
    mongod, broker = stage.mongo.nodes[0], stage.kafka.nodes[0]
    await _fill_under(scene, mongod, mongod.log.parent / "data", "MongoDB's node")
    await _fill_under(scene, broker, broker.log.parent / "data", "the broker")
    await _fill_under_feeds(scene)


async def _fill_under(scene: Scene, node: Child, data: Path, name: str) -> None:
    await asyncio.to_thread(node.stop)
    async with mount_small_disk(data):
        await scene.stage.start([node])
        await scene.wait(2)
        filler = await asyncio.to_thread(fill_disk, data)
        ended = await asyncio.to_thread(poll_until, lambda: not node.running, within=FULL_SECONDS)
        scene.add_note(f"{name} {f'ended with {node.exit_code}' if ended else 'went on'}")
        await asyncio.to_thread(node.kill)
        filler.unlink()
        await scene.stage.start([node])
        await scene.wait(2)
        await asyncio.to_thread(node.stop)
    await scene.stage.start([node])


async def _fill_under_feeds(scene: Scene) -> None:
    # It is full while distribution runs, ends, and starts again.
    distribution = scene.stage.services["distribution"]
    folder = scene.stage.folder / "distribution"
    folder.mkdir(exist_ok=True)
    async with mount_small_disk(folder, room_mb=1):
        await asyncio.to_thread(fill_disk, folder)
        await scene.wait(2)
        await distribution.stop()
        await distribution.wait_until_ready()
        await scene.wait(2)
        await distribution.kill()
        await distribution.wait_until_ready()


@asynccontextmanager
async def mount_small_disk(folder: Path, *, room_mb: int = ROOM_MB) -> AsyncIterator[None]:
    """Mount a small disk under a folder, with its content; raises NotRun."""
    if os.geteuid() != 0:
        raise NotRun("mounting a small disk needs root")
    aside = folder.with_name(f"{folder.name}.aside")
    await asyncio.to_thread(_mount, folder, aside, room_mb)
    try:
        await asyncio.to_thread(shutil.copytree, aside, folder, dirs_exist_ok=True)
        yield
        await asyncio.to_thread(shutil.rmtree, aside)
        await asyncio.to_thread(shutil.copytree, folder, aside)
    finally:
        await asyncio.to_thread(_unmount, folder, aside)


def _mount(folder: Path, aside: Path, room_mb: int) -> None:
    used = sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())
    folder.rename(aside)
    folder.mkdir()
    options = f"size={used // 1_000_000 + room_mb}m"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True, check=False)  # noqa: S603, S607 - as root
    if mounted.returncode:
        folder.rmdir()
        aside.rename(folder)
        raise NotRun(f"a small disk could not be mounted: {mounted.stderr.decode().strip()}")


def _unmount(folder: Path, aside: Path) -> None:
    subprocess.run(["umount", "-l", folder], check=True)  # noqa: S603, S607 - what we mounted
    folder.rmdir()
    aside.rename(folder)


def fill_disk(folder: Path) -> Path:
    """Returns the file that fills it."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(CHUNK)
    with filler.open("ab", buffering=0) as file, suppress(OSError):
        while file.write(b"x"):
            pass
    return filler
