from __future__ import annotations

import gc
import tracemalloc

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.distribution.programme.indexed_event import decode
from services.distribution.programme.model import Programme
from tests.services.distribution.builders import encode, make_message, make_programme, make_timed, make_withdrawal

Step = tuple[str, int, bool]


def test_a_published_event_is_listed_with_what_selecting_needs() -> None:
    programme = make_programme([make_message("a", also=["family"], channels=["pot-berlin"])])

    listing = programme.get("a")

    assert listing is not None
    assert (listing.first_day, listing.last_day, listing.county) == ("2027-08-14", "2027-08-16", "3262")
    assert listing.categories == ("maritime", "family")
    assert listing.channels == ("pot-berlin",)
    assert decode(listing) == make_message("a", also=["family"], channels=["pot-berlin"])


def test_an_older_or_repeated_revision_changes_nothing() -> None:
    programme = make_programme([make_message("a", 3)])

    changed = [programme.publish(encode(make_message("a", revision, title={"pl": "stary"}))) for revision in (3, 2)]

    assert changed == [None, None]
    assert [listing.revision for listing in programme] == [3]


def test_a_withdrawn_event_is_gone_and_remembered() -> None:
    programme = make_programme([make_message("a", 1)])

    assert programme.withdraw(make_withdrawal("a", 2)) == "a"
    assert (len(programme), programme.is_withdrawn("a")) == (0, True)
    assert programme.publish(encode(make_message("a", 1))) is None


def test_an_event_accepted_again_after_its_withdrawal_is_back() -> None:
    programme = make_programme([make_message("a", 1)])
    programme.withdraw(make_withdrawal("a", 2))

    assert programme.publish(encode(make_message("a", 3))) == "a"
    assert (len(programme), programme.is_withdrawn("a")) == (1, False)


def test_the_order_is_start_end_polish_title_organisation_external_id() -> None:
    def days(start: str, end: str) -> dict[str, str]:
        return {"certainty": "exact", "start": start, "end": end}

    messages = [
        make_message("f", dates=days("2027-08-15", "2027-08-15")),
        make_message("e", dates=days("2027-08-14T18:00", "2027-08-14T20:00")),
        make_message("d", title={"pl": "B"}, external_id="2"),
        make_message("c", title={"pl": "B"}, external_id="1"),
        make_message("b", title={"pl": "A"}),
        make_message("a", dates=days("2027-08-14", "2027-08-15"), title={"pl": "Z"}),
    ]

    assert [listing.id for listing in make_programme(messages)] == ["a", "b", "c", "d", "e", "f"]


@pytest.mark.parametrize(
    ("end", "last"),
    [("2027-08-15T00:00", "2027-08-14"), ("2027-08-15T00:01", "2027-08-15"), ("2027-08-14T18:00", "2027-08-14")],
)
def test_what_ends_at_midnight_does_not_touch_the_next_day(end: str, last: str) -> None:
    dates = {"certainty": "exact", "start": "2027-08-14T18:00", "end": end}

    assert [listing.last_day for listing in make_programme([make_message(dates=dates)])] == [last]


@given(st.permutations([(event, revision, kind) for event in "ab" for revision, kind in ((1, 1), (2, 0), (3, 1))]))
def test_any_order_of_messages_ends_in_the_same_programme(steps: list[tuple[str, int, int]]) -> None:
    programme = Programme()
    for event, revision, published in [*steps, *steps[:3]]:
        if published:
            programme.publish(encode(make_message(event, revision)))
        else:
            programme.withdraw(make_withdrawal(event, revision))

    assert [(listing.id, listing.revision) for listing in programme] == [("a", 3), ("b", 3)]


WITHOUT_ZONE = encode(make_message(changed_at="2026-11-02T10:00:00"))


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"null", b'{"event_id": 1}', encode(make_message())[:-2], b"\xff", WITHOUT_ZONE]
)
def test_what_is_no_message_is_refused_and_changes_nothing(data: bytes) -> None:
    programme = Programme()

    with pytest.raises((msgspec.MsgspecError, ValueError)):
        programme.publish(data)

    assert len(programme) == 0


def test_an_event_takes_less_than_six_kilobytes() -> None:
    """Before any format is rendered."""
    text = "Żaglowce, koncerty i pokazy na Wałach Chrobrego. " * 8
    data = [
        encode(make_message(f"0198-{number:08}", description={"pl": text, "de": text}, title={"pl": f"Żagle {number}"}))
        for number in range(2_000)
    ]
    gc.collect()
    tracemalloc.start()
    programme = Programme()
    for message in data:
        programme.publish(bytes(bytearray(message)))  # its own bytes, as they come from the log
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert kept / len(programme) < 6_000


@given(st.lists(st.tuples(st.integers(0, 150), st.integers(1, 12), st.booleans(), st.booleans()), max_size=200))
def test_whenever_somebody_looks_all_events_stand_in_order(steps: list[tuple[int, int, bool, bool]]) -> None:
    """However many came since the last look, by which the programme chooses how to sort them in."""
    programme, public = Programme(), dict[str, str]()
    for revision, (number, month, is_public, look) in enumerate(steps, start=1):
        if is_public:
            public[f"e{number}"] = day = f"2027-{month:02}-01"
            programme.publish(encode(msgspec.structs.replace(make_timed(f"e{number}", day, day), revision=revision)))
        else:
            programme.withdraw(make_withdrawal(f"e{number}", revision))
            public.pop(f"e{number}", None)
        if look:
            assert [each.id for each in programme] == sorted(public, key=lambda event: (public[event], event))
    assert [each.id for each in programme] == sorted(public, key=lambda event: (public[event], event))
