"""Takes a backup: everything as it was at one moment, into one file that is there whole or not at all."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO, Final

from services.backup.container import pack, verify
from services.backup.manifest import Manifest, Part, manifest_of
from services.backup.scope import databases, is_copied
from shared.database_copy import Copying, Moment, MomentGone, open_copying
from shared.settings import CommonSettings

TRIES: Final = 5
WAIT_SECONDS: Final = 1.0


class NothingToBackUp(Exception):
    """There is nothing in the databases; most likely their name is another."""


async def take(settings: CommonSettings, out: BinaryIO, *, scratch: Path | None = None) -> Manifest:
    """Write a backup.

    Args:
        settings: which installation.
        out: where to.
        scratch: a folder with room for the databases' contents until they are packed; the system's if None.

    Raises:
        NothingToBackUp: if the databases are empty.
        NoMoment: if MongoDB cannot say how everything was at one moment.
        PyMongoError: if MongoDB is away.
        OSError: if there is no room.

    """
    async with open_copying(settings.mongo_url) as copying:
        for more in reversed(range(TRIES)):
            with ExitStack() as opened:
                try:
                    manifest, contents, at = await _copy(copying, settings, opened, scratch)
                except MomentGone:
                    if not more:
                        raise
                    await asyncio.sleep(WAIT_SECONDS)
                    continue
                pack(out, manifest, contents, modified=int(at.timestamp()))
                return manifest
    raise AssertionError("the last try returns or raises")


async def _copy(
    copying: Copying, settings: CommonSettings, opened: ExitStack, scratch: Path | None
) -> tuple[Manifest, list[BinaryIO], datetime]:
    # The names are asked for first: what is made later was not there at the moment that is copied.
    wanted = [
        (name, collection)
        for name in databases(settings)
        for collection in await copying.collections(settings.database(name))
        if is_copied(name, collection)
    ]
    parts: list[Part] = []
    contents: list[BinaryIO] = []
    async with copying.moment() as moment:
        for name, collection in wanted:
            content = opened.enter_context(tempfile.TemporaryFile(dir=scratch))  # noqa: SIM115 - the stack closes it
            parts.append(await _copy_collection(moment, settings, name, collection, content))
            contents.append(content)
        at = moment.at
    if not any(part.documents for part in parts):
        raise NothingToBackUp(
            f"There is nothing in the databases {settings.database('…')}; is KAL_DATABASE_PREFIX right?"
        )
    taken_at = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return manifest_of(tuple(parts), product=version("kalendarium"), taken_at=taken_at), contents, at


async def _copy_collection(
    moment: Moment, settings: CommonSettings, database: str, collection: str, content: BinaryIO
) -> Part:
    digest = hashlib.sha256()
    documents = size = 0
    async for document in moment.documents(settings.database(database), collection):
        content.write(document)
        digest.update(document)
        documents += 1
        size += len(document)
    content.seek(0)
    return Part(database=database, collection=collection, documents=documents, bytes=size, sha256=digest.hexdigest())


@contextmanager
def written_whole(path: Path) -> Iterator[BinaryIO]:
    """Give a file that gets its name only once it is complete, on the disk, and read again without a fault.

    Nobody but its owner may read it: it holds contact persons and the hashes of passwords.
    """
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
def seekable(stream: BinaryIO) -> Iterator[BinaryIO]:
    """Give what comes from a stream as a file that can be read twice."""
    with tempfile.TemporaryFile() as file:
        shutil.copyfileobj(stream, file)
        file.seek(0)
        yield file
