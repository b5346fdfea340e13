"""Reported facts for a curator: first in the queue, confirmed or taken back with one click or one call."""

from __future__ import annotations

from typing import Any

import pytest

from services.calendar.consumer import on_submission
from tests.services.calendar.builders import LATER, Said, make_event, make_message
from tests.services.calendar.call.builders import make_call
from tests.services.calendar.conftest import Browser, Calendar, arrive

PAGE = "/calendar/entries/0195-a"
API = "/calendar/api/v1/reviews/0195-a"
TITLE = {"pl": "Żagle 1"}
MOVED = {"certainty": "exact", "start": "2027-08-21", "end": "2027-08-23"}
VENUE = {"id": "0195-v", "name": "Zamek", "town": "Szczecin", "county": "3262"}


async def report(calendar: Calendar, message: Said) -> None:
    state = calendar.state
    await on_submission(
        state.entries, message, now=lambda: LATER, calls=state.calls, facts_at_once=state.region.facts_at_once
    )


async def move(calendar: Calendar, **fields: Any) -> None:  # noqa: ANN401 - any field
    """Let a public event have dates that its organisation changed at once."""
    await arrive(calendar, "a")
    await calendar.curator.post(f"{API}/accept", headers={"If-Match": "*"})
    event = make_event(title=TITLE, dates=MOVED)
    await report(calendar, make_message(2, submission_id="0195-a", event=event, **fields))


async def read(calendar: Calendar) -> dict[str, Any]:
    found: dict[str, Any] = (await calendar.curator.get(API)).json()
    return found


async def test_the_api_tells_what_is_public_and_compares_with_what_was_accepted(calendar: Calendar) -> None:
    await move(calendar)

    answer = await read(calendar)

    assert answer["reported"] == {"version": 2, "event": make_event(title=TITLE, dates=MOVED), "facts": ["dates"]}
    assert [each["field"] for each in answer["changes"]] == ["dates"]
    assert (answer["live"]["version"], answer["revision"]) == (1, 2)


async def test_a_reported_fact_is_first_in_the_queue(calendar: Calendar, curator: Browser) -> None:
    await move(calendar, sent_at="2026-12-24T08:00:00.000Z")
    await arrive(calendar, "b", "c")

    listed = (await calendar.curator.get("/calendar/api/v1/reviews?state=waiting")).json()["items"]
    page = await curator.read("/calendar/")
    only = await curator.read("/calendar/?matter=reported")

    assert [each["id"] for each in listed] == ["0195-a", "0195-b", "0195-c"]
    assert page.index("/calendar/entries/0195-a") < page.index("/calendar/entries/0195-b")
    assert "Zgłoszone, niesprawdzone" in page
    assert "0195-b" not in only


async def test_the_page_shows_what_is_public_against_what_was_accepted_and_takes_it_back(
    calendar: Calendar, curator: Browser
) -> None:
    await move(calendar)

    page = await curator.read(PAGE)
    answer = await curator.send(f"{PAGE}/reported/take-back", {"review_number": 3, "comment": "Nikt nie odbiera."})
    after = await read(calendar)

    assert '<del><span class="unseen">usunięto: </span>14</del>' in page
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    assert (after["state"], after["reported"], after["revision"]) == ("rejected", None, 3)
    last = after["history"][-1]
    assert (last["what"], last["reason"], last["comment"]) == ("taken_back", "not_confirmed", "Nikt nie odbiera.")
    assert "Cofnięto zmiany zgłoszone w wersji 2" in await curator.read(PAGE)


async def test_one_click_confirms_and_a_second_one_changes_nothing(calendar: Calendar, curator: Browser) -> None:
    await move(calendar)

    answers = [await curator.send(f"{PAGE}/reported/confirm", {"review_number": 3}) for _ in range(2)]
    after = await read(calendar)

    assert [each.status_code for each in answers] == [303, 303]
    assert (after["state"], after["reported"], after["live"]["version"], after["revision"]) == ("accepted", None, 2, 3)


async def test_a_click_on_what_has_changed_since_is_refused_and_loses_nothing(
    calendar: Calendar, curator: Browser
) -> None:
    await move(calendar)

    answer = await curator.send(
        f"{PAGE}/reported/take-back", {"review_number": 2, "comment": "Zła data", "note": "Ola wie"}
    )

    assert answer.status_code == 412
    assert "Zła data" in answer.text
    assert "Ola wie" in answer.text
    assert (await read(calendar))["reported"] is not None


