"""What was read since the last snapshot, record by record: a process that is killed takes nothing back. Pure.

A journal is frames: the length of each and its CRC-32 as two unsigned 32-bit numbers, then MessagePack: first whose
programme it is and where reading stood, then a record each. The last frame of a process that was killed may be cut
off; what comes after a frame that is not whole is not believed.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple
from zlib import crc32

import msgspec

from services.distribution.snapshot import Identity
from shared.eventlog.port import Partition, Record

FORMAT: Final = 1
_FRAME: Final = struct.Struct(">II")
_KIND: Final = "ce_type"


class Beginning(msgspec.Struct, frozen=True, kw_only=True):
    """What a journal begins with: whose programme it is, and the next offset by partition at that moment."""

    format: int = FORMAT
    identity: Identity
    positions: Mapping[int, int]


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """A record that was read."""

    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    kind: bytes | None

    def record(self, topic: str) -> Record:
        """Give the record again, as far as the programme looks at it."""
        headers = [(_KIND, self.kind)]
        return Record(Partition(topic, self.partition), self.offset, self.timestamp_ms, self.key, self.value, headers)


class Journal(NamedTuple):
    """A journal as it was found, up to the first frame that is not whole."""

    beginning: Beginning
    entries: list[Entry]


def pack_beginning(identity: Identity, positions: Mapping[int, int]) -> bytes:
    """Give the bytes with which a journal begins."""
    return _frame(msgspec.msgpack.encode(Beginning(identity=identity, positions=positions)))


def pack_records(records: Sequence[Record]) -> bytes:
    """Give the bytes of some records."""
    return b"".join(_frame(msgspec.msgpack.encode(_entry(record))) for record in records)


def unpack(data: bytes, identity: Identity) -> Journal | None:
    """Read a journal; None if it is foreign, of another format, or has not even a whole beginning."""
    frames = _frames(data)
    try:
        beginning = msgspec.msgpack.decode(next(frames, b""), type=Beginning)
        if beginning.format != FORMAT or beginning.identity != identity:
            return None
        return Journal(beginning, [msgspec.msgpack.decode(frame, type=Entry) for frame in frames])
    except msgspec.MsgspecError:
        return None


def follow(journals: Sequence[Journal], positions: Mapping[int, int]) -> Iterator[Entry]:
    """Give, oldest first, what journals hold beyond the positions of a snapshot, up to where something is missing."""
    reached = dict(positions)
    for journal in journals:
        if any(reached.get(number, 0) < offset for number, offset in journal.beginning.positions.items()):
            return
        for entry in journal.entries:
            if entry.offset >= reached.get(entry.partition, 0):
                reached[entry.partition] = entry.offset + 1
                yield entry


def _entry(record: Record) -> Entry:
    kind = next((value for name, value in record.headers if name == _KIND), None)
    return Entry(record.partition.number, record.offset, record.timestamp_ms, record.key, record.value, kind)


def _frame(body: bytes) -> bytes:
    return _FRAME.pack(len(body), crc32(body)) + body


def _frames(data: bytes) -> Iterator[bytes]:
    place = 0
    while place + _FRAME.size <= len(data):
        length, checksum = _FRAME.unpack_from(data, place)
        body = data[place + _FRAME.size : place + _FRAME.size + length]
        if len(body) < length or crc32(body) != checksum:
            return
        yield body
        place += _FRAME.size + length
