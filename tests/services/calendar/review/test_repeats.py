"""A form that a curator sends twice is carried out once, and answered as done."""

from __future__ import annotations

import asyncio
from html import unescape

import pytest

from tests.services.calendar.builders import make_message
from tests.services.calendar.conftest import PASSWORD, Browser, Calendar, arrive, browser

PAGE = "/calendar/entries/0195-a"
DECISIONS: list[dict[str, object]] = [
    {"decision": "accept"},
    {"decision": "accept", "comment": "Dziękujemy", "reason": "duplicate"},
    {"decision": "reject", "reason": "duplicate"},
    {"decision": "request_changes", "comment": "Podaj godzinę."},
]


async def count_acts(calendar: Calendar) -> int:
    entry = await calendar.state.entries.find("0195-a")
    assert entry is not None
    return sum(each.by == "curator" for each in entry.history)


@pytest.mark.parametrize("fields", DECISIONS)
async def test_equal_decisions_at_once_are_one(calendar: Calendar, curator: Browser, fields: dict[str, object]) -> None:
    await arrive(calendar, "a", "b")
    form = {"review_number": "1", **fields}

    answers = await asyncio.gather(*(curator.send(f"{PAGE}/decision", form) for _ in range(4)))

    assert {(each.status_code, each.headers.get("location")) for each in answers} == {(303, "/calendar/entries/0195-b")}
    assert await count_acts(calendar) == 1


@pytest.mark.parametrize("act", ["cancel", "withdraw"])
async def test_equal_stops_at_once_are_one(calendar: Calendar, curator: Browser, act: str) -> None:
    await arrive(calendar, "a")
    await curator.send(f"{PAGE}/decision", {"review_number": "1", "decision": "accept"})
    form: dict[str, object] = {"review_number": "2", "comment": "Powódź."}

    answers = await asyncio.gather(*(curator.send(f"{PAGE}/{act}", form) for _ in range(4)))

    assert {(each.status_code, each.headers.get("location")) for each in answers} == {(303, PAGE)}
    assert await count_acts(calendar) == 2


@pytest.mark.parametrize("decision", ["accept", "reject"])
async def test_equal_bulk_decisions_at_once_are_one(calendar: Calendar, curator: Browser, decision: str) -> None:
    await arrive(calendar, "a", "b")
    form: dict[str, object] = {
        "entry": ["0195-a.1", "0195-b.1"],
        "decision": decision,
        "asked": "1",
        "reason": "duplicate",
    }

    answers = await asyncio.gather(*(curator.send("/calendar/decisions", form) for _ in range(4)))

    assert {each.status_code for each in answers} == {303}
    assert await count_acts(calendar) == 1


@pytest.mark.parametrize(
    "other",
    [{"decision": "reject", "reason": "duplicate"}, {"decision": "accept", "comment": "Dziękujemy"}],
)
async def test_another_decision_after_the_first_is_refused(
    calendar: Calendar, curator: Browser, other: dict[str, object]
) -> None:
    await arrive(calendar, "a")
    await curator.send(f"{PAGE}/decision", {"review_number": "1", "decision": "accept"})

    response = await curator.send(f"{PAGE}/decision", {"review_number": "1", **other})

    assert response.status_code == 412


async def test_the_same_decision_of_another_curator_is_refused(calendar: Calendar, curator: Browser) -> None:
    await calendar.accounts.put_account(
        email="chief@example.pl",
        name="Jan Lis",
        organisation="zrot",
        organisation_name="ZROT",
        role="chief",
        password=PASSWORD,
    )
    await arrive(calendar, "a")
    form: dict[str, object] = {"review_number": "1", "decision": "accept"}
    await curator.send(f"{PAGE}/decision", form)

    second = await browser(calendar, "chief")
    async with second.client:
        response = await second.send(f"{PAGE}/decision", form)

    assert response.status_code == 412


async def test_a_decision_repeated_after_a_new_version_is_refused(calendar: Calendar, curator: Browser) -> None:
    await arrive(calendar, "a")
    form: dict[str, object] = {"review_number": "1", "decision": "accept"}
    await curator.send(f"{PAGE}/decision", form)
    await calendar.receive(make_message(2, submission_id="0195-a"))

    response = await curator.send(f"{PAGE}/decision", form)

    assert response.status_code == 412
    assert "Ten wpis się zmienił" in unescape(response.text)
