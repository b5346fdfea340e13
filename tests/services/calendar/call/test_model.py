"""What a chief may announce and change, and what is said of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.calendar.call.model import (
    MAX_CODES,
    MAX_CRITERIA,
    CallTermsInvalid,
    CodeUnknown,
    TooManyCodes,
    add_code,
    announce,
    change_terms,
    make_call_message,
    revoke_code,
)
from shared.call import parse_call
from tests.services.calendar.builders import LATER, NOW
from tests.services.calendar.call.builders import make_call, make_setting, make_terms

TODAY = date(2026, 11, 21)
YESTERDAY = TODAY - timedelta(days=1)
AFTER_OPENING = "2026-12-24T12:00:00.000Z"


def refused(**changes: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - any field
    """Announce terms that are refused, and give field and code of each error."""
    with pytest.raises(CallTermsInvalid) as error:
        make_call(**changes)
    return [(each.field, each.code) for each in error.value.errors]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"opens_on": YESTERDAY}, ("opens_on", "past")),
        ({"deadline_on": date(2026, 11, 30)}, ("deadline_on", "before_opening")),
        ({"freeze_on": date(2027, 1, 14)}, ("freeze_on", "before_deadline")),
        ({"freeze_on": date(2028, 1, 1)}, ("freeze_on", "after_year")),
        ({"answer_days": 0}, ("answer_days", "out_of_range")),
        ({"answer_days": 91}, ("answer_days", "out_of_range")),
        ({"criteria": {"en": "For guests."}}, ("criteria.pl", "required")),
        ({"criteria": {"pl": " \n "}}, ("criteria.pl", "required")),
        ({"criteria": {"pl": "a" * (MAX_CRITERIA + 1)}}, ("criteria.pl", "too_long")),
        ({"criteria": {"pl": "a\x00"}}, ("criteria.pl", "control_characters")),
        ({"criteria": {"pl": "a", "xx": "b"}}, ("criteria", "unknown_language")),
        ({"locked_fields": ("contact",)}, ("locked_fields", "unknown_value")),
        ({"year": 2025}, ("year", "out_of_range")),
        ({"year": 2032}, ("year", "out_of_range")),
    ],
)
def test_terms_that_cannot_be_are_refused_at_their_field(changes: dict[str, Any], error: tuple[str, str]) -> None:
    assert refused(**changes)[0] == error


def test_every_error_is_named_at_once() -> None:
    assert refused(opens_on=YESTERDAY, deadline_on=YESTERDAY - timedelta(days=1), answer_days=0, criteria={}) == [
        ("opens_on", "past"),
        ("deadline_on", "before_opening"),
        ("answer_days", "out_of_range"),
        ("criteria.pl", "required"),
    ]


def test_call_may_open_and_end_today() -> None:
    call = make_call(opens_on=TODAY, deadline_on=TODAY, freeze_on=TODAY)

    assert (call.opens_at, call.deadline_at, call.freeze_at) == (
        "2026-11-20T23:00:00.000Z",
        "2026-11-21T23:00:00.000Z",
        "2026-11-21T23:00:00.000Z",
    )


def test_deadline_is_prolonged_after_the_call_has_opened() -> None:
    call = make_call()

    after = change_terms(call, make_terms(deadline_on=date(2027, 1, 31)), make_setting(AFTER_OPENING))

    assert (after.number, after.terms.opens_on, after.deadline_at) == (2, date(2026, 12, 1), "2027-01-31T23:00:00.000Z")


def test_deadline_is_not_moved_into_the_past() -> None:
    with pytest.raises(CallTermsInvalid, match="deadline_on: past"):
        change_terms(make_call(), make_terms(deadline_on=date(2026, 12, 23)), make_setting(AFTER_OPENING))


def test_same_terms_change_nothing() -> None:
    call = make_call()

    assert change_terms(call, make_terms(), make_setting(AFTER_OPENING)) is call


@given(
    days=st.tuples(*[st.dates(date(2026, 11, 1), date(2028, 2, 1))] * 3),
    year=st.integers(2024, 2033),
)
def test_what_is_announced_is_a_window_in_order(days: tuple[date, date, date], year: int) -> None:
    opens, deadline, freeze = days
    try:
        call = announce(year, make_terms(opens_on=opens, deadline_on=deadline, freeze_on=freeze), make_setting())
    except CallTermsInvalid:
        return

    known = parse_call(make_call_message(call))
    assert TODAY <= opens <= deadline <= freeze <= date(year, 12, 31)
    assert known.opens_at < known.deadline_at <= known.freeze_at


def test_late_code_travels_as_its_digest_and_without_its_label() -> None:
    call = add_code(make_call(), "AAAA-BBBB", "LOT Darłowo", id="1", now=LATER)

    message = make_call_message(call)

    assert (len(message.late_codes), len(message.late_codes[0])) == (1, 64)
    assert "Darłowo" not in repr(message)
    assert parse_call(message).accepts_code("aaaabbbb")


def test_revoked_code_is_no_longer_accepted_and_still_listed() -> None:
    call = add_code(make_call(), "AAAA-BBBB", "LOT Darłowo", id="1", now=NOW)

    after = revoke_code(call, "1", now=LATER)

    assert (after.number, make_call_message(after).late_codes) == (3, [])
    assert [(each.label, each.revoked_at) for each in after.codes] == [("LOT Darłowo", LATER)]
    with pytest.raises(CodeUnknown):
        revoke_code(after, "1", now=LATER)


def test_code_needs_to_say_whom_it_is_for() -> None:
    with pytest.raises(CallTermsInvalid, match="label: required"):
        add_code(make_call(), "AAAA-BBBB", "  ", id="1", now=NOW)


def test_codes_are_bounded() -> None:
    call = make_call()
    for number in range(MAX_CODES):
        call = add_code(call, f"CODE-{number}", f"LOT {number}", id=str(number), now=NOW)

    with pytest.raises(TooManyCodes):
        add_code(call, "ONE-MORE", "LOT", id="x", now=NOW)
    assert len(add_code(revoke_code(call, "7", now=NOW), "ONE-MORE", "LOT", id="x", now=NOW).valid_codes) == MAX_CODES