async def test_the_api_confirms_and_takes_back_only_what_was_seen(calendar: Calendar) -> None:
    await move(calendar)

    stale = await calendar.curator.post(f"{API}/reported/confirm", headers={"If-Match": '"2"'})
    back = await calendar.curator.post(
        f"{API}/reported/take-back", headers={"If-Match": '"3"'}, json={"reason": "wrong_date"}
    )
    again = await calendar.curator.post(f"{API}/reported/confirm", headers={"If-Match": "*"})

    assert (stale.status_code, back.status_code, back.json()["history"][-1]["reason"]) == (412, 200, "wrong_date")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/nothing_reported")


async def test_a_reported_fact_stays_in_the_queue_when_a_later_text_is_refused(
    calendar: Calendar, curator: Browser
) -> None:
    await move(calendar)
    event = make_event(title=TITLE, dates=MOVED, summary={"pl": "Nowy termin!"})
    await report(calendar, make_message(3, submission_id="0195-a", event=event))
    await calendar.curator.post(f"{API}/reject", headers={"If-Match": "*"}, json={"reason": "incomplete"})

    page = await curator.read("/calendar/")
    answer = await curator.send(f"{PAGE}/reported/confirm", {"review_number": 5})
    after = await read(calendar)

    assert "/calendar/entries/0195-a" in page
    assert answer.status_code == 303
    assert (after["state"], after["reported"], after["live"]["version"]) == ("rejected", None, 2)
    assert "/calendar/entries/0195-a" not in await curator.read("/calendar/")


@pytest.mark.parametrize(("late", "shown"), [(False, True), (True, False)])
async def test_a_field_that_is_locked_waits_after_the_deadline(calendar: Calendar, *, late: bool, shown: bool) -> None:
    assert await calendar.state.calls.save(None, make_call(locked_fields=("dates",)))

    await move(calendar, late=late)

    assert ((await read(calendar))["reported"] is not None) == shown


async def test_a_venue_waits_until_a_curator_has_accepted_its_words_once(calendar: Calendar) -> None:
    async def choose(name: str, venue: dict[str, Any]) -> list[str] | None:
        await arrive(calendar, name)
        address = f"/calendar/api/v1/reviews/0195-{name}"
        await calendar.curator.post(f"{address}/accept", headers={"If-Match": "*"})
        event = make_event(title=TITLE, venue=venue)
        await report(calendar, make_message(2, submission_id=f"0195-{name}", event=event))
        reported = (await calendar.curator.get(address)).json()["reported"]
        await calendar.curator.post(f"{address}/accept", headers={"If-Match": "*"})
        return list(reported["facts"]) if reported else None

    assert await choose("a", VENUE) is None
    assert await choose("b", VENUE) == ["venue"]
    assert await choose("c", VENUE | {"name": "Zapraszamy do nas!"}) is None
    assert await choose("d", VENUE | {"street": "Korsarzy 34"}) is None


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        pytest.param({"id": "0195-v", "name": "Zamek", "town": "Szczecin"}, ["venue"], id="accepted as a venue"),
        pytest.param({"id": "0195-v", "name": "Kup bilet", "town": "Szczecin"}, None, id="in words of its own"),
        pytest.param({"name": "Jasne Błonia"}, None, id="not of the register"),
    ],
)
async def test_a_starting_point_goes_out_at_once_in_words_that_a_curator_has_accepted(
    calendar: Calendar, start: dict[str, Any], expected: list[str] | None
) -> None:
    for name, fields in (("a", {}), ("b", {"venue": VENUE})):
        event = make_event(title=TITLE, **fields)
        await calendar.receive(make_message(1, submission_id=f"0195-{name}", event=event))
        await calendar.curator.post(f"/calendar/api/v1/reviews/0195-{name}/accept", headers={"If-Match": "*"})

    event = make_event(title=TITLE, start_place=start)
    await report(calendar, make_message(2, submission_id="0195-a", event=event))
    answer = await read(calendar)

    assert (answer["reported"] and answer["reported"]["facts"]) == expected
    assert [each["field"] for each in answer["changes"]] == ["start_place"]
