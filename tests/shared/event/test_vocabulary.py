"""Codes in words."""

from __future__ import annotations

from shared.event.vocabulary import describe_reason


def test_a_reason_is_told_in_words_and_one_of_a_later_release_by_its_code() -> None:
    assert describe_reason("duplicate", "en") == "The same event is in the programme already"
    assert describe_reason("of_a_later_release", "pl") == "of_a_later_release"
