"""The pages on which a chief announces a year, changes it and makes late codes."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from typing import Any

import msgspec

from services.calendar.state import State
from shared.call import digest_late_code
from shared.eventlog.mongo.log import EmbeddedLog
from tests.services.calendar.builders import make_message
from tests.services.calendar.call.builders import make_call
from tests.services.calendar.conftest import Browser, Calendar
from tests.support.clients import eventually
from tests.support.topics import records_on

NOON = "2026-11-21T12:00:00.000Z"
TERMS = {
    "year": "2027",
    "opens_on": "1.12.2026",
    "deadline_on": "15 stycznia 2027",
    "freeze_on": "15.2.2027",
    "answer_days": "14",
    "criteria.pl": "Dla gości z daleka.\n\nNie dla mieszkańców jednej ulicy.",
    "criteria.en": "For guests from afar.",
    "locked_fields": ["category", "dates"],
}


def set_clock(calendar: Calendar, now: str = NOON) -> State:
    calendar.app.state.service = state = replace(calendar.state, now=lambda: now)
    return state


async def find(calendar: Calendar, year: int = 2027) -> dict[str, Any]:
    found = await calendar.database["calls"].find_one({"_id": year})
    assert found
    return found


async def test_chief_announces_a_year(calendar: Calendar, chief: Browser) -> None:
    set_clock(calendar)

    sent = await chief.send("/calendar/calls/new", dict(TERMS))

    assert (sent.status_code, sent.headers["location"]) == (303, "/calendar/calls/2027")
    page = await chief.read("/calendar/calls/2027")
    assert 'value="15.01.2027"' in page
    assert "Dla gości z daleka." in page
    assert "15 stycznia 2027" in await chief.read("/calendar/calls")
    assert (await find(calendar))["deadline_at"] == "2027-01-15T23:00:00.000Z"


async def test_form_comes_back_with_what_was_typed_and_what_is_wrong(calendar: Calendar, chief: Browser) -> None:
    set_clock(calendar)

    refused = await chief.send(
        "/calendar/calls/new", {**TERMS, "deadline_on": "30.11.2026", "freeze_on": "luty", "criteria.pl": ""}
    )

    page = unescape(refused.text)
    assert refused.status_code == 422
    assert re.findall(r'<a href="#([a-z_-]+)">', page)[:3] == ["freeze_on", "deadline_on", "criteria-pl"]
    assert 'value="luty"' in page
    assert "For guests from afar." in page
    assert await calendar.database["calls"].find_one({}) is None


async def test_day_that_is_over_is_refused(calendar: Calendar, chief: Browser) -> None:
    set_clock(calendar, "2026-12-02T12:00:00.000Z")

    refused = await chief.send("/calendar/calls/new", dict(TERMS))

    assert refused.status_code == 422
    assert "Ten dzień już minął." in unescape(refused.text)


async def test_year_is_announced_once(calendar: Calendar, chief: Browser) -> None:
    await set_clock(calendar).calls.save(None, make_call())

    refused = await chief.send("/calendar/calls/new", dict(TERMS))

    assert refused.status_code == 409
    assert (await find(calendar))["number"] == 1


async def test_deadline_is_prolonged_and_told_to_the_log(calendar: Calendar, chief: Browser) -> None:
    await set_clock(calendar).calls.save(None, make_call())

    sent = await chief.send(
        "/calendar/calls/2027", {**TERMS, "number": "1", "deadline_on": "2027-01-31", "opens_on": "1.12.2026"}
    )

    assert sent.status_code == 303
    assert (await find(calendar))["deadline_at"] == "2027-01-31T23:00:00.000Z"


async def test_of_two_chiefs_the_second_sees_what_the_first_saved(calendar: Calendar, chief: Browser) -> None:
    await set_clock(calendar).calls.save(None, make_call())
    await chief.send("/calendar/calls/2027", {**TERMS, "number": "1", "answer_days": "7"})

    late = await chief.send("/calendar/calls/2027", {**TERMS, "number": "1", "answer_days": "21"})
    again = await chief.send("/calendar/calls/2027", {**TERMS, "number": "2", "answer_days": "21"})

    assert (late.status_code, again.status_code) == (412, 303)
    assert 'name="number" value="2"' in late.text
    assert 'value="21"' in late.text
    assert (await find(calendar))["terms"]["answer_days"] == 21


async def test_late_code_is_shown_once_and_kept_as_its_digest(calendar: Calendar, chief: Browser) -> None:
    await set_clock(calendar).calls.save(None, make_call())

    made = await chief.send("/calendar/calls/2027/codes", {"label": "LOT Darłowo"})

    code = re.search(r"<code[^>]*>([0-9A-Z-]{19})</code>", made.text)
    assert (made.status_code, made.headers["cache-control"], code is not None) == (200, "no-store", True)
    page = await chief.read("/calendar/calls/2027")
    assert "LOT Darłowo" in page
    assert code
    assert code[1] not in page
    found = await find(calendar)
    assert found["codes"][0]["digest"] == digest_late_code(code[1])
    assert code[1] not in repr(found)


async def test_code_without_a_label_is_asked_for_it(calendar: Calendar, chief: Browser) -> None:
    await set_clock(calendar).calls.save(None, make_call())

    refused = await chief.send("/calendar/calls/2027/codes", {"label": " "})

    assert refused.status_code == 422
    assert (await find(calendar))["codes"] == []


async def test_code_is_revoked(calendar: Calendar, chief: Browser) -> None:
    await set_clock(calendar).calls.save(None, make_call())
    await chief.send("/calendar/calls/2027/codes", {"label": "LOT Darłowo"})
    code_id = (await find(calendar))["codes"][0]["id"]

    revoked = await chief.send(f"/calendar/calls/2027/codes/{code_id}/revoke", {})
    again = await chief.send(f"/calendar/calls/2027/codes/{code_id}/revoke", {})

    assert (revoked.status_code, again.status_code) == (303, 404)
    found = await find(calendar)
    assert found["codes"][0]["revoked_at"] == NOON


async def test_criteria_are_shown_in_each_language_as_editors_read_them(calendar: Calendar, chief: Browser) -> None:
    await set_clock(calendar).calls.save(None, make_call(criteria={"pl": "Dla gości.\n\nZ daleka.", "en": "Guests."}))

    polish = await chief.read("/calendar/calls/2027/criteria/pl")
    assert re.search(r"<p>Dla gości\.</p>\s*<p>Z daleka\.</p>", polish)
    assert 'lang="en"' in await chief.read("/calendar/calls/2027/criteria/en")
    assert (await chief.open("/calendar/calls/2027/criteria/de")).status_code == 404


async def test_announced_call_is_told_to_the_log_without_labels(calendar: Calendar, chief: Browser) -> None:
    set_clock(calendar)
    await chief.send("/calendar/calls/new", dict(TERMS))
    await chief.send("/calendar/calls/2027/codes", {"label": "LOT Darłowo"})
    log = EmbeddedLog(calendar.log)

    async def list_values() -> list[bytes]:
        return [each.value or b"" for each in await records_on(log, "calls.v1")]

    async def list_numbers() -> set[int]:
        return {msgspec.json.decode(each)["number"] for each in await list_values()}

    assert await eventually(list_numbers, {1, 2}) == {1, 2}
    assert not any("Darłowo".encode() in each for each in await list_values())


async def test_late_proposal_is_marked_in_the_queue_and_on_its_entry(calendar: Calendar, chief: Browser) -> None:
    await calendar.receive(make_message(1, submission_id="0195-late", late=True))
    await calendar.receive(make_message(1, submission_id="0195-right"))

    queue = await chief.read("/calendar/")

    assert queue.count("Po terminie") == 1
    assert "Po terminie" in await chief.read("/calendar/entries/0195-late")
    assert "Po terminie" not in await chief.read("/calendar/entries/0195-right")


async def test_curator_who_is_no_chief_announces_nothing(calendar: Calendar, curator: Browser) -> None:
    set_clock(calendar)

    assert (await curator.open("/calendar/calls")).status_code == 303
    assert (await curator.send("/calendar/calls/new", dict(TERMS))).status_code == 403
    assert await calendar.database["calls"].find_one({}) is None
