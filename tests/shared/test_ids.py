"""Ids as RFC 9562 has them."""

from __future__ import annotations

import time
import uuid
from itertools import pairwise

from shared.ids import new_id


def test_an_id_is_a_uuid_of_version_7_in_its_usual_text() -> None:
    made = [new_id() for _ in range(1_000)]

    read = [uuid.UUID(each) for each in made]
    assert [str(each) for each in read] == made
    assert {(each.version, each.variant) for each in read} == {(7, uuid.RFC_4122)}


def test_ids_rise_however_many_are_made_at_once() -> None:
    made = [new_id() for _ in range(10_000)]

    assert all(one < next_one for one, next_one in pairwise(made))


def test_an_id_tells_the_time_at_which_it_was_made() -> None:
    before = time.time_ns() // 1_000_000
    made = [new_id() for _ in range(10_000)]
    after = time.time_ns() // 1_000_000

    times = [uuid.UUID(each).int >> 80 for each in made]
    assert before <= min(times)
    assert max(times) <= after + 1
