"""Umbrella events and their parts, as curators see and stop them."""

from __future__ import annotations

import re
from typing import Any

import httpx

from services.calendar.entry.model import get_postponing_side
from shared.messages import Organiser
from tests.services.calendar.builders import make_event, make_message
from tests.services.calendar.conftest import Browser, Calendar

REVIEWS = "/calendar/api/v1/reviews"
FESTIVAL = "0195-f"
PAGE = f"/calendar/entries/{FESTIVAL}"


async def receive(calendar: Calendar, name: str, *, live: bool = True, version: int = 1, **fields: Any) -> None:  # noqa: ANN401 - any field
    organiser = fields.pop("organiser", Organiser("lot-szczecin", "LOT Szczecin"))
    event = make_event(title={"pl": f"Wydarzenie {name}"}, **fields)
    await calendar.receive(make_message(version, submission_id=f"0195-{name}", event=event, organiser=organiser))
    if live:
        await calendar.curator.post(f"{REVIEWS}/0195-{name}/accept", headers={"If-Match": "*"})


async def read_statuses(calendar: Calendar, *names: str) -> list[str | None]:
    answers: list[httpx.Response] = [await calendar.curator.get(f"{REVIEWS}/0195-{name}") for name in names]
    return [(each.json()["live"] or {}).get("status") for each in answers]


async def read_postponed(calendar: Calendar, *names: str) -> list[bool]:
    found = [await calendar.state.entries.find(f"0195-{name}") for name in names]
    return [each is not None and get_postponing_side(each) is not None for each in found]


async def test_pages_lead_from_an_umbrella_to_its_parts_and_back(calendar: Calendar, curator: Browser) -> None:
    await receive(calendar, "f")
    await receive(calendar, "a", part_of=FESTIVAL)
    await receive(calendar, "b", live=False, part_of=FESTIVAL)
    await receive(calendar, "x", part_of=FESTIVAL, organiser=Organiser("inny", "Inny"))

    umbrella, part = await curator.read(PAGE), await curator.read("/calendar/entries/0195-a")

    assert re.findall(r'<li><a href="/calendar/entries/([^"?]*)[^>]*>([^<]*)</a>', umbrella) == [
        ("0195-a", "Wydarzenie a"),
        ("0195-b", "Wydarzenie b"),
    ]
    assert f'Część wydarzenia <a href="{PAGE}">Wydarzenie f</a>' in part
    assert "samodzielne" not in part


async def test_a_part_may_come_before_its_umbrella_and_stands_alone_until_that_is_public(
    calendar: Calendar, curator: Browser
) -> None:
    page = "/calendar/entries/0195-a"
    await receive(calendar, "a", live=False, part_of=FESTIVAL)
    unknown = await curator.read(page)
    await receive(calendar, "f", live=False)
    waiting = await curator.read(page)
    accepted = await curator.send(f"{page}/decision", {"review_number": "1", "decision": "accept"})
    await calendar.curator.post(f"{REVIEWS}/{FESTIVAL}/accept", headers={"If-Match": "*"})

    assert "Nie ma tu wydarzenia nadrzędnego, którego to jest częścią." in unknown
    assert "to wydarzenie jest tam samodzielne." in waiting
    assert accepted.status_code == 303
    assert await read_statuses(calendar, "a", "f") == ["confirmed", "confirmed"]
    assert "samodzielne" not in await curator.read(page)


async def test_a_part_outside_the_dates_of_its_umbrella_is_pointed_out(calendar: Calendar, curator: Browser) -> None:
    await receive(calendar, "f")
    dates = {"certainty": "exact", "start": "2027-08-16T18:00", "end": "2027-08-17T20:00"}
    await receive(calendar, "a", part_of=FESTIVAL, dates=dates)
    await receive(calendar, "b", part_of=FESTIVAL)

    pages = [await curator.read(f"/calendar/entries/0195-{name}") for name in ("a", "b")]

    assert ["Termin wykracza poza termin" in page for page in pages] == [True, False]


