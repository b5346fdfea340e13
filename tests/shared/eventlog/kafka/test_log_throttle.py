from __future__ import annotations

import logging

import pytest

from shared.eventlog.kafka.log_throttle import RateLimitFilter


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    return caplog


def test_the_same_wording_passes_once_in_a_while_and_says_how_often_it_was_held_back(
    said: pytest.LogCaptureFixture,
) -> None:
    now = 0.0
    logger = logging.getLogger("a client that repeats itself")
    logger.addFilter(RateLimitFilter(10, lambda: now))

    for now in (0.0, 0.1, 0.2, 10.1):
        logger.error("Unable to connect to %s", now)
    logger.error("Something else")

    assert said.messages == [
        "Unable to connect to 0.0",
        "Unable to connect to 10.1 (and 2 times before)",
        "Something else",
    ]


def test_what_brings_a_trace_always_passes(said: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("a client that fails")
    logger.addFilter(RateLimitFilter(10))

    for number in range(3):
        logger.error("Unexpected error", exc_info=ValueError(number))

    assert said.messages == ["Unexpected error"] * 3
