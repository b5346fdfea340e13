"""The snapshot: the programme as one file, from which a start without the event log serves. Pure.

``KALPROG`` and a newline, the length of the header, the header as JSON, then the last message of every event as it came
(kind, key, value) in the order of the programme; at the end a blake2b over everything before it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from itertools import islice
from typing import Final, NamedTuple

import msgspec

from services.distribution.programme.model import Programme, ProgrammeCopy
from shared.web.http.last_modified import LAG

MAGIC: Final = b"KALPROG\n"
FORMAT: Final = 1
DIGEST_BYTES: Final = 32
PUBLISHED: Final = b"P"
WITHDRAWN: Final = b"W"
BATCH: Final = 100
"""So many messages are joined at a time; hashing and writing them then lets others run meanwhile."""

_LENGTH = struct.Struct(">I")
_ENTRY = struct.Struct(">cII")


class InvalidSnapshot(Exception):
    """A snapshot is damaged or belongs to another installation; the text says why."""


class Identity(msgspec.Struct, frozen=True):
    """Whose programme it is; a snapshot with another identity is foreign."""

    # ``domain`` is the region pack's permanent one, ``log`` the kind of event log, ``installation`` the prefix of its
    # databases. Checkpoints tell whether the log itself is still the same.

    topic: str
    domain: str
    log: str
    installation: str


class LogPosition(msgspec.Struct, frozen=True, kw_only=True):
    """How far the log was read: next offset and checkpoint by partition; complete up to ``complete_at``."""

    # ``skipped`` counts records that could not be read; another release may be able to.

    positions: Mapping[int, int]
    checkpoints: Mapping[int, bytes] = msgspec.field(name="witnesses")
    complete_at: datetime
    last_record_at: datetime | None
    skipped: int

    @property
    def covered_until(self) -> datetime:
        """By when everything in it was read, and could be shown."""
        if self.last_record_at is None:
            return self.complete_at
        return max(self.complete_at, self.last_record_at + timedelta(seconds=LAG))


class SnapshotHeader(msgspec.Struct, frozen=True, kw_only=True):
    format: int = FORMAT
    identity: Identity
    position: LogPosition = msgspec.field(name="reading")
    written_at: datetime
    events: int
    withdrawals: int


class SnapshotMessage(NamedTuple):
    kind: bytes
    key: bytes
    value: bytes


class Snapshot(NamedTuple):
    header: SnapshotHeader
    messages: list[SnapshotMessage]


class _Format(msgspec.Struct):
    format: int


def pack(identity: Identity, position: LogPosition, programme: ProgrammeCopy, written_at: datetime) -> Iterator[bytes]:
    header = SnapshotHeader(
        identity=identity,
        position=position,
        written_at=written_at,
        events=len(programme.sort_keys),
        withdrawals=len(programme.tombstones),
    )
    written = msgspec.json.encode(header)
    digest = blake2b(digest_size=DIGEST_BYTES)
    messages = _iterate_messages(programme)
    piece = MAGIC + _LENGTH.pack(len(written)) + written
    while piece:
        digest.update(piece)
        yield piece
        piece = b"".join(
            part
            for message in islice(messages, BATCH)
            for part in (_ENTRY.pack(message.kind, len(message.key), len(message.value)), message.key, message.value)
        )
    yield digest.digest()


def unpack(data: bytes, identity: Identity) -> Snapshot:
    """Raises InvalidSnapshot: it is damaged, of another format, or foreign."""
    body = memoryview(data)[:-DIGEST_BYTES]
    if not data.startswith(MAGIC) or len(body) < len(MAGIC) + _LENGTH.size:
        raise InvalidSnapshot("it is no snapshot, or only the beginning of one")
    if blake2b(body, digest_size=DIGEST_BYTES).digest() != data[-DIGEST_BYTES:]:
        raise InvalidSnapshot("its checksum is wrong: it is damaged or cut off")
    (length,) = _LENGTH.unpack_from(body, len(MAGIC))
    start = len(MAGIC) + _LENGTH.size
    header = _parse_header(bytes(body[start : start + length]))
    if header.identity != identity:
        raise InvalidSnapshot(f"it is foreign: {_describe_differences(header.identity, identity)}")
    messages = list(_parse_messages(body[start + length :]))
    if len(messages) != header.events + header.withdrawals:
        raise InvalidSnapshot(f"it holds {len(messages)} messages instead of {header.events + header.withdrawals}")
    return Snapshot(header, messages)


def build_programme(snapshot: Snapshot) -> Programme:
    """Raises InvalidSnapshot: this release cannot read one of the messages; half a programme is none."""
    programme = Programme()
    for kind, key, value in snapshot.messages:
        try:
            taken = programme.publish(value) if kind == PUBLISHED else programme.withdraw(value)
        except (ValueError, msgspec.MsgspecError, RecursionError) as error:
            raise InvalidSnapshot(f"this release cannot read {key.decode(errors='replace')}: {error}") from error
        if taken is None or taken.encode() != key:
            raise InvalidSnapshot(f"{key.decode(errors='replace')} stands in it twice, or under another's name")
    return programme


def format_instant(at: datetime) -> str:
    """RFC 3339, UTC, rounded down to seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _iterate_messages(inventory: ProgrammeCopy) -> Iterator[SnapshotMessage]:
    for order in inventory.sort_keys:
        yield SnapshotMessage(PUBLISHED, order[-1].encode(), inventory.events[order[-1]].data)
    for event_id, withdrawal in inventory.tombstones.items():
        yield SnapshotMessage(WITHDRAWN, event_id.encode(), withdrawal.data)


def _parse_header(written: bytes) -> SnapshotHeader:
    try:
        found = msgspec.json.decode(written, type=_Format).format
        if found != FORMAT:
            raise InvalidSnapshot(f"it is of format {found}, and this release reads {FORMAT}")
        return msgspec.json.decode(written, type=SnapshotHeader)
    except msgspec.MsgspecError as error:
        raise InvalidSnapshot(f"its header cannot be read: {error}") from error


def _parse_messages(body: memoryview) -> Iterator[SnapshotMessage]:
    place = 0
    while place + _ENTRY.size <= len(body):
        kind, key, value = _ENTRY.unpack_from(body, place)
        place += _ENTRY.size
        yield SnapshotMessage(kind, bytes(body[place : place + key]), bytes(body[place + key : place + key + value]))
        place += key + value


def _describe_differences(found: Identity, ours: Identity) -> str:
    theirs, wanted = msgspec.to_builtins(found), msgspec.to_builtins(ours)
    other = [name for name in wanted if theirs[name] != wanted[name]]
    return ", ".join(f"{name} {theirs[name]!r} instead of {wanted[name]!r}" for name in other)
