"""The API of calls: list, read, announce and change by year."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from tests.services.calendar.conftest import Calendar

CALLS = "/calendar/api/v1/calls"
NOON = "2026-11-21T12:00:00.000Z"
TERMS: dict[str, Any] = {
    "opens_on": "2026-12-01",
    "deadline_on": "2027-01-15",
    "freeze_on": "2027-02-15",
    "answer_days": 14,
    "criteria": {"pl": "Dla gości z daleka."},
    "locked_fields": ["dates", "category"],
}


@pytest.fixture(autouse=True)
def _clock(calendar: Calendar) -> None:
    calendar.app.state.service = replace(calendar.state, now=lambda: NOON)


async def test_call_is_announced_read_and_listed(calendar: Calendar, chief_api: httpx.AsyncClient) -> None:
    made = await chief_api.put(f"{CALLS}/2027", json=TERMS)
    read = await calendar.curator.get(f"{CALLS}/2027")
    listed = await calendar.curator.get(CALLS)

    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    assert read.json() == made.json()
    assert listed.json() == {"items": [made.json()]}
    assert made.json() == {
        **TERMS,
        "locked_fields": ["category", "dates"],
        "year": 2027,
        "number": 1,
        "phase": "ahead",
        "late_codes": [],
        "announced_at": NOON,
        "changed_at": NOON,
    }


async def test_change_names_the_number_that_was_seen(calendar: Calendar, chief_api: httpx.AsyncClient) -> None:
    await chief_api.put(f"{CALLS}/2027", json=TERMS)
    longer = TERMS | {"deadline_on": "2027-01-31"}

    blind = await chief_api.put(f"{CALLS}/2027", json=longer)
    wrong = await chief_api.put(f"{CALLS}/2027", json=longer, headers={"If-Match": '"7"'})
    right = await chief_api.put(f"{CALLS}/2027", json=longer, headers={"If-Match": '"1"'})

    assert [each.status_code for each in (blind, wrong, right)] == [428, 412, 200]
    assert (right.headers["etag"], right.json()["deadline_on"]) == ('"2"', "2027-01-31")


async def test_call_that_is_not_there_is_not_changed(calendar: Calendar, chief_api: httpx.AsyncClient) -> None:
    answer = await chief_api.put(f"{CALLS}/2027", json=TERMS, headers={"If-Match": '"1"'})

    assert answer.status_code == 412
    assert (await calendar.curator.get(f"{CALLS}/2027")).status_code == 404


async def test_call_that_is_there_is_not_announced_once_more(calendar: Calendar, chief_api: httpx.AsyncClient) -> None:
    only_new = {"If-None-Match": "*"}

    answers = [await chief_api.put(f"{CALLS}/2027", json=TERMS, headers=only_new) for _ in range(2)]

    assert [each.status_code for each in answers] == [201, 412]
    assert answers[1].headers["etag"] == '"1"'


async def test_what_a_call_takes_is_in_its_schema(calendar: Calendar) -> None:
    document = calendar.app.openapi()

    fields = document["components"]["schemas"]["CallBody"]["properties"]
    assert (fields["answer_days"]["minimum"], fields["answer_days"]["maximum"]) == (1, 90)
    assert fields["criteria"]["required"] == ["pl"]
    assert fields["criteria"]["properties"]["pl"]["minLength"] == 1
    assert fields["criteria"]["additionalProperties"]["maxLength"] == 10_000
    assert set(TERMS["locked_fields"]) < set(fields["locked_fields"]["items"]["enum"])


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"opens_on": "2026-11-20"}, "opens_on", "past"),
        ({"deadline_on": "2026-11-30"}, "deadline_on", "before_opening"),
        ({"freeze_on": "2027-01-14"}, "freeze_on", "before_deadline"),
    ],
)
async def test_wrong_order_of_days_is_named(
    chief_api: httpx.AsyncClient, changes: dict[str, str], field: str, code: str
) -> None:
    answer = await chief_api.put(f"{CALLS}/2027", json=TERMS | changes)

    assert answer.status_code == 422
    assert [(each["field"], each["code"]) for each in answer.json()["errors"]] == [(field, code)]


async def test_unknown_field_is_refused(calendar: Calendar, chief_api: httpx.AsyncClient) -> None:
    answer = await chief_api.put(f"{CALLS}/2027", json=TERMS | {"deadline": "2027-01-15"})

    assert answer.status_code == 422


async def test_curator_reads_calls_and_an_editor_does_not(calendar: Calendar) -> None:
    assert (await calendar.editor.get(CALLS)).status_code == 403
    assert (await calendar.curator.get(CALLS)).json() == {"items": []}
    assert (await calendar.curator.put(f"{CALLS}/2027", json=TERMS)).status_code == 403
