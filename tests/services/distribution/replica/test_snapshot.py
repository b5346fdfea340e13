from __future__ import annotations

import struct
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from services.distribution.programme.model import Programme
from services.distribution.replica.snapshot import (
    DIGEST_BYTES,
    MAGIC,
    Identity,
    InvalidSnapshot,
    LogPosition,
    build_programme,
    format_instant,
    pack,
    unpack,
)
from tests.services.distribution.builders import encode, make_message, make_withdrawal

COMPLETE_AT = datetime(2026, 11, 21, 10, tzinfo=UTC)
OURS = Identity(topic="programme.v1", domain="kalendarium.example.org", log="kafka", installation="kalendarium")
READING = LogPosition(
    positions={0: 3, 1: 0},
    checkpoints={0: b"0123456789abcdef"},
    complete_at=COMPLETE_AT,
    last_record_at=None,
    skipped=0,
)
WRITTEN_AT = datetime(2026, 11, 21, 10, 1, tzinfo=UTC)


def packed(programme: Programme, identity: Identity = OURS, reading: LogPosition = READING) -> bytes:
    return b"".join(pack(identity, reading, programme.copy(), WRITTEN_AT))


def small() -> Programme:
    programme = Programme()
    programme.publish(encode(make_message("a", title={"pl": "Żagle"})))
    programme.withdraw(make_withdrawal("b"))
    return programme


def sealed(header: Mapping[str, object], body: bytes = b"") -> bytes:
    """A snapshot as somebody else might have written it, with a checksum that is right."""
    written = msgspec.json.encode(header)
    data = MAGIC + struct.pack(">I", len(written)) + written + body
    return data + blake2b(data, digest_size=DIGEST_BYTES).digest()


event_ids = st.from_regex(r"[a-z0-9-]{1,36}", fullmatch=True)
titles = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)


@given(
    st.dictionaries(event_ids, st.tuples(st.integers(1, 9), st.booleans(), titles)),
    st.dictionaries(st.integers(0, 5), st.tuples(st.integers(0, 2**62), st.binary(min_size=16, max_size=16))),
    st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - the zone is the third
)
def test_what_is_packed_comes_out_again(
    events: dict[str, tuple[int, bool, str]], places: dict[int, tuple[int, bytes]], at: datetime
) -> None:
    programme = Programme()
    for event_id, (revision, public, title) in events.items():
        if public:
            programme.publish(encode(make_message(event_id, revision, title={"pl": title})))
        else:
            programme.withdraw(make_withdrawal(event_id, revision))
    reading = LogPosition(
        positions={number: offset for number, (offset, _) in places.items()},
        checkpoints={number: witness for number, (_, witness) in places.items()},
        complete_at=at,
        last_record_at=at,
        skipped=len(events),
    )

    found = unpack(packed(programme, reading=reading), OURS)
    restored = build_programme(found)

    assert (found.header.position, found.header.written_at) == (reading, WRITTEN_AT)
    assert list(restored) == list(programme)
    assert restored.copy() == programme.copy()
    assert packed(restored, reading=reading) == packed(programme, reading=reading)


def test_a_larger_programme_than_one_piece_comes_out_again() -> None:
    programme = Programme()
    for number in range(250):
        programme.publish(encode(make_message(f"e{number:03d}")))

    assert list(build_programme(unpack(packed(programme), OURS))) == list(programme)


def test_every_truncation_is_refused() -> None:
    whole = packed(small())

    for length in range(len(whole)):
        with pytest.raises(InvalidSnapshot):
            unpack(whole[:length], OURS)


def test_every_flipped_byte_is_refused() -> None:
    whole = packed(small())

    for place in range(len(whole)):
        with pytest.raises(InvalidSnapshot):
            unpack(whole[:place] + bytes([whole[place] ^ 0x20]) + whole[place + 1 :], OURS)


def test_bytes_after_the_end_are_refused() -> None:
    with pytest.raises(InvalidSnapshot, match="checksum"):
        unpack(packed(small()) + b"\0", OURS)


