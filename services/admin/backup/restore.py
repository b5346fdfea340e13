"""Restore: verifies the whole file, loads it next to the existing collections, then replaces them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import BinaryIO, Final

from services.admin.backup.container import unpack, verify
from services.admin.backup.manifest import BackupRefused, Manifest
from services.admin.backup.scope import DATABASES, LOADING, LOG, is_copied
from shared.database.dump import DatabaseDump, open_dump
from shared.settings import CommonSettings

BATCH_DOCUMENTS: Final = 1_000
BATCH_BYTES: Final = 8_000_000
LEASES: Final = (("ingest", "leases"), ("calendar", "leases"), (LOG, "eventlog_state"))
ALL: Final = (*DATABASES, LOG)


class NotEmpty(Exception):
    """The databases are not empty, and ``--replace`` was not given."""


class StillRunning(Exception):
    """A service works on the databases."""


async def restore(settings: CommonSettings, file: BinaryIO, *, replace: bool) -> Manifest:
    """The services must be stopped. Raises BackupRefused, NotEmpty, StillRunning, PyMongoError."""
    # The databases may have another prefix than those of the backup. Everything is loaded under other names first;
    # until then nothing changes, so repeating helps after an outage. Indexes are made by the services when they start.
    manifest = verify(file)
    unknown = {part.database for part in manifest.parts} - set(ALL)
    if unknown:
        raise BackupRefused(f"The backup holds databases unknown to this release: {', '.join(sorted(unknown))}.")
    async with open_dump(settings.mongo_url) as copying:
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


async def _require_stopped(copying: DatabaseDump, settings: CommonSettings) -> None:
    now = await copying.get_time()
    for database, collection in LEASES:
        for lease in await copying.find(settings.database(database), collection):
            until = lease.get("until")
            if lease.get("holder") and until and until > now:
                host, pid, *_ = (*str(lease["holder"]).split("/"), "?")
                raise StillRunning(
                    f"Process {pid} on {host} works on {settings.database(database)}: stop all services first. If it "
                    f"was killed a moment ago, wait ten seconds."
                )


async def _require_empty(copying: DatabaseDump, settings: CommonSettings) -> None:
    for database in ALL:
        name = settings.database(database)
        for collection in await copying.list_collections(name):
            if is_copied(database, collection) and await copying.has_documents(name, collection):
                raise NotEmpty(
                    f"There is something in {name}.{collection} already. Restore into an empty installation "
                    f"(KAL_DATABASE_PREFIX names another), or say --replace to lose what is there."
                )


async def _load(copying: DatabaseDump, settings: CommonSettings, file: BinaryIO) -> None:
    for part, documents in unpack(file):
        database, collection = settings.database(part.database), LOADING + part.collection
        await copying.create_collection(database, collection)
        for batch in _split_batches(documents):
            await copying.insert(database, collection, batch)


def _split_batches(documents: Iterable[bytes]) -> Iterable[list[bytes]]:
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


async def _drop(copying: DatabaseDump, settings: CommonSettings, unwanted: Callable[[str, str], bool]) -> None:
    for database in ALL:
        for collection in await copying.list_collections(settings.database(database)):
            if unwanted(database, collection):
                await copying.drop(settings.database(database), collection)
