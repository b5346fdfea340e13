from __future__ import annotations

import os

import pytest

from bench.memory import MemorySamples, compute_bytes_per_minute, read_resident_bytes


def test_the_slope_is_that_of_the_line_through_the_samples() -> None:
    rising = [(float(second), 1_000 * second + 7) for second in range(100)]
    jumping = [(float(second), 500 + 10 * (-1) ** second) for second in range(101)]

    assert compute_bytes_per_minute(rising) == pytest.approx(60_000)
    assert abs(compute_bytes_per_minute(jumping)) < 1


def test_two_samples_say_nothing() -> None:
    assert compute_bytes_per_minute([(0.0, 1), (1.0, 1_000)]) == 0


def test_a_process_that_is_gone_is_left_out() -> None:
    memory = MemorySamples()

    memory.take_samples({"we": os.getpid(), "nobody": 2**22 + 1})

    assert list(memory.samples) == [f"we ({os.getpid()})"]
    assert read_resident_bytes(os.getpid()) > 1_000_000
