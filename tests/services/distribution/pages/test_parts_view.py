"""The page of an umbrella event is the programme of its parts, and a part leads up to it."""

from __future__ import annotations

import json
import re
from typing import Any

from shared.messages import EventPublished, EventWithdrawn
from tests.services.distribution.builders import make_message
from tests.services.distribution.serving import Served, serve

FESTIVAL = make_message(
    "f",
    title={"pl": "Festiwal"},
    dates={"certainty": "exact", "start": "2099-08-14", "end": "2099-08-16"},
)


def make_part(event_id: str, start: str, end: str, **fields: Any) -> EventPublished:  # noqa: ANN401 - any field
    dates = {"certainty": fields.pop("certainty", "exact"), "start": start, "end": end}
    return make_message(event_id, title={"pl": f"Koncert {event_id}"}, dates=dates, part_of="f", **fields)


async def read(served: Served, path: str) -> str:
    return (await served.client.get(path)).text


def list_agenda(page: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The days with hours and titles."""
    found = re.findall(
        r"<h3 class=\"day\">([^<]*)</h3>\s*<ul class=\"agenda\"[^>]*>(.*?)</ul>\s*(?=<h3|</section>)", page, re.DOTALL
    )
    lines = re.compile(r'<span class="hours">([^<]*)</span>\s*<div><a[^>]*>([^<]*)</a>')
    return [(day, lines.findall(items)) for day, items in found]


async def test_the_page_of_an_umbrella_lists_its_parts_by_day_with_hours() -> None:
    parts = [
        make_part("late", "2099-08-15T22:00", "2099-08-16T02:00"),
        make_part("noon", "2099-08-15T12:00", "2099-08-15T12:00"),
        make_part("whole", "2099-08-14", "2099-08-14"),
        make_part("two", "2099-08-14", "2099-08-15"),
        make_part("open", "2099-08-01", "2099-08-31", certainty="month"),
        make_part("off", "2099-08-16T18:00", "2099-08-16T20:00", status="cancelled"),
        make_part("office", "2099-08-16T18:00", "2099-08-16T20:00", channels=["pot-berlin"]),
    ]
    async with serve(FESTIVAL, *parts) as served:
        page = await read(served, "/pl/events/f")
        other = await read(served, "/pl/events/noon")

    assert list_agenda(page) == [
        ("piątek 14 sierpnia 2099", [("", "Koncert whole"), ("14–15 sierpnia 2099", "Koncert two")]),
        ("sobota 15 sierpnia 2099", [("12:00", "Koncert noon"), ("22:00–02:00", "Koncert late")]),
        ("niedziela 16 sierpnia 2099", [("18:00–20:00", "Koncert off")]),
        ("Dzień jeszcze nieznany", [("w sierpniu 2099, dzień do potwierdzenia", "Koncert open")]),
    ]
    assert "agenda" not in other


async def test_a_part_that_repeats_stands_on_each_of_its_days() -> None:
    recurrence = {"rrule": "FREQ=DAILY;COUNT=3", "exceptions": [{"date": "2099-08-15T18:00", "status": "cancelled"}]}
    dates = {"certainty": "exact", "start": "2099-08-14T18:00", "end": "2099-08-14T19:00", "recurrence": recurrence}
    part = make_message("p", title={"pl": "Parada"}, dates=dates, part_of="f")
    async with serve(FESTIVAL, part) as served:
        agenda = list_agenda(await read(served, "/pl/events/f"))

    assert agenda == [
        ("piątek 14 sierpnia 2099", [("18:00–19:00", "Parada")]),
        ("niedziela 16 sierpnia 2099", [("18:00–19:00", "Parada")]),
    ]


async def test_a_part_leads_up_while_its_umbrella_is_public_and_stands_alone_otherwise() -> None:
    part = make_part("c", "2099-08-15T18:00", "2099-08-15T20:00")
    link, mention = '<a href="/pl/events/f">Festiwal</a>', '<p class="where">Część wydarzenia <span>Festiwal</span></p>'
    async with serve(part) as served:
        before = [await read(served, path) for path in ("/pl/events/c", "/pl/2099")]
        await served.say(FESTIVAL)
        await served.until("/pl/events/f", "agenda")
        public = [await read(served, path) for path in ("/pl/events/c", "/pl/2099")]
        data = json.loads(re.findall(r'<script type="application/ld\+json">(.*?)</script>', public[0], re.DOTALL)[0])
        await served.say(EventWithdrawn(event_id="f", revision=2, withdrawn_at="2026-11-22T10:00:00Z"))
        await served.until("/pl/events/f", "wycofan")
        after = [await read(served, path) for path in ("/pl/events/c", "/pl/2099")]

    assert [link in public[0], mention in public[1]] == [True, True]
    assert data["superEvent"]["name"] == "Festiwal"
    for alone in (before, after):
        assert ["Festiwal" in page for page in alone] == [False, False]
        assert "Koncert c" in alone[1]


async def test_the_tag_of_an_umbrella_changes_with_its_parts() -> None:
    async with serve(FESTIVAL) as served:
        alone = await served.client.get("/api/v1/events/f")
        await served.say(make_part("c", "2099-08-15T18:00", "2099-08-15T20:00"))
        with_part = await served.until("/api/v1/events/f", '"parts"')
        await served.say(make_part("c", "2099-08-15T19:00", "2099-08-15T20:00", status="cancelled", revision=2))
        cancelled = await served.until("/api/v1/events/f", '"cancelled"')
        listed = (await served.client.get("/api/v1/events?lang=pl")).json()["items"]
        part = (await served.client.get("/api/v1/events/c")).json()

    assert (alone.headers["etag"], "parts" in alone.json()) == ('W/"1"', False)
    assert len({each.headers["etag"] for each in (alone, with_part, cancelled)}) == 3
    assert with_part.json()["parts"] == [
        {
            "id": "c",
            "uid": "c@kalendarium.zrot.pl",
            "url": "https://kalendarium.example.org/pl/events/c",
            "title": {"value": "Koncert c", "language": "pl"},
            "status": "confirmed",
        }
    ]
    assert part["part_of"]["id"] == "f"
    assert [("part_of" in each, "parts" in each) for each in listed] == [(False, False), (True, False)]
