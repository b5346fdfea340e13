"""Small backup files, made without a database."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from typing import Any

import bson
import msgspec

from services.admin.backup.container import pack, unpack
from services.admin.backup.manifest import BackupPart, Manifest, create_manifest

SOME: Mapping[str, Sequence[dict[str, Any]]] = {
    "accounts/accounts": [{"_id": "1", "email": "anna@lot.example"}],
    "ingest/submissions": [{"_id": "a", "version": 2}, {"_id": "b", "version": 1, "event": {"title": {"pl": "Żagle"}}}],
    "calendar/entries": [],
}


def part_of(name: str, content: bytes, documents: int) -> BackupPart:
    database, collection = name.split("/")
    digest = hashlib.sha256(content).hexdigest()
    return BackupPart(database=database, collection=collection, documents=documents, bytes=len(content), sha256=digest)


def packed(collections: Mapping[str, Sequence[dict[str, Any]]] = SOME, **changes: Any) -> bytes:  # noqa: ANN401 - a manifest's fields
    """A backup file; what is named is changed in its manifest."""
    contents = {name: b"".join(map(bson.encode, documents)) for name, documents in collections.items()}
    parts = tuple(part_of(name, content, len(collections[name])) for name, content in contents.items())
    manifest = create_manifest(parts, product="0.1.0", taken_at="2026-11-21T10:00:00.000Z")
    return packed_as(msgspec.structs.replace(manifest, **changes), *contents.values())


def packed_as(manifest: Manifest, *contents: bytes) -> bytes:
    out = io.BytesIO()
    pack(out, manifest, [io.BytesIO(content) for content in contents], modified=0)
    return out.getvalue()


def unpacked(file: bytes) -> dict[str, list[dict[str, Any]]]:
    return {
        f"{part.database}/{part.collection}": [bson.decode(document) for document in documents]
        for part, documents in unpack(io.BytesIO(file))
    }