@pytest.mark.parametrize(
    ("field", "value"),
    [("topic", "programme.v2"), ("domain", "other.example.org"), ("log", "mongodb"), ("installation", "test")],
)
def test_a_foreign_one_is_refused_and_said_to_be(field: str, value: str) -> None:
    foreign = msgspec.structs.replace(OURS, **{field: value})

    with pytest.raises(InvalidSnapshot, match=f"it is foreign: {field} '{value}' instead of"):
        unpack(packed(small(), foreign), OURS)


def test_one_of_another_format_is_refused() -> None:
    with pytest.raises(InvalidSnapshot, match="it is of format 2, and this release reads 1"):
        unpack(sealed({"format": 2, "more": True}), OURS)


@pytest.mark.parametrize("header", [{}, {"format": 1}, {"format": "1"}])
def test_a_header_that_says_too_little_is_refused(header: dict[str, object]) -> None:
    with pytest.raises(InvalidSnapshot, match="its header cannot be read"):
        unpack(sealed(header), OURS)


@pytest.mark.parametrize("rest", [b"P", b"P\0\0\0\1\0\0\0\1a", b"P\xff\xff\xff\xff\xff\xff\xff\xff"])
def test_one_with_a_right_checksum_and_senseless_messages_is_refused(rest: bytes) -> None:
    whole = packed(small())
    (length,) = struct.unpack_from(">I", whole, len(MAGIC))
    header = msgspec.json.decode(whole[len(MAGIC) + 4 : len(MAGIC) + 4 + length])

    with pytest.raises(InvalidSnapshot):
        build_programme(unpack(sealed(header, rest), OURS))


def test_one_with_a_message_that_this_release_cannot_read_is_refused_as_a_whole() -> None:
    programme = small()
    listing = programme.get("a")
    assert listing is not None
    inventory = programme.copy()
    broken = inventory._replace(events={"a": msgspec.structs.replace(listing, data=b'{"event_id": "a"}')})

    with pytest.raises(InvalidSnapshot, match="this release cannot read a: "):
        build_programme(unpack(b"".join(pack(OURS, READING, broken, WRITTEN_AT)), OURS))


def test_an_instant_is_never_later_than_it_was() -> None:
    assert format_instant(datetime(2026, 11, 21, 10, 0, 59, 999_999, tzinfo=UTC)) == "2026-11-21T10:00:59Z"


def test_a_programme_that_becomes_another_forgets_what_that_does_not_know_and_no_revision_goes_down() -> None:
    shown, other = Programme(), Programme()
    for event_id, revision in (("gone", 1), ("same", 2), ("ahead", 5), ("behind", 1)):
        shown.publish(encode(make_message(event_id, revision)))
    shown.withdraw(make_withdrawal("taken-back", 4))
    for event_id, revision in (("same", 2), ("ahead", 3), ("behind", 6), ("taken-back", 3), ("new", 1)):
        other.publish(encode(make_message(event_id, revision)))
    other.withdraw(make_withdrawal("never-here", 1))

    changed = shown.replace_with(other)

    assert {listing.id: listing.revision for listing in shown} == {"same": 2, "ahead": 5, "behind": 6, "new": 1}
    assert sorted(changed) == ["behind", "gone", "never-here", "new"]
    assert (shown.is_withdrawn("taken-back"), shown.is_withdrawn("never-here"), shown.is_withdrawn("gone")) == (
        True,
        True,
        False,
    )
    assert [listing.sort_key for listing in shown] == sorted(listing.sort_key for listing in shown)


def test_a_programme_that_becomes_the_same_has_not_changed() -> None:
    shown, other = small(), small()

    assert shown.replace_with(other) == []


@pytest.mark.parametrize(
    ("last_record_at", "read_at"),
    [
        (None, COMPLETE_AT),
        (COMPLETE_AT, COMPLETE_AT + timedelta(seconds=1)),
        (COMPLETE_AT - timedelta(hours=1), COMPLETE_AT),
    ],
)
def test_what_was_written_down_after_a_snapshot_makes_it_younger(
    last_record_at: datetime | None, read_at: datetime
) -> None:
    reading = replace(READING, last_record_at=last_record_at)

    assert reading.covered_until == read_at
