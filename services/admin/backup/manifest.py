"""Manifest of a backup file, and the reasons to refuse one. Pure."""

from __future__ import annotations

from typing import Final

import msgspec

FORMAT: Final = "kalendarium-backup"
# Of the file's format.
VERSION: Final = 1
NAME: Final = "manifest.json"


class BackupRefused(Exception):
    """The text is one line that says why a file cannot be restored."""


class BackupPart(msgspec.Struct, frozen=True, kw_only=True):
    """One collection in the file: ``bytes`` of concatenated BSON documents, ``sha256`` over them in hexadecimal."""

    database: str
    collection: str
    documents: int
    bytes: int
    sha256: str

    @property
    def file(self) -> str:
        return f"{self.database}/{self.collection}.bson"


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """``version`` is that of the format, ``product`` the release that wrote it; ``documents`` and ``bytes`` are totals.

    ``taken_at`` is the instant that the content is of, RFC 3339 in UTC by the database's clock.
    """

    format: str
    version: int
    product: str
    taken_at: str
    documents: int
    bytes: int
    parts: tuple[BackupPart, ...]


class _Header(msgspec.Struct):
    format: str
    version: int
    product: str = "unknown"


def create_manifest(parts: tuple[BackupPart, ...], *, product: str, taken_at: str) -> Manifest:
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
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def read_manifest(raw: bytes) -> Manifest:
    """Raises BackupRefused if it is none, of another version, or does not add up."""
    try:
        kind = msgspec.json.decode(raw, type=_Header)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise create_foreign_error() from None
    if kind.format != FORMAT:
        raise create_foreign_error()
    if kind.version != VERSION:
        raise BackupRefused(
            f"The backup is of format version {kind.version}, written by Kalendarium {kind.product}; this release "
            f"reads version {VERSION}. Restore it with the release that wrote it."
        )
    try:
        manifest = msgspec.json.decode(raw, type=Manifest)
    except msgspec.MsgspecError as error:
        raise create_damaged_error(f"its manifest cannot be read ({error})") from None
    if manifest != create_manifest(manifest.parts, product=manifest.product, taken_at=manifest.taken_at):
        raise create_damaged_error("its manifest does not add up")
    return manifest


def create_foreign_error() -> BackupRefused:
    return BackupRefused("This is not a backup of Kalendarium; `kalendarium backup FILE` makes one.")


def create_damaged_error(how: str) -> BackupRefused:
    return BackupRefused(f"The backup is damaged: {how}. Take another copy of it; nothing was changed.")
