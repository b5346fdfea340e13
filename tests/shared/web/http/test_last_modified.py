from __future__ import annotations

from dataclasses import dataclass, field
from math import floor

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.web.http.last_modified import LAG, LastModified, date_version, settle_version

START = 1_793_613_600.0
STEPS = st.floats(0, 3, allow_nan=False) | st.sampled_from((0.0, 0.001, 0.4, 0.999, 1.0, 1.001, 2.0))


@dataclass
class Replica:
    """One that makes each version some time after it was accepted, and settles it when it looks."""

    now: float
    number: int = 0
    version: LastModified = field(init=False)

    def __post_init__(self) -> None:
        self.version = date_version(self.now)

    def make(self, number: int, now: float) -> None:
        self.number, self.version = number, date_version(now, self.version)

    def answer(self, now: float) -> int:
        """Settle what may be, and give the date that an answer carries."""
        self.version = settle_version(self.version, now)
        return self.version.sent


ACTS = st.lists(st.tuples(st.sampled_from(("make", "fetch", "settle")), STEPS), max_size=40)


@settings(max_examples=500)
@given(acts=ACTS)
def test_a_date_that_was_sent_never_holds_a_later_version(acts: list[tuple[str, float]]) -> None:
    now, replica = START, Replica(START)
    held: list[tuple[int, int]] = []
    for act, passed in acts:
        now += passed
        if act == "make":
            replica.make(replica.number + 1, now)
        elif act == "fetch":
            held.append((replica.number, replica.answer(now)))
            assert held[-1][1] <= now
        assert [number for number, date in held if replica.version.is_held(date) and number != replica.number] == []
    assert [date for _, date in held] == sorted(date for _, date in held)


@settings(max_examples=500)
@given(acts=ACTS)
def test_the_moment_of_a_clients_own_fetch_never_holds_a_later_version(acts: list[tuple[str, float]]) -> None:
    now, replica = START, Replica(START)
    held: list[tuple[int, int]] = []
    for act, passed in acts:
        now += passed
        if act == "make":
            replica.make(replica.number + 1, now)
        else:
            held.append((replica.number, floor(now)))
        assert [number for number, date in held if replica.version.is_held(date) and number < replica.number] == []


@settings(max_examples=500)
@given(acts=ACTS, lags=st.lists(st.floats(-0.49, 0.49), min_size=40, max_size=40))
def test_no_replica_takes_the_date_of_another_for_a_version_that_came_later(
    acts: list[tuple[str, float]], lags: list[float]
) -> None:
    """Two replicas make every version less than :data:`LAG` apart, and clients go from one to the other."""
    made: list[tuple[float, int]] = []
    fetches: list[float] = []
    now = START + 1
    for act, passed in acts:
        now += passed
        if act == "make":
            made.append((now, len(made) + 1))
        else:
            fetches.append(now)
    histories = [
        sorted([(at + sign * lag, number) for (at, number), lag in zip(made, lags, strict=False)]) for sign in (-1, 1)
    ]
    held = [_fetched(history, fetches) for history in histories]
    for history, other in ((histories[0], held[1]), (histories[1], held[0])):
        replica = Replica(START)
        newest = 0
        for at, number in history:
            newest = max(newest, number)
            replica.make(newest, at)
            found = [date for theirs, date in other if replica.version.is_held(date) and theirs < newest]
            assert found == []


def _fetched(history: list[tuple[float, int]], fetches: list[float]) -> list[tuple[int, int]]:
    """What a client was given at some moments: the number of the version and its date."""
    found = []
    for moment in fetches:
        replica, newest = Replica(START), 0
        for at, number in history:
            if at <= moment:
                newest = max(newest, number)
                replica.answer(at)
                replica.make(newest, at)
        found.append((replica.number, replica.answer(moment)))
    return found


@given(before=st.floats(0, 10), back=st.floats(0, 100_000))
def test_a_clock_that_is_set_back_gives_no_version_the_date_of_an_earlier_one(before: float, back: float) -> None:
    old = settle_version(date_version(START), START + before)

    new = date_version(START + before - back, old)

    assert not new.is_held(old.sent)
    assert new.sent <= START + before - back


@given(now=st.floats(START, START + 10))
def test_a_version_settles_on_the_second_in_which_it_was_made(now: float) -> None:
    version = date_version(now)

    assert version.sent == floor(now) - LAG
    assert settle_version(version, floor(now) + LAG + 0.99) == version
    assert settle_version(version, now + 1 + LAG) == LastModified(floor(now) + 1, floor(now) + 1)
    assert settle_version(version, now + 1 + LAG).is_held(floor(now) + 1)
