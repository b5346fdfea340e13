"""Backup: everything as of one instant, into a file that is there whole or not at all."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from services.admin.backup.container import pack, verify
from services.admin.backup.manifest import BackupPart, Manifest, create_manifest
from services.admin.backup.scope import is_copied, list_databases
from shared.clock import write_instant
from shared.database.dump import DatabaseDump, SnapshotExpired, SnapshotSession, open_dump
from shared.settings import CommonSettings
from shared.version import VERSION

TRIES: Final = 5
WAIT_SECONDS: Final = 1.0


class NothingToBackUp(Exception):
    """The databases are empty; most likely they have another prefix."""


async def back_up(settings: CommonSettings, out: BinaryIO, *, scratch: Path | None = None) -> Manifest:
    """``scratch`` is a folder for unpacked contents. Raises NothingToBackUp, NoSnapshot, PyMongoError, OSError."""
    async with open_dump(settings.mongo_url) as copying:
        for more in reversed(range(TRIES)):
            with ExitStack() as opened:
                try:
                    manifest, contents, at = await _copy(copying, settings, opened, scratch)
                except SnapshotExpired:
                    if not more:
                        raise
                    await asyncio.sleep(WAIT_SECONDS)
                    continue
                pack(out, manifest, contents, modified=int(at.timestamp()))
                return manifest
    raise AssertionError("the last try returns or raises")


async def _copy(
    copying: DatabaseDump, settings: CommonSettings, opened: ExitStack, scratch: Path | None
) -> tuple[Manifest, list[BinaryIO], datetime]:
    # The names are asked for first: what is made later was not there at the moment that is copied.
    wanted = [
        (name, collection)
        for name in list_databases(settings)
        for collection in await copying.list_collections(settings.database(name))
        if is_copied(name, collection)
    ]
    parts: list[BackupPart] = []
    contents: list[BinaryIO] = []
    async with copying.open_snapshot() as moment:
        for name, collection in wanted:
            content = opened.enter_context(tempfile.TemporaryFile(dir=scratch))  # noqa: SIM115 - the stack closes it
            parts.append(await _copy_collection(moment, settings, name, collection, content))
            contents.append(content)
        at = moment.at
    if not any(part.documents for part in parts):
        raise NothingToBackUp(
            f"There is nothing in the databases {settings.database('…')}; is KAL_DATABASE_PREFIX right?"
        )
    taken_at = write_instant(at)
    return create_manifest(tuple(parts), product=VERSION, taken_at=taken_at), contents, at


async def _copy_collection(
    moment: SnapshotSession, settings: CommonSettings, database: str, collection: str, content: BinaryIO
) -> BackupPart:
    digest = hashlib.sha256()
    documents = size = 0
    async for document in moment.read_documents(settings.database(database), collection):
        content.write(document)
        digest.update(document)
        documents += 1
        size += len(document)
    content.seek(0)
    return BackupPart(
        database=database, collection=collection, documents=documents, bytes=size, sha256=digest.hexdigest()
    )


@contextmanager
def write_atomically(path: Path) -> Iterator[BinaryIO]:
    # Readable by its owner only: it holds contact persons and password hashes. It gets its name once it is complete, on
    # the disk and verified.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            verify(file)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def buffer_stream(stream: BinaryIO) -> Iterator[BinaryIO]:
    with tempfile.TemporaryFile() as file:
        shutil.copyfileobj(stream, file)
        file.seek(0)
        yield file
