"""Backup file: a tar archive of BSON files, compressed by xz.

The first member is ``manifest.json``, then ``<database>/<collection>.bson`` for each collection, concatenated documents
as mongodump writes them. Xz keeps a SHA-256 over the whole content and a checksum over every header, so that no damage
goes unnoticed.
"""

from __future__ import annotations

import hashlib
import io
import lzma
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO, Final, Protocol

from services.admin.backup.manifest import (
    NAME,
    BackupPart,
    BackupRefused,
    Manifest,
    create_damaged_error,
    create_foreign_error,
    read_manifest,
    write_manifest,
)

MAGIC: Final = b"\xfd7zXZ\x00"
PIECE: Final = 1 << 20
MOST_MANIFEST_BYTES: Final = 10_000_000
SMALLEST_DOCUMENT: Final = 5
# MongoDB's own limit is 16 MiB and a little.
LARGEST_DOCUMENT: Final = 17_000_000


class ByteSource(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...


def pack(out: BinaryIO, manifest: Manifest, contents: Sequence[BinaryIO], *, modified: int) -> None:
    """``contents`` are the bytes of each part, in order; ``modified`` is in seconds since 1970."""
    written = write_manifest(manifest)
    with (
        lzma.open(out, "wb", check=lzma.CHECK_SHA256, preset=1) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as archive,
    ):
        archive.addfile(_create_member(NAME, len(written), modified), io.BytesIO(written))
        for part, content in zip(manifest.parts, contents, strict=True):
            archive.addfile(_create_member(part.file, part.bytes, modified), content)


def _create_member(name: str, size: int, modified: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.mode = size, modified, 0o600
    return member


def verify(file: BinaryIO) -> Manifest:
    """Read the whole file; raises BackupRefused if it is no backup, of another version, cut off or changed."""
    with _open_archive(file) as (manifest, archive):
        for part, content in _read_parts(manifest, archive):
            digest = hashlib.sha256()
            count = 0
            for document in split_documents(content):
                digest.update(document)
                count += 1
            if (count, digest.hexdigest()) != (part.documents, part.sha256):
                raise create_damaged_error(f"{part.file} is not what was written")
    return manifest


def unpack(file: BinaryIO) -> Iterator[tuple[BackupPart, Iterator[bytes]]]:
    """Each part of a verified file; its documents have to be read before the next part. Raises BackupRefused."""
    with _open_archive(file) as (manifest, archive):
        for part, content in _read_parts(manifest, archive):
            yield part, split_documents(content)


def split_documents(content: ByteSource) -> Iterator[bytes]:
    """Split concatenated BSON; raises BackupRefused."""
    while start := content.read(4):
        size = int.from_bytes(start, "little", signed=True)
        if not SMALLEST_DOCUMENT <= size <= LARGEST_DOCUMENT:
            raise create_damaged_error("there is something else where a document should begin")
        rest = content.read(size - len(start))
        if len(start) + len(rest) != size or rest[-1] != 0:
            raise create_damaged_error("a document is cut off")
        yield start + rest


@contextmanager
def _open_archive(file: BinaryIO) -> Iterator[tuple[Manifest, tarfile.TarFile]]:
    # Afterwards the file must end where the archive does.
    file.seek(0)
    unpacked = _Unpacked(file)
    try:
        with tarfile.open(fileobj=unpacked, mode="r|") as archive:
            first = archive.next()
            content = archive.extractfile(first) if first and first.name == NAME else None
            if content is None:
                raise create_foreign_error()
            yield read_manifest(content.read(MOST_MANIFEST_BYTES)), archive
        unpacked.drain()
    except (tarfile.TarError, lzma.LZMAError) as error:
        raise create_damaged_error(f"it cannot be unpacked ({error})") from None


def _read_parts(manifest: Manifest, archive: tarfile.TarFile) -> Iterator[tuple[BackupPart, ByteSource]]:
    for part in manifest.parts:
        member = archive.next()
        content = archive.extractfile(member) if member else None
        if member is None or content is None or (member.name, member.size) != (part.file, part.bytes):
            raise create_damaged_error(f"{part.file} is missing")
        yield part, content
    if archive.next() is not None:
        raise create_damaged_error("there is more in it than its manifest says")


class _Unpacked(io.RawIOBase):
    """Decompressed xz; stricter than the standard library's reader, which ignores what follows the end."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._unpacking = lzma.LZMADecompressor(format=lzma.FORMAT_XZ)
        self._begun = False

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:  # a size is always given
        """Fewer than ``size`` bytes only at the end."""
        pieces: list[bytes] = []
        missing = size
        while missing > 0 and (piece := self._read_piece(missing)):
            pieces.append(piece)
            missing -= len(piece)
        return b"".join(pieces)

    def drain(self) -> None:
        # The checksum of the whole stands at the end.
        while self._read_piece(PIECE):
            pass
        if self._unpacking.unused_data or self._file.read(1):
            raise create_damaged_error("something was added to its end")

    def _read_piece(self, most: int) -> bytes:
        while not self._unpacking.eof:
            packed = self._file.read(PIECE) if self._unpacking.needs_input else b""
            if self._unpacking.needs_input and not packed:
                raise _explain_cut_off(begun=self._begun)
            if not self._begun and not MAGIC.startswith(packed[: len(MAGIC)]):
                raise create_foreign_error()
            self._begun = True
            if piece := self._unpacking.decompress(packed, most):
                return piece
        return b""


def _explain_cut_off(*, begun: bool) -> BackupRefused:
    return create_damaged_error("it is cut off") if begun else BackupRefused("The file is empty.")
