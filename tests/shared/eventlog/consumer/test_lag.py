"""How far behind a consumer says it is: exact where records are known, and never hopeful where they are not."""

from __future__ import annotations

import pytest

from shared.eventlog.consumer.lag import FRESH_SECONDS, LagTracker
from shared.eventlog.consumer.partition import PartitionStates
from shared.eventlog.port import Partition, Record

TOPIC = "programme.v1"
ONE, TWO = Partition(TOPIC, 0), Partition(TOPIC, 1)
BEGUN = 1_000_000.0


class Clock:
    def __init__(self) -> None:
        self.at = BEGUN

    def __call__(self) -> float:
        return self.at


def record(partition: Partition, offset: int, written: float) -> Record:
    return Record(partition, offset, round(written * 1000), b"e1", b"{}", ())


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def states() -> PartitionStates:
    return PartitionStates()


@pytest.fixture
def lag(states: PartitionStates, clock: Clock) -> LagTracker:
    return LagTracker(states, [TOPIC], clock)


def reassign(lag: LagTracker, states: PartitionStates) -> None:
    states.reset()
    lag.reset()


def test_a_consumer_that_was_never_told_counts_from_its_start(lag: LagTracker, clock: Clock) -> None:
    clock.at += 7

    assert (lag.get_records(), lag.get_seconds()) == (None, {TOPIC: 7.0})


def test_a_consumer_with_nothing_to_do_is_not_behind(lag: LagTracker, clock: Clock) -> None:
    lag.observe({ONE: 0, TWO: 0}, clock.at)
    clock.at += 4

    assert (lag.get_records(), lag.get_seconds()) == ({TOPIC: 0.0}, {TOPIC: 0.0})


def test_records_that_wait_count_from_the_last_time_there_were_none(lag: LagTracker, clock: Clock) -> None:
    lag.observe({ONE: 0, TWO: 0}, clock.at)
    clock.at += 5
    lag.observe({ONE: 3, TWO: 0}, clock.at)
    clock.at += 5
    lag.observe({ONE: 3, TWO: 0}, clock.at)

    assert (lag.get_records(), lag.get_seconds()) == ({TOPIC: 3.0}, {TOPIC: 10.0})


def test_a_record_in_hand_counts_from_when_it_was_written_also_before_our_start(
    lag: LagTracker, states: PartitionStates, clock: Clock
) -> None:
    old = record(ONE, 5, BEGUN - 3600)
    states[ONE].start([old])
    lag.observe({ONE: 0}, clock.at)

    assert lag.get_seconds() == {TOPIC: 3600.0}

    states[ONE].finish(old)
    states[ONE].release()
    lag.observe({ONE: 0}, clock.at)

    assert lag.get_seconds() == {TOPIC: 0.0}


def test_a_steady_stream_that_is_kept_up_with_is_not_standing_still(
    lag: LagTracker, states: PartitionStates, clock: Clock
) -> None:
    lag.observe({ONE: 0}, clock.at)
    for offset in range(100):
        clock.at += 5
        latest = record(ONE, offset, clock.at - 1)
        states[ONE].start([latest])
        states[ONE].finish(latest)
        states[ONE].release()
        lag.observe({ONE: 2}, clock.at)

    assert lag.get_seconds() == {TOPIC: 1.0}


def test_a_log_that_does_not_answer_counts_as_being_behind_ever_since(lag: LagTracker, clock: Clock) -> None:
    lag.observe({ONE: 0}, clock.at)
    clock.at += FRESH_SECONDS + 100

    assert (lag.get_records(), lag.get_seconds()) == (None, {TOPIC: FRESH_SECONDS + 100})


def test_what_another_member_has_now_is_not_counted(lag: LagTracker, states: PartitionStates, clock: Clock) -> None:
    lag.observe({ONE: 9, TWO: 0}, clock.at)
    reassign(lag, states)
    clock.at += 3
    lag.observe({TWO: 0}, clock.at)

    assert (lag.get_records(), lag.get_seconds()) == ({TOPIC: 0.0}, {TOPIC: 0.0})


def test_what_another_member_has_is_not_counted_either_when_the_log_is_away(
    lag: LagTracker, states: PartitionStates, clock: Clock
) -> None:
    lag.observe({ONE: 0, TWO: 0}, clock.at)
    reassign(lag, states)
    clock.at += 86_400
    lag.observe({TWO: 0}, clock.at)
    clock.at += FRESH_SECONDS

    assert lag.get_seconds() == {TOPIC: FRESH_SECONDS}


def test_a_partition_that_comes_back_counts_from_then_and_from_its_first_record(
    lag: LagTracker, states: PartitionStates, clock: Clock
) -> None:
    lag.observe({ONE: 0, TWO: 0}, clock.at)
    reassign(lag, states)
    lag.observe({TWO: 0}, clock.at)
    reassign(lag, states)
    clock.at += 86_400
    lag.observe({ONE: 1, TWO: 0}, clock.at)
    clock.at += 3

    assert lag.get_seconds() == {TOPIC: 3.0}

    states[ONE].start([record(ONE, 5, clock.at - 60)])

    assert lag.get_seconds() == {TOPIC: 60.0}
