"""Puts a backup in: the whole file is verified first, then loaded beside what is there, then given its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import BinaryIO, Final

from services.backup.container import unpack, verify
from services.backup.manifest import BackupRefused, Manifest
from services.backup.scope import DATABASES, LOADING, LOG, is_copied
from shared.database_copy import Copying, open_copying
from shared.settings import CommonSettings

BATCH_DOCUMENTS: Final = 1_000
BATCH_BYTES: Final = 8_000_000
LEASES: Final = (("ingest", "leases"), ("calendar", "leases"), (LOG, "eventlog_state"))
ALL: Final = (*DATABASES, LOG)


class NotEmpty(Exception):
    """There is something in the databases, and nobody said that it may go."""


class StillRunning(Exception):
    """A service works on the databases."""


async def restore(settings: CommonSettings, file: BinaryIO, *, replace: bool) -> Manifest:
    """Put a backup into an installation whose services are stopped.

    Until everything is loaded, under other names, nothing of what is there changes; then each collection takes the
    place of the one with its name, and what else there was goes. Indexes are made by the services when they start.

    Args:
        settings: which installation; its databases may have another prefix than those the backup was taken of.
        file: the backup.
        replace: whether what is there may go.

    Raises:
        BackupRefused: if the file is no backup, of another version, cut off or changed; nothing was changed then.
        NotEmpty: if there is something and ``replace`` is False; nothing was changed then.
        StillRunning: if a service holds a lease; nothing was changed then.
        PyMongoError: if MongoDB is away; unless that was at the very end nothing was changed, and repeating it helps.

    """
    manifest = verify(file)
    unknown = {part.database for part in manifest.parts} - set(ALL)
    if unknown:
        raise BackupRefused(f"The backup holds databases unknown to this release: {', '.join(sorted(unknown))}.")
    async with open_copying(settings.mongo_url) as copying:
        await _require_stopped(copying, settings)
        if not replace:
            await _require_empty(copying, settings)
        await _drop(copying, settings, lambda _, collection: collection.startswith(LOADING))
        await _load(copying, settings, file)
        for part in manifest.parts:
            await copying.rename(settings.database(part.database), LOADING + part.collection, part.collection)
        restored = {(part.database, part.collection) for part in manifest.parts}
        await _drop(copying, settings, lambda database, collection: (database, collection) not in restored)
    return manifest


async def _require_stopped(copying: Copying, settings: CommonSettings) -> None:
    now = await copying.now()
    for database, collection in LEASES:
        for lease in await copying.find(settings.database(database), collection):
            until = lease.get("until")
            if lease.get("holder") and until and until > now:
                host, pid, *_ = (*str(lease["holder"]).split("/"), "?")
                raise StillRunning(
                    f"Process {pid} on {host} works on {settings.database(database)}: stop all services first. If it "
                    f"was killed a moment ago, wait ten seconds."
                )


async def _require_empty(copying: Copying, settings: CommonSettings) -> None:
    for database in ALL:
        name = settings.database(database)
        for collection in await copying.collections(name):
            if is_copied(database, collection) and await copying.holds_anything(name, collection):
                raise NotEmpty(
                    f"There is something in {name}.{collection} already. Restore into an empty installation "
                    f"(KAL_DATABASE_PREFIX names another), or say --replace to lose what is there."
                )


async def _load(copying: Copying, settings: CommonSettings, file: BinaryIO) -> None:
    for part, documents in unpack(file):
        database, collection = settings.database(part.database), LOADING + part.collection
        await copying.make(database, collection)
        for batch in _batches(documents):
            await copying.put(database, collection, batch)


def _batches(documents: Iterable[bytes]) -> Iterable[list[bytes]]:
    batch: list[bytes] = []
    size = 0
    for document in documents:
        batch.append(document)
        size += len(document)
        if len(batch) == BATCH_DOCUMENTS or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


async def _drop(copying: Copying, settings: CommonSettings, unwanted: Callable[[str, str], bool]) -> None:
    """Take away the collections of an installation that are not wanted, by database and name."""
    for database in ALL:
        for collection in await copying.collections(settings.database(database)):
            if unwanted(database, collection):
                await copying.drop(settings.database(database), collection)
