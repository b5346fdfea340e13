"""How far behind a consumer says it is: exact where records are known, and never hopeful where they are not."""

from __future__ import annotations

from shared.eventlog.port import Partition, Record
from shared.eventlog.watermark import FRESH_SECONDS, Watermark

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


def mark() -> tuple[Watermark, Clock]:
    clock = Clock()
    return Watermark([TOPIC], clock), clock


def test_a_consumer_that_was_never_told_counts_from_its_start() -> None:
    watermark, clock = mark()
    clock.at += 7

    assert (watermark.records(), watermark.seconds()) == (None, {TOPIC: 7.0})


def test_a_consumer_with_nothing_to_do_is_not_behind() -> None:
    watermark, clock = mark()
    watermark.asked({ONE: 0, TWO: 0}, clock.at)
    clock.at += 4

    assert (watermark.records(), watermark.seconds()) == ({TOPIC: 0.0}, {TOPIC: 0.0})


def test_records_that_wait_count_from_the_last_time_there_were_none() -> None:
    watermark, clock = mark()
    watermark.asked({ONE: 0, TWO: 0}, clock.at)
    clock.at += 5
    watermark.asked({ONE: 3, TWO: 0}, clock.at)
    clock.at += 5
    watermark.asked({ONE: 3, TWO: 0}, clock.at)

    assert (watermark.records(), watermark.seconds()) == ({TOPIC: 3.0}, {TOPIC: 10.0})


def test_a_record_in_hand_counts_from_when_it_was_written_also_before_our_start() -> None:
    watermark, clock = mark()
    old = record(ONE, 5, BEGUN - 3600)
    watermark.handed_out([old])
    watermark.asked({ONE: 0}, clock.at)

    assert watermark.seconds() == {TOPIC: 3600.0}

    watermark.handled(old)
    watermark.let_go(ONE)
    watermark.asked({ONE: 0}, clock.at)

    assert watermark.seconds() == {TOPIC: 0.0}


def test_a_steady_stream_that_is_kept_up_with_is_not_standing_still() -> None:
    watermark, clock = mark()
    watermark.asked({ONE: 0}, clock.at)
    for offset in range(100):
        clock.at += 5
        latest = record(ONE, offset, clock.at - 1)
        watermark.handed_out([latest])
        watermark.handled(latest)
        watermark.let_go(ONE)
        watermark.asked({ONE: 2}, clock.at)

    assert watermark.seconds() == {TOPIC: 1.0}


def test_a_log_that_does_not_answer_counts_as_being_behind_ever_since() -> None:
    watermark, clock = mark()
    watermark.asked({ONE: 0}, clock.at)
    clock.at += FRESH_SECONDS + 100

    assert (watermark.records(), watermark.seconds()) == (None, {TOPIC: FRESH_SECONDS + 100})


def test_what_another_member_has_now_is_not_counted() -> None:
    watermark, clock = mark()
    watermark.asked({ONE: 9, TWO: 0}, clock.at)
    watermark.begin_anew()
    clock.at += 3
    watermark.asked({TWO: 0}, clock.at)

    assert (watermark.records(), watermark.seconds()) == ({TOPIC: 0.0}, {TOPIC: 0.0})


def test_what_another_member_has_is_not_counted_either_when_the_log_is_away() -> None:
    watermark, clock = mark()
    watermark.asked({ONE: 0, TWO: 0}, clock.at)
    watermark.begin_anew()
    clock.at += 86_400
    watermark.asked({TWO: 0}, clock.at)
    clock.at += FRESH_SECONDS

    assert watermark.seconds() == {TOPIC: FRESH_SECONDS}


def test_a_partition_that_comes_back_counts_from_then_and_from_its_first_record() -> None:
    watermark, clock = mark()
    watermark.asked({ONE: 0, TWO: 0}, clock.at)
    watermark.begin_anew()
    watermark.asked({TWO: 0}, clock.at)
    watermark.begin_anew()
    clock.at += 86_400
    watermark.asked({ONE: 1, TWO: 0}, clock.at)
    clock.at += 3

    assert watermark.seconds() == {TOPIC: 3.0}

    watermark.handed_out([record(ONE, 5, clock.at - 60)])

    assert watermark.seconds() == {TOPIC: 60.0}
