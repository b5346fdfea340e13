"""Which changes are structured facts, and which are anything else."""

from __future__ import annotations

from typing import Any

import pytest

from shared.event.facts_at_once import FACTS, agree_on, find_changed_facts
from shared.event.model import parse_event

CALLED_OFF = {"date": "2027-08-21", "status": "cancelled"}
WEEKLY: dict[str, Any] = {
    "certainty": "exact",
    "start": "2027-08-14",
    "end": "2027-08-14",
    "recurrence": {"rrule": "FREQ=WEEKLY;COUNT=4"},
}


def make(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    return {
        "title": {"pl": "Żagle"},
        "category": "maritime",
        "dates": {"certainty": "exact", "start": "2027-08-14", "end": "2027-08-16"},
        "venue": {"id": "0195-v", "name": "Wały Chrobrego", "town": "Szczecin", "county": "3262"},
    } | fields


def find(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, ...] | None:
    return find_changed_facts(parse_event(before), parse_event(after))


@pytest.mark.parametrize(
    ("before", "after", "facts"),
    [
        (
            {},
            {"dates": {"certainty": "provisional", "start": "2027-08-15T18:00", "end": "2027-08-15T20:00"}},
            ("dates",),
        ),
        ({}, {"dates": WEEKLY}, ("dates",)),
        (
            {"dates": WEEKLY},
            {"dates": WEEKLY | {"recurrence": WEEKLY["recurrence"] | {"exceptions": [CALLED_OFF]}}},
            ("status",),
        ),
        ({}, {"tickets": {"availability": "sold_out"}}, ("availability",)),
        ({}, {"tickets": {"registration_until": "2027-08-01"}}, ("availability",)),
        ({}, {"venue": {"id": "0195-w", "town": "Police", "county": "3211"}}, ("venue",)),
        (
            {},
            {"venue": {"town": "Police", "county": "3211"}, "tickets": {"availability": "few_left"}},
            ("availability", "venue"),
        ),
        ({}, {}, ()),
    ],
)
def test_facts_are_named(before: dict[str, Any], after: dict[str, Any], facts: tuple[str, ...]) -> None:
    assert find(make(**before), make(**after)) == facts


@pytest.mark.parametrize(
    "change",
    [
        {"title": {"pl": "Żagle!"}},
        {"summary": {"pl": "Zapraszamy."}},
        {"description": {"en": "Come."}},
        {"category": "film"},
        {"also": ["family"]},
        {"website": "https://x.example"},
        {"images": [{"media": "0" * 64}]},
        {"licence": "CC0-1.0"},
        {"tickets": {"price": {"pl": "10 zł"}}},
        {"tickets": {"free": True}},
        {"tickets": {"url": "https://x.example"}},
        {"tickets": {"registration_url": "https://x.example"}},
        {"dates": make()["dates"] | {"meeting": {"pl": "Zapraszamy pod bramę"}}},
        {
            "dates": WEEKLY
            | {"recurrence": WEEKLY["recurrence"] | {"exceptions": [CALLED_OFF | {"note": {"pl": "Deszcz"}}]}}
        },
        {"new_field": "x"},
    ],
)
def test_a_text_a_picture_an_address_or_a_field_of_a_later_release_is_no_fact(change: dict[str, Any]) -> None:
    assert find(make(), make(**change)) is None
    assert (
        find(make(), make(**{"dates": {"certainty": "exact", "start": "2027-09-01", "end": "2027-09-01"}} | change))
        is None
    )


def test_contents_agree_on_facts_whatever_else_they_say() -> None:
    moved = {"certainty": "exact", "start": "2027-09-01", "end": "2027-09-01"}
    one, other = (
        parse_event(make(dates=moved)),
        parse_event(make(dates=moved, title={"pl": "Inne"}, tickets={"availability": "sold_out"})),
    )

    assert agree_on(one, other, ["dates", "venue"])
    assert not agree_on(one, other, FACTS)
