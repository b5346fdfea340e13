"""What a backup file says of itself, and why one is refused. Pure."""

from __future__ import annotations

from typing import Final

import msgspec

FORMAT: Final = "kalendarium-backup"
VERSION: Final = 1
"""Of the file's format; another one is refused."""
NAME: Final = "manifest.json"


class BackupRefused(Exception):
    """A file cannot be restored; the text is one line that says why."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One collection in the file: ``bytes`` of concatenated BSON documents, ``sha256`` over them in hexadecimal."""

    database: str
    collection: str
    documents: int
    bytes: int
    sha256: str

    @property
    def file(self) -> str:
        """The name of its member in the archive."""
        return f"{self.database}/{self.collection}.bson"


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What is in a backup file.

    ``version`` is that of the format, ``product`` that of the release that wrote it; ``taken_at`` is the moment that
    everything in it is true of, RFC 3339 in UTC by the database's clock. ``documents`` and ``bytes`` are totals.
    """

    format: str
    version: int
    product: str
    taken_at: str
    documents: int
    bytes: int
    parts: tuple[Part, ...]


class _Kind(msgspec.Struct):
    format: str
    version: int
    product: str = "unknown"


def manifest_of(parts: tuple[Part, ...], *, product: str, taken_at: str) -> Manifest:
    """Sum up the parts of a backup."""
    return Manifest(
        format=FORMAT,
        version=VERSION,
        product=product,
        taken_at=taken_at,
        documents=sum(part.documents for part in parts),
        bytes=sum(part.bytes for part in parts),
        parts=parts,
    )


def write_manifest(manifest: Manifest) -> bytes:
    """Write a manifest for people and programs."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def read_manifest(raw: bytes) -> Manifest:
    """Read a manifest.

    Raises:
        BackupRefused: if it is none, is of another version, or does not add up.

    """
    try:
        kind = msgspec.json.decode(raw, type=_Kind)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise foreign() from None
    if kind.format != FORMAT:
        raise foreign()
    if kind.version != VERSION:
        raise BackupRefused(
            f"The backup is of format version {kind.version}, written by Kalendarium {kind.product}; this release "
            f"reads version {VERSION}. Restore it with the release that wrote it."
        )
    try:
        manifest = msgspec.json.decode(raw, type=Manifest)
    except msgspec.MsgspecError as error:
        raise damaged(f"its manifest cannot be read ({error})") from None
    if manifest != manifest_of(manifest.parts, product=manifest.product, taken_at=manifest.taken_at):
        raise damaged("its manifest does not add up")
    return manifest


def foreign() -> BackupRefused:
    """Say that a file is something else."""
    return BackupRefused("This is not a backup of Kalendarium; `kalendarium backup FILE` makes one.")


def damaged(how: str) -> BackupRefused:
    """Say that a file is not as it was written."""
    return BackupRefused(f"The backup is damaged: {how}. Take another copy of it; nothing was changed.")
