"""The programme as one file of bytes: what a start without the event log serves from. Pure.

``KALPROG`` and a newline, the length of the header, the header as JSON, then the last message of every event as it came
(its kind, key and value), events in their order; at the end a blake2b over everything before it. Anybody may read it;
only :func:`unpack` decides whether it may be believed.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import islice
from typing import Final, NamedTuple

import msgspec

from services.distribution.programme import Inventory, Programme

MAGIC: Final = b"KALPROG\n"
FORMAT: Final = 1
DIGEST_BYTES: Final = 32
PUBLISHED: Final = b"P"
WITHDRAWN: Final = b"W"
PIECE: Final = 100
"""So many messages are joined at a time; hashing and writing them then lets others run meanwhile."""

_LENGTH = struct.Struct(">I")
_ENTRY = struct.Struct(">cII")


class SnapshotRefused(Exception):
    """A snapshot cannot be believed, or is another installation's; the text says why."""


class Identity(msgspec.Struct, frozen=True):
    """Whose programme it is: a snapshot with another identity is foreign.

    ``domain`` is the region pack's stable one, ``log`` the kind of event log, ``installation`` the prefix of its
    databases. Whether the log itself is still the same one is told by the witnesses.
    """

    topic: str
    domain: str
    log: str
    installation: str


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """How far the log was read: next offset and witness by partition, and up to when everything written was read.

    ``last_record_at`` is the newest record's time, None if there was none. ``skipped`` counts what could not be read:
    another release may be able to.
    """

    positions: Mapping[int, int]
    witnesses: Mapping[int, bytes]
    complete_at: datetime
    last_record_at: datetime | None
    skipped: int


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What stands before the messages; all instants are UTC."""

    format: int = FORMAT
    identity: Identity
    reading: Reading
    written_at: datetime
    events: int
    withdrawals: int


class Message(NamedTuple):
    """The last message of an event, as it came."""

    kind: bytes
    key: bytes
    value: bytes


class Snapshot(NamedTuple):
    """A snapshot that may be believed."""

    header: Header
    messages: list[Message]


class _Format(msgspec.Struct):
    format: int


def pack(identity: Identity, reading: Reading, inventory: Inventory, written_at: datetime) -> Iterator[bytes]:
    """Give the bytes of a snapshot, piece by piece."""
    header = Header(
        identity=identity,
        reading=reading,
        written_at=written_at,
        events=len(inventory.order),
        withdrawals=len(inventory.withdrawals),
    )
    written = msgspec.json.encode(header)
    digest = blake2b(digest_size=DIGEST_BYTES)
    messages = _messages(inventory)
    piece = MAGIC + _LENGTH.pack(len(written)) + written
    while piece:
        digest.update(piece)
        yield piece
        piece = b"".join(
            part
            for message in islice(messages, PIECE)
            for part in (_ENTRY.pack(message.kind, len(message.key), len(message.value)), message.key, message.value)
        )
    yield digest.digest()


def unpack(data: bytes, identity: Identity) -> Snapshot:
    """Read a snapshot.

    Raises:
        SnapshotRefused: if it is damaged, of another format, or foreign.

    """
    body = memoryview(data)[:-DIGEST_BYTES]
    if not data.startswith(MAGIC) or len(body) < len(MAGIC) + _LENGTH.size:
        raise SnapshotRefused("it is no snapshot, or only the beginning of one")
    if blake2b(body, digest_size=DIGEST_BYTES).digest() != data[-DIGEST_BYTES:]:
        raise SnapshotRefused("its checksum is wrong: it is damaged or cut off")
    (length,) = _LENGTH.unpack_from(body, len(MAGIC))
    start = len(MAGIC) + _LENGTH.size
    header = _header(bytes(body[start : start + length]))
    if header.identity != identity:
        raise SnapshotRefused(f"it is foreign: {_differences(header.identity, identity)}")
    messages = list(_entries(body[start + length :]))
    if len(messages) != header.events + header.withdrawals:
        raise SnapshotRefused(f"it holds {len(messages)} messages instead of {header.events + header.withdrawals}")
    return Snapshot(header, messages)


def restore(snapshot: Snapshot) -> Programme:
    """Make the programme of a snapshot.

    Raises:
        SnapshotRefused: if this release cannot read one of its messages: half a programme is none.

    """
    programme = Programme()
    for kind, key, value in snapshot.messages:
        try:
            taken = programme.publish(value) if kind == PUBLISHED else programme.withdraw(value)
        except (ValueError, msgspec.MsgspecError, RecursionError) as error:
            raise SnapshotRefused(f"this release cannot read {key.decode(errors='replace')}: {error}") from error
        if taken is None or taken.encode() != key:
            raise SnapshotRefused(f"{key.decode(errors='replace')} stands in it twice, or under another's name")
    return programme


def instant(at: datetime) -> str:
    """Write an instant as answers have it: RFC 3339, UTC, whole seconds, none of the last one that is not over."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _messages(inventory: Inventory) -> Iterator[Message]:
    for order in inventory.order:
        yield Message(PUBLISHED, order[-1].encode(), inventory.listings[order[-1]].data)
    for event_id, withdrawal in inventory.withdrawals.items():
        yield Message(WITHDRAWN, event_id.encode(), withdrawal.data)


def _header(written: bytes) -> Header:
    try:
        found = msgspec.json.decode(written, type=_Format).format
        if found != FORMAT:
            raise SnapshotRefused(f"it is of format {found}, and this release reads {FORMAT}")
        return msgspec.json.decode(written, type=Header)
    except msgspec.MsgspecError as error:
        raise SnapshotRefused(f"its header cannot be read: {error}") from error


def _entries(body: memoryview) -> Iterator[Message]:
    place = 0
    while place + _ENTRY.size <= len(body):
        kind, key, value = _ENTRY.unpack_from(body, place)
        place += _ENTRY.size
        yield Message(kind, bytes(body[place : place + key]), bytes(body[place + key : place + key + value]))
        place += key + value


def _differences(found: Identity, ours: Identity) -> str:
    theirs, wanted = msgspec.to_builtins(found), msgspec.to_builtins(ours)
    other = [name for name in wanted if theirs[name] != wanted[name]]
    return ", ".join(f"{name} {theirs[name]!r} instead of {wanted[name]!r}" for name in other)
