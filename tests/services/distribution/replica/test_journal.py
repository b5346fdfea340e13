from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.distribution.replica.journal import (
    Journal,
    JournalEntry,
    iterate_after,
    pack_header,
    pack_records,
    unpack,
)
from services.distribution.replica.journal_store import MAX_BYTES, JournalStore
from services.distribution.replica.snapshot import Identity
from shared.eventlog.port import Partition, Record

OURS = Identity(topic="programme.v1", domain="kalendarium.example.org", log="kafka", installation="kalendarium")
OTHERS = msgspec.structs.replace(OURS, domain="events.example.org")
nothing_or_bytes = st.none() | st.binary(max_size=40)
records = st.builds(
    lambda number, offset, at, key, value, kind: Record(
        Partition(OURS.topic, number), offset, at, key, value, [("ce_type", kind)]
    ),
    st.integers(0, 5),
    st.integers(0, 2**62),
    st.integers(0, 2**53),
    nothing_or_bytes,
    nothing_or_bytes,
    nothing_or_bytes,
)


Make = Callable[[Path], JournalStore]


@pytest.fixture
def make() -> Iterator[Make]:
    """Make journals, and end them as a process does that is not killed."""
    made: list[JournalStore] = []

    def one(folder: Path) -> JournalStore:
        made.append(JournalStore(folder, OURS))
        return made[-1]

    yield one
    for each in made:
        each.end()


def record(offset: int, number: int = 0, value: bytes = b"{}") -> Record:
    headers = [("ce_id", b"1"), ("ce_type", b"published")]
    return Record(Partition(OURS.topic, number), offset, 1_763_719_200_000, b"a", value, headers)


def journal(positions: dict[int, int], *offsets: int) -> Journal:
    found = unpack(pack_header(OURS, positions) + pack_records([record(each) for each in offsets]), OURS)
    assert found
    return found


def followed(journals: list[Journal], positions: dict[int, int]) -> list[int]:
    return [entry.offset for entry in iterate_after(journals, positions)]


@given(st.lists(records, max_size=8), st.dictionaries(st.integers(0, 5), st.integers(0, 2**62)))
def test_what_is_written_comes_out_again(written: list[Record], positions: dict[int, int]) -> None:
    found = unpack(pack_header(OURS, positions) + pack_records(written), OURS)

    assert found
    assert found.header.positions == positions
    assert [entry.to_record(OURS.topic) for entry in found.entries] == written


@given(st.lists(records, min_size=1, max_size=5), st.data())
def test_of_a_journal_that_is_cut_off_or_damaged_the_beginning_is_believed_and_nothing_else(
    written: list[Record], data: st.DataObject
) -> None:
    head, whole = pack_header(OURS, {}), [pack_records([each]) for each in written]
    packed = head + b"".join(whole)
    place = data.draw(st.integers(len(head), len(packed) - 1))
    damaged = bytearray(packed)
    damaged[place] ^= data.draw(st.integers(1, 255))
    untouched, end = 0, len(head)
    while untouched < len(whole) and end + len(whole[untouched]) <= place:
        end += len(whole[untouched])
        untouched += 1

    for broken in (packed[:place], bytes(damaged)):
        found = unpack(broken, OURS)
        assert found
        assert [entry.to_record(OURS.topic) for entry in found.entries] == written[:untouched]


def test_a_journal_of_another_programme_or_release_and_one_without_a_whole_beginning_are_none() -> None:
    packed = pack_header(OURS, {0: 1})

    assert unpack(packed, OURS)
    assert unpack(packed, OTHERS) is None
    assert unpack(packed[:-1], OURS) is None
    assert unpack(b"", OURS) is None


def test_journals_are_followed_from_where_the_snapshot_ends() -> None:
    assert followed([journal({0: 3}, 3, 4, 7), journal({0: 8}, 8)], {0: 4}) == [4, 7, 8]


