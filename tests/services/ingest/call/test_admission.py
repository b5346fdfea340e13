"""What the API takes before, during and after a call."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from services.ingest.call.guesses import MOST
from shared.database.client import Document
from tests.services.ingest.builders import make_event
from tests.services.ingest.call.builders import AHEAD, CODE, FROZEN, LATE, OPEN, announce, set_clock
from tests.services.ingest.conftest import Ingest

PATH = "/ingest/api/v1/submissions"
OTHER_DATES = {"certainty": "exact", "start": "2027-08-15", "end": "2027-08-16"}


async def send(ingest: Ingest, event: dict[str, Any], **headers: str) -> httpx.Response:
    return await ingest.lot.post(PATH, json=event, headers=headers)


async def put(ingest: Ingest, name: str, event: dict[str, Any], **headers: str) -> httpx.Response:
    return await ingest.lot.put(f"{PATH}/by-reference/{name}", json=event, headers=headers)


async def find(ingest: Ingest, **wanted: str) -> Document:
    found = await ingest.database["submissions"].find_one(wanted)
    assert found
    return found


async def read_late(ingest: Ingest) -> list[bool]:
    found = ingest.database["submissions"].find({}, {"late": 1}).sort("_id", 1)
    return [each["late"] async for each in found]


async def test_without_a_call_everything_is_as_before(ingest: Ingest) -> None:
    set_clock(ingest, FROZEN)

    sent = await send(ingest, make_event())

    assert (sent.status_code, await read_late(ingest)) == (201, [False])


async def test_while_the_call_is_open_events_are_taken(ingest: Ingest) -> None:
    await announce(ingest)
    set_clock(ingest, OPEN)

    assert (await send(ingest, make_event())).status_code == 201
    assert (await put(ingest, "zagle", make_event(title={"pl": "Inne"}))).status_code == 201
    assert await read_late(ingest) == [False, False]


async def test_before_the_opening_a_new_event_is_refused_with_the_day(ingest: Ingest) -> None:
    await announce(ingest)
    set_clock(ingest, AHEAD)

    refused = await send(ingest, make_event(), **{"Accept-Language": "pl"})

    problem = refused.json()
    assert (refused.status_code, problem["type"].rpartition("/")[2]) == (409, "call_not_open")
    assert "1 października 2026" in problem["detail"]


@pytest.mark.parametrize("at", [LATE, FROZEN])
async def test_after_the_deadline_a_new_event_is_refused_with_the_way_out(ingest: Ingest, at: str) -> None:
    await announce(ingest)
    set_clock(ingest, at)

    for refused in (await send(ingest, make_event()), await put(ingest, "zagle", make_event())):
        problem = refused.json()
        assert (refused.status_code, problem["type"].rpartition("/")[2]) == (409, "call_closed")
        assert "15 December 2026" in problem["detail"]
        assert ingest.state.region.curator.name in problem["detail"]
        assert refused.headers["link"] == '</ingest/calls/2027>; rel="help"'
    assert await ingest.database["submissions"].count_documents({}) == 0


async def test_late_code_lets_a_new_event_in_and_marks_it(ingest: Ingest) -> None:
    await announce(ingest)
    set_clock(ingest, LATE)

    sent = await send(ingest, make_event(), **{"Late-Code": CODE.lower()})
    named = await put(ingest, "zagle", make_event(title={"pl": "Inne"}), **{"Late-Code": CODE})

    assert (sent.status_code, named.status_code, await read_late(ingest)) == (201, 201, [True, True])


async def test_wrong_or_revoked_late_code_is_said_to_be_wrong(ingest: Ingest) -> None:
    await announce(ingest)
    await announce(ingest, number=2, late_codes=[])
    set_clock(ingest, LATE)

    refused = await send(ingest, make_event(), **{"Late-Code": CODE})

    problem = refused.json()
    assert (refused.status_code, problem["type"].rpartition("/")[2]) == (422, "late_code_wrong")
    assert [each["field"] for each in problem["errors"]] == ["late_code"]
    assert CODE not in refused.text


async def test_guessing_late_codes_ends_in_429_also_for_the_right_one(ingest: Ingest) -> None:
    await announce(ingest)
    set_clock(ingest, LATE)

    for number in range(MOST):
        wrong = await send(ingest, make_event(), **{"Late-Code": f"GUESS-{number}"})
        assert wrong.status_code == 422
    right = await send(ingest, make_event(), **{"Late-Code": CODE})
    other = await ingest.other.post(PATH, json=make_event(), headers={"Late-Code": CODE})

    assert (right.status_code, int(right.headers["retry-after"]) > 0) == (429, True)
    assert other.status_code == 201


async def test_correction_after_the_deadline_goes_in_as_late(ingest: Ingest) -> None:
    await announce(ingest)
    set_clock(ingest, OPEN)
    await put(ingest, "zagle", make_event())
    set_clock(ingest, LATE)

    corrected = await put(ingest, "zagle", make_event(title={"pl": "Żagle 2027"}))

    assert (corrected.status_code, await read_late(ingest)) == (200, [True])
    found = await find(ingest, external_id="zagle")
    assert found["version"] == 2


async def test_change_of_a_locked_field_is_refused_and_named(ingest: Ingest) -> None:
    await announce(ingest)
    set_clock(ingest, OPEN)
    sent = await send(ingest, make_event())
    set_clock(ingest, LATE)
    address, event = f"{PATH}/{sent.json()['id']}", make_event(dates=OTHER_DATES)

    refused = await ingest.lot.put(address, json=event, headers={"If-Match": '"1"'})
    let_in = await ingest.lot.put(address, json=event, headers={"If-Match": '"1"', "Late-Code": CODE})

    problem = refused.json()
    assert (refused.status_code, problem["type"].rpartition("/")[2]) == (409, "field_locked")
    assert [(each["field"], each["code"]) for each in problem["errors"]] == [("dates", "field_locked")]
    assert (let_in.status_code, await read_late(ingest)) == (200, [True])


@pytest.mark.parametrize("at", [LATE, FROZEN])
async def test_same_content_again_changes_nothing_and_is_not_refused(ingest: Ingest, at: str) -> None:
    await announce(ingest)
    set_clock(ingest, OPEN)
    first = await put(ingest, "zagle", make_event())
    set_clock(ingest, at)

    again = await put(ingest, "zagle", make_event())

    assert (again.status_code, again.json()["version"]) == (200, first.json()["version"])
    assert await read_late(ingest) == [False]


async def test_repeat_of_what_was_taken_in_time_is_answered_as_then(ingest: Ingest) -> None:
    await announce(ingest)
    set_clock(ingest, OPEN)
    first = await send(ingest, make_event(), **{"Idempotency-Key": "one"})
    set_clock(ingest, LATE)

    again = await send(ingest, make_event(), **{"Idempotency-Key": "one"})
    other = await send(ingest, make_event(title={"pl": "Inne"}), **{"Idempotency-Key": "one"})

    assert (again.status_code, again.json()) == (201, first.json())
    assert other.status_code == 422


@pytest.mark.parametrize("at", [LATE, FROZEN])
async def test_withdrawing_asks_no_call_and_stays_as_late_as_its_content(ingest: Ingest, at: str) -> None:
    await announce(ingest)
    set_clock(ingest, OPEN)
    sent = await send(ingest, make_event())
    set_clock(ingest, at)

    gone = await ingest.lot.post(f"{PATH}/{sent.json()['id']}/withdraw", headers={"If-Match": "*"})

    assert (gone.status_code, await read_late(ingest)) == (200, [False])


async def test_prolonged_deadline_takes_events_again(ingest: Ingest) -> None:
    await announce(ingest)
    set_clock(ingest, LATE)
    assert (await send(ingest, make_event())).status_code == 409

    await announce(ingest, number=2, deadline_at="2026-12-31T23:00:00.000Z")

    assert (await send(ingest, make_event())).status_code == 201


@pytest.mark.parametrize(("at", "codes"), [(AHEAD, ["call_not_open"]), (OPEN, []), (LATE, ["call_closed"])])
async def test_validating_warns_where_a_new_event_would_be_refused(ingest: Ingest, at: str, codes: list[str]) -> None:
    await announce(ingest)
    set_clock(ingest, at)

    answer = await ingest.lot.post(f"{PATH}/validate", json=make_event())

    assert answer.status_code == 200
    assert [each["code"] for each in answer.json()["warnings"]] == codes
