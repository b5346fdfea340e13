from __future__ import annotations

import pytest

from shared.eventlog.consumer.partition import CrashRecord, PartitionState, PartitionStates, Retry
from shared.eventlog.port import LogUnavailable, Partition, Record

HERE = Partition("programme.v1", 0)
THERE = Partition("programme.v1", 1)
AWAY = Retry(LogUnavailable(), bug=False)
BUG = Retry(ValueError(), bug=True)


@pytest.fixture
def states() -> PartitionStates:
    return PartitionStates()


def fail(state: PartitionState, offset: int, retry: Retry, *, now: float = 0) -> float:
    return state.schedule_retry(offset, retry, now=now, first=0.5, longest=60)


def record(offset: int) -> Record:
    return Record(HERE, offset, 0, b"e1", b"{}", ())


def test_waits_double_up_to_the_longest(states: PartitionStates) -> None:
    waits = [fail(states[HERE], 7, AWAY) for _ in range(9)]

    assert waits == [0.5, 1, 2, 4, 8, 16, 32, 60, 60]


def test_the_wait_of_another_record_starts_again(states: PartitionStates) -> None:
    fail(states[HERE], 7, AWAY)
    fail(states[HERE], 7, AWAY)

    assert fail(states[HERE], 8, AWAY) == 0.5


def test_a_wait_that_is_over_is_given_once(states: PartitionStates) -> None:
    fail(states[HERE], 7, AWAY, now=10)
    fail(states[THERE], 7, AWAY, now=11)

    assert (states.resume_due(10.4), states.resume_due(10.5), states.resume_due(10.6)) == ([], [HERE], [])
    assert (states.waiting, states.find_next_due(), states[THERE].retry_due) == (1, 11.5, 11.5)


def test_only_bugs_count_as_bugs(states: PartitionStates) -> None:
    for retry in (BUG, AWAY, BUG):
        fail(states[HERE], 7, retry)

    assert (states[HERE].count_bugs(7), states[HERE].count_bugs(8), states[THERE].count_bugs(7)) == (2, 0, 0)
    assert states.most_tries == 3


def test_a_retry_is_over_once_its_record_is_done(states: PartitionStates) -> None:
    fail(states[HERE], 7, BUG)
    states[HERE].finish(record(6))
    assert states.most_tries == 1

    states[HERE].finish(record(7))

    assert (states.most_tries, states.waiting) == (0, 0)


def test_a_very_long_outage_does_not_overflow(states: PartitionStates) -> None:
    for _ in range(5000):
        wait = fail(states[HERE], 7, AWAY)

    assert wait == 60


def test_what_is_done_is_committed_once(states: PartitionStates) -> None:
    states[THERE].start([record(0)])
    for offset in (3, 4):
        states[HERE].finish(record(offset))

    assert states.list_uncommitted() == {HERE: 5}
    states.mark_committed()
    assert states.list_uncommitted() == {}


def test_a_new_assignment_forgets_offsets_retries_and_crashes_and_what_was_in_flight(states: PartitionStates) -> None:
    state = states[HERE]
    state.start([record(3)])
    state.finish(record(3))
    fail(state, 4, BUG)
    state.crash_record = CrashRecord(until=9)
    state.lag = 5

    states.reset()

    assert states[HERE] == PartitionState(handled_until=0.0, lag=5)