def test_what_two_journals_hold_comes_once() -> None:
    """A process that is ending may still write while the next one has begun."""
    assert followed([journal({0: 3}, 3, 4), journal({0: 4}, 4, 5)], {0: 3}) == [3, 4, 5]


def test_where_something_is_missing_nothing_more_is_followed() -> None:
    assert followed([journal({0: 3}, 3), journal({0: 6}, 6), journal({0: 3}, 4)], {0: 3}) == [3]
    assert followed([journal({1: 2}, 3)], {0: 9}) == []


@given(st.lists(st.integers(1, 6), max_size=6), st.integers(0, 20))
def test_whatever_was_lost_no_record_is_left_out_between_two_that_are_followed(lengths: list[int], lost: int) -> None:
    """Each journal begins where the one before ends; one of them is gone."""
    journals, at = [], 5
    for length in lengths:
        journals.append(journal({0: at}, *range(at, at + length)))
        at += length
    left = [each for place, each in enumerate(journals) if place != lost]

    found = followed(left, {0: 5})

    assert found == list(range(5, 5 + len(found)))


def test_files_follow_each_other_and_those_before_a_snapshot_go(make: Make, tmp_path: Path) -> None:
    file = make(tmp_path / "made")
    file.begin({0: 0})
    file.add([record(0), record(1)])
    number = file.begin({0: 2})
    file.add([record(2)])

    assert [len(each.entries) for each in make(tmp_path / "made").read()] == [2, 1]
    file.remove_before(number)
    assert [each.header.positions for each in file.read()] == [{0: 2}]


def test_two_processes_on_one_folder_never_write_the_same_file(make: Make, tmp_path: Path) -> None:
    one, other = make(tmp_path), make(tmp_path)

    assert one.begin({}) != other.begin({})
    one.add([record(0)])
    other.add([record(1)])

    assert [each.entries[0].offset for each in one.read()] == [0, 1]


def test_without_a_beginning_and_after_an_end_nothing_is_written(make: Make, tmp_path: Path) -> None:
    file = make(tmp_path)
    file.add([record(0)])
    assert file.read() == []

    file.begin({})
    file.end()
    file.add([record(0)])

    assert [each.entries for each in file.read()] == [[]]
    assert file.failure is None


def test_on_a_full_disk_the_journal_ends_and_what_is_whole_of_it_is_found(make: Make, tmp_path: Path) -> None:
    file = make(tmp_path)
    file.begin({0: 0})
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, hard))  # what is printed here is a file too
    try:
        for offset in range(20):
            file.add([record(offset, value=400_000 * b"a")])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    (found,) = make(tmp_path).read()
    assert file.failure is not None
    assert [each.offset for each in found.entries] == [0, 1, 2]


def test_a_folder_that_may_not_be_made_ends_it_and_a_later_beginning_heals_it(make: Make, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    file = make(tmp_path / "file")
    file.begin({})
    file.add([record(0)])
    assert file.failure

    (tmp_path / "file").unlink()
    file.begin({})

    assert file.failure is None


def test_a_journal_does_not_grow_for_ever(make: Make, tmp_path: Path) -> None:
    file = make(tmp_path)
    file.begin({})
    large = msgspec.structs.replace(record(0), value=b"x" * (MAX_BYTES // 4))
    for _ in range(6):
        file.add([large])

    assert "no snapshot follows" in (file.failure or "")


def test_an_entry_keeps_of_the_headers_what_the_programme_looks_at() -> None:
    (entry,) = journal({}, 4).entries

    assert entry == JournalEntry(0, 4, 1_763_719_200_000, b"a", b"{}", b"published")


@pytest.mark.parametrize("name", ["programme.x.journal", "programme..journal", "other.3.journal"])
def test_other_files_are_left_alone(name: str, make: Make, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"mine")
    file = make(tmp_path)
    file.remove_before(file.begin({}))

    assert (tmp_path / name).read_bytes() == b"mine"
    assert len(file.read()) == 1
