"""The journal: records read since the last snapshot, so that a killed process loses nothing it has shown. Pure.

A journal consists of frames: length and CRC-32 as two unsigned 32-bit numbers, then MessagePack; first a header with
identity and offsets, then one record each. A killed process may cut off the last frame; everything after an incomplete
frame is ignored.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple
from zlib import crc32

import msgspec

from services.distribution.replica.snapshot import Identity
from shared.eventlog.port import Partition, Record

FORMAT: Final = 1
_FRAME: Final = struct.Struct(">II")
_KIND: Final = "ce_type"


class JournalHeader(msgspec.Struct, frozen=True, kw_only=True):
    """``positions`` are the next offsets by partition at the start of the journal."""

    format: int = FORMAT
    identity: Identity
    positions: Mapping[int, int]


class JournalEntry(msgspec.Struct, frozen=True, array_like=True):
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    kind: bytes | None

    def to_record(self, topic: str) -> Record:
        """Restore the record as far as the programme reads it."""
        headers = [(_KIND, self.kind)]
        return Record(Partition(topic, self.partition), self.offset, self.timestamp_ms, self.key, self.value, headers)


class Journal(NamedTuple):
    """A journal up to its first incomplete frame."""

    header: JournalHeader
    entries: list[JournalEntry]


def pack_header(identity: Identity, positions: Mapping[int, int]) -> bytes:
    return _pack_frame(msgspec.msgpack.encode(JournalHeader(identity=identity, positions=positions)))


def pack_records(records: Sequence[Record]) -> bytes:
    return b"".join(_pack_frame(msgspec.msgpack.encode(_to_entry(record))) for record in records)


def unpack(data: bytes, identity: Identity) -> Journal | None:
    """None if the journal is foreign, of another format, or lacks a complete header."""
    frames = _iterate_frames(data)
    try:
        beginning = msgspec.msgpack.decode(next(frames, b""), type=JournalHeader)
        if beginning.format != FORMAT or beginning.identity != identity:
            return None
        return Journal(beginning, [msgspec.msgpack.decode(frame, type=JournalEntry) for frame in frames])
    except msgspec.MsgspecError:
        return None


def iterate_after(journals: Sequence[Journal], positions: Mapping[int, int]) -> Iterator[JournalEntry]:
    """Iterate, oldest first, over what follows the positions of a snapshot, up to the first gap."""
    reached = dict(positions)
    for journal in journals:
        if any(reached.get(number, 0) < offset for number, offset in journal.header.positions.items()):
            return
        for entry in journal.entries:
            if entry.offset >= reached.get(entry.partition, 0):
                reached[entry.partition] = entry.offset + 1
                yield entry


def _to_entry(record: Record) -> JournalEntry:
    kind = next((value for name, value in record.headers if name == _KIND), None)
    return JournalEntry(record.partition.number, record.offset, record.timestamp_ms, record.key, record.value, kind)


def _pack_frame(body: bytes) -> bytes:
    return _FRAME.pack(len(body), crc32(body)) + body


def _iterate_frames(data: bytes) -> Iterator[bytes]:
    place = 0
    while place + _FRAME.size <= len(data):
        length, checksum = _FRAME.unpack_from(data, place)
        body = data[place + _FRAME.size : place + _FRAME.size + length]
        if len(body) < length or crc32(body) != checksum:
            return
        yield body
        place += _FRAME.size + length