async def test_a_changed_umbrella_is_named_by_its_title(calendar: Calendar, curator: Browser) -> None:
    await receive(calendar, "f")
    await receive(calendar, "a")
    await receive(calendar, "a", live=False, version=2, part_of=FESTIVAL)

    page = await curator.read("/calendar/entries/0195-a")

    assert '<ins><span class="unseen">dodano: </span>Wydarzenie f</ins>' in page


async def test_cancelling_an_umbrella_cancels_the_parts_that_stay_ticked(calendar: Calendar, curator: Browser) -> None:
    await receive(calendar, "f")
    for name in ("a", "b", "c"):
        await receive(calendar, name, part_of=FESTIVAL)
    await receive(calendar, "w", live=False, part_of=FESTIVAL)
    await receive(calendar, "other")

    asked = await curator.read(f"{PAGE}/cancel")
    form: dict[str, object] = {"review_number": "2", "part": ["0195-a", "0195-c", "0195-other"], "comment": "Wichura."}
    done = [await curator.send(f"{PAGE}/cancel", form) for _ in range(2)]

    assert re.findall(r'name="part" value="([^"]*)" checked', asked) == ["0195-a", "0195-b", "0195-c"]
    assert [each.status_code for each in done] == [303, 303]
    statuses = await read_statuses(calendar, "f", "a", "b", "c", "w", "other")
    assert statuses == ["cancelled", "cancelled", "confirmed", "cancelled", None, "confirmed"]
    part = (await calendar.curator.get(f"{REVIEWS}/0195-a")).json()
    assert (part["history"][-1]["comment"], part["review_number"]) == ("Wichura.", 3)


async def test_postponing_an_umbrella_postpones_the_parts_that_stay_ticked_and_they_come_back(
    calendar: Calendar, curator: Browser
) -> None:
    await receive(calendar, "f")
    for name in ("a", "b"):
        await receive(calendar, name, part_of=FESTIVAL)

    asked = await curator.read(f"{PAGE}/postpone")
    await curator.send(f"{PAGE}/postpone", {"review_number": "2", "part": ["0195-a"]})
    postponed = await read_postponed(calendar, "f", "a", "b")
    back = await curator.read(f"{PAGE}/reinstate")
    await curator.send(f"{PAGE}/reinstate", {"review_number": "3", "part": ["0195-a"]})

    assert re.findall(r'name="part" value="([^"]*)" checked', asked) == ["0195-a", "0195-b"]
    assert re.findall(r'name="part" value="([^"]*)" checked', back) == ["0195-a"], "only what is postponed comes back"
    assert (postponed, await read_postponed(calendar, "f", "a", "b")) == ([True, True, False], [False, False, False])


async def test_withdrawing_an_umbrella_offers_what_waits_too(calendar: Calendar, curator: Browser) -> None:
    await receive(calendar, "f")
    await receive(calendar, "a", part_of=FESTIVAL)
    await receive(calendar, "w", live=False, part_of=FESTIVAL)

    asked = await curator.read(f"{PAGE}/withdraw")
    await curator.send(f"{PAGE}/withdraw", {"review_number": "2", "part": ["0195-w"]})

    assert re.findall(r'name="part" value="([^"]*)" checked', asked) == ["0195-a", "0195-w"]
    assert await read_statuses(calendar, "f", "a") == ["withdrawn", "confirmed"]
    assert (await calendar.curator.get(f"{REVIEWS}/0195-w")).json()["state"] == "withdrawn"


async def test_a_refused_form_keeps_which_parts_were_ticked(calendar: Calendar, curator: Browser) -> None:
    await receive(calendar, "f")
    for name in ("a", "b"):
        await receive(calendar, name, part_of=FESTIVAL)

    stale = await curator.send(f"{PAGE}/cancel", {"review_number": "1", "part": ["0195-b"]})

    assert stale.status_code == 412
    assert re.findall(r'name="part" value="([^"]*)"( checked)?', stale.text) == [("0195-a", ""), ("0195-b", " checked")]
