"""What may be asked of an organisation, and how a request ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from services.calendar.request.model import (
    EventRequest,
    RequestClosed,
    RequestInvalid,
    RequestTerms,
    ask,
    note_answer,
    take_back,
)
from shared.messages import RequestAnswered

NOW = "2026-11-28T12:00:00.000Z"
TERMS = RequestTerms(organisation="lot", text="Coś w listopadzie?", until=date(2026, 12, 10), month="2027-11")


def make_request(terms: RequestTerms = TERMS) -> EventRequest:
    return ask(terms, id="r", organisations={"lot"}, counties={"3262"}, today=date(2026, 11, 28), now=NOW)


def make_answer(**fields: str) -> RequestAnswered:
    return RequestAnswered(request_id="r", number=1, answered_at=NOW, **fields)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"organisation": "gone"}, "organisation"),
        ({"text": "  "}, "text"),
        ({"text": "ż" * 1_001}, "text"),
        ({"until": date(2026, 11, 27)}, "until"),
        ({"until": date(2029, 1, 1)}, "until"),
        ({"county": "9999"}, "county"),
        ({"month": "2027-13"}, "month"),
    ],
)
def test_what_is_wrong_is_named(changed: dict[str, object], field: str) -> None:
    with pytest.raises(RequestInvalid) as refused:
        make_request(replace(TERMS, **changed))  # type: ignore[arg-type]  # one field of the terms

    assert [each.field for each in refused.value.errors] == [field]


def test_request_ends_with_its_first_answer() -> None:
    answered = note_answer(make_request(), make_answer(submission_id="s"), now=NOW)

    assert (answered.state, answered.answer, answered.number) == ("answered", "s", 2)
    assert note_answer(answered, make_answer(reason="nie"), now=NOW) is answered
    assert note_answer(make_request(), make_answer(reason="nie"), now=NOW).state == "refused"


def test_answer_to_a_request_taken_back_changes_nothing() -> None:
    gone = take_back(make_request(), now=NOW)

    assert note_answer(gone, make_answer(submission_id="s"), now=NOW) is gone
    with pytest.raises(RequestClosed):
        take_back(gone, now=NOW)
