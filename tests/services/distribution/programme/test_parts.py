"""Parts of an umbrella event: the same whatever the order in which messages come."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from services.distribution.programme.model import Programme
from tests.services.distribution.builders import encode, make_message, make_withdrawal

IDS = ("a", "b", "c")
PARENTS = (None, "f", "g", "a")
MESSAGES = st.lists(
    st.tuples(st.sampled_from(IDS), st.integers(1, 9), st.sampled_from((*PARENTS, "withdrawn"))), max_size=12
)


def read(told: list[tuple[str, int, str | None]]) -> Programme:
    programme = Programme()
    for event_id, revision, parent in told:
        if parent == "withdrawn":
            programme.withdraw(make_withdrawal(event_id, revision))
        else:
            fields = {"part_of": parent} if parent else {}
            programme.publish(encode(make_message(event_id, revision, **fields)))
    return programme


def list_all(programme: Programme) -> dict[str, list[str]]:
    return {name: [each.id for each in programme.list_parts(name)] for name in (*IDS, "f", "g")}


@given(MESSAGES, st.randoms())
def test_parts_are_those_of_the_last_revisions(told: list[tuple[str, int, str | None]], order: random.Random) -> None:
    # Of one revision there is one content.
    told = list({(event_id, revision): (event_id, revision, parent) for event_id, revision, parent in told}.values())
    last = {event_id: parent for event_id, _revision, parent in sorted(told, key=lambda each: each[1])}
    expected = {
        name: sorted(each for each, parent in last.items() if parent == name and each != name)
        for name in (*IDS, "f", "g")
    }

    order.shuffle(told)
    programme = read(told + told[:3])
    other = Programme()
    other.replace_with(read(told))

    assert list_all(programme) == list_all(other) == expected


def test_parts_stand_in_the_order_of_the_programme_and_one_set_aside_is_missing() -> None:
    days = {"a": "2027-08-16", "b": "2027-08-14", "c": "2027-08-15"}
    programme = Programme()
    for event_id, day in days.items():
        dates = {"certainty": "exact", "start": day, "end": day}
        programme.publish(encode(make_message(event_id, dates=dates, part_of="f")))

    before = [each.id for each in programme.list_parts("f")]
    programme.set_aside("c")

    assert (before, [each.id for each in programme.list_parts("f")]) == (["b", "c", "a"], ["b", "a"])
