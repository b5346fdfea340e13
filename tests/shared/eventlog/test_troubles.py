from __future__ import annotations

import pytest

from shared.eventlog.handling import TryAgain
from shared.eventlog.port import LogAway, Partition
from shared.eventlog.troubles import Troubles

HERE = Partition("programme.v1", 0)
THERE = Partition("programme.v1", 1)
AWAY = TryAgain(LogAway(), bug=False)
BUG = TryAgain(ValueError(), bug=True)


@pytest.fixture
def troubles() -> Troubles:
    return Troubles(first_wait=0.5, longest_wait=60)


def test_waits_double_up_to_the_longest(troubles: Troubles) -> None:
    waits = [troubles.add(HERE, 7, AWAY, now=0) for _ in range(9)]

    assert waits == [0.5, 1, 2, 4, 8, 16, 32, 60, 60]


def test_the_wait_of_another_record_begins_anew(troubles: Troubles) -> None:
    troubles.add(HERE, 7, AWAY, now=0)
    troubles.add(HERE, 7, AWAY, now=0)

    assert troubles.add(HERE, 8, AWAY, now=0) == 0.5


def test_a_wait_that_is_over_is_given_once(troubles: Troubles) -> None:
    troubles.add(HERE, 7, AWAY, now=10)
    troubles.add(THERE, 7, AWAY, now=11)

    assert (troubles.take_due(10.4), troubles.take_due(10.5), troubles.take_due(10.6)) == ([], [HERE], [])
    assert (troubles.waiting, troubles.next_due()) == (frozenset({THERE}), 11.5)


def test_only_bugs_count_as_bugs(troubles: Troubles) -> None:
    for again in (BUG, AWAY, BUG):
        troubles.add(HERE, 7, again, now=0)

    assert (troubles.bugs(HERE, 7), troubles.bugs(HERE, 8), troubles.bugs(THERE, 7)) == (2, 0, 0)
    assert troubles.most_tries == 3


def test_a_trouble_is_over_once_its_record_is_done(troubles: Troubles) -> None:
    troubles.add(HERE, 7, BUG, now=0)
    troubles.past(HERE, 6)
    assert troubles.most_tries == 1

    troubles.past(HERE, 7)

    assert (troubles.most_tries, troubles.waiting) == (0, frozenset())


def test_a_very_long_outage_does_not_overflow(troubles: Troubles) -> None:
    for _ in range(5000):
        wait = troubles.add(HERE, 7, AWAY, now=0)

    assert wait == 60
