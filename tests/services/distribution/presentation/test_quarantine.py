"""One unreadable event takes no other with it, nor a page, an answer or a feed."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from services.distribution.presentation.quarantine import Quarantine, Variant
from services.distribution.programme.model import Programme
from shared.eventlog.port import Outgoing
from shared.messages import EventPublished
from tests.services.distribution.builders import encode, make_event, make_message, make_programme
from tests.services.distribution.serving import Served, serve

POISON: dict[str, dict[str, Any]] = {
    "a title of a noncharacter": {"title": {"pl": "\ufdd0"}},
    "a title of nothing": {"title": {"pl": "\x00 \ufeff", "de": "\n"}},
    "no title": {"title": {}},
    "an end before the start": {"dates": {"certainty": "exact", "start": "2027-08-14", "end": "2027-08-01"}},
    "a date and a time": {"dates": {"certainty": "exact", "start": "2027-08-14", "end": "2027-08-15T10:00"}},
    "a time and an earlier date": {"dates": {"certainty": "exact", "start": "2027-08-14T10:00", "end": "2027-08-13"}},
    "an hour that is none": {"dates": {"certainty": "exact", "start": "2027-08-14T25:00", "end": "2027-08-14T26:00"}},
    "a certainty of its own": {"dates": {"certainty": "perhaps", "start": "2027-08-14", "end": "2027-08-14"}},
    "tickets that are none": {"tickets": ["a"]},
    "a place without a town": {"venue": {"county": "3262"}},
    "coordinates in words": {"venue": {"town": "Szczecin", "county": "3262", "lat": "x", "lon": "y"}},
    "a number for a website": {"website": 7},
}
ADDRESSES = (
    "/pl/",
    "/de/2027",
    "/pl/2027/08",
    "/en/2027/08?county=3262",
    "/pl/?from=2027-08-01&to=2027-08-31",
    "/pl/offices/pot-berlin",
    "/pl/organisers",
    "/pl/subscribe",
    "/sitemap.xml",
    "/sitemap-events-1.xml",
    "/api/v1/events",
    "/feeds/programme.ics",
    "/feeds/programme.rss",
    "/feeds/programme.json",
)
OWN = ("/pl/events/b", "/pl/events/b.ics", "/api/v1/events/b")


async def statuses(served: Served, *addresses: str) -> dict[str, int]:
    return {each: (await served.client.get(each)).status_code for each in addresses}


@pytest.mark.parametrize("what", POISON)
async def test_an_event_that_cannot_be_read_is_nowhere_and_hinders_nothing(what: str) -> None:
    async with serve(make_message("a"), make_message("b", **POISON[what]), make_message("c")) as served:
        answers = await statuses(served, *ADDRESSES)
        own = await statuses(served, *OWN)
        events = (await served.client.get("/api/v1/events")).json()["items"]
        page = (await served.client.get("/pl/2027/08")).text
        health = (await served.client.get("/readyz")).json()

    assert answers == dict.fromkeys(ADDRESSES, 200)
    assert own == dict.fromkeys(OWN, 404)
    assert [each["id"] for each in events] == ["a", "c"]
    assert "2 wydarzenia" in page
    assert "3 wydarzenia" not in page
    assert health["notes"]["quarantine"].count("b in ") >= 1


async def test_an_event_that_was_read_badly_is_back_with_a_revision_that_can_be_read() -> None:
    async with serve(make_message("a"), make_message("b", title={"pl": "\ufdd0"})) as served:
        gone = await statuses(served, "/pl/2027/08", *OWN)
        await served.say(make_message("b", 2, title={"pl": "Regaty"}))
        page = await served.until("/pl/2027/08", "Regaty")
        back = await statuses(served, *OWN)
        health = (await served.client.get("/readyz")).json()

    assert set(gone.values()) == {200, 404}
    assert "2 wydarzenia" in page.text
    assert back == dict.fromkeys(OWN, 200)
    assert "quarantine" not in health.get("notes", {})


@pytest.mark.parametrize("day", ["", "soon", "2027-8-1", "2027-02-30", "20270814", "2027-W01-1", "99999-01-01"])
async def test_a_message_about_a_day_that_is_none_is_skipped_and_named(day: str) -> None:
    event = make_event(dates={"certainty": "exact", "start": day, "end": day})
    async with serve(make_message("a"), make_message("b", event=event)) as served:
        answers = await statuses(served, *ADDRESSES)
        health = (await served.client.get("/readyz")).json()

    assert answers == dict.fromkeys(ADDRESSES, 200)
    assert health["notes"]["skipped"].startswith("1 records could not be read: ")


async def test_a_message_without_a_field_that_only_pages_need_hinders_nothing() -> None:
    message = msgspec.to_builtins(make_message("b"))
    del message["status"]
    async with serve(make_message("a")) as served:
        headers = [("ce_type", EventPublished.TYPE.encode())]
        await served.log.send(Outgoing("programme.v1", b"b", msgspec.json.encode(message), headers))
        await served.say(make_message("c", title={"pl": "Regaty"}))
        await served.until("/pl/2027/08", "Regaty")

        assert await statuses(served, *ADDRESSES) == dict.fromkeys(ADDRESSES, 200)
        assert await statuses(served, *OWN) == dict.fromkeys(OWN, 404)


def test_what_one_way_cannot_write_is_missing_there_alone() -> None:
    programme = make_programme([make_message("a")])
    [listing] = programme
    quarantine = Quarantine(programme.set_aside)

    def fail(_message: EventPublished) -> bytes:
        raise RuntimeError("no ink")

    assert quarantine.render(Variant("ics", "pl"), listing, fail) is None
    assert quarantine.render(Variant("page", "pl"), listing, lambda message: message.event_id) == "a"
    assert [(each.variant, each.reason) for each in quarantine.events] == [
        (Variant("ics", "pl"), "RuntimeError: no ink")
    ]
    assert [each.id for each in programme] == ["a"]


def test_an_event_set_aside_is_kept_and_counted_nowhere() -> None:
    programme = make_programme([make_message("a"), make_message("b")])
    before = programme.change_count

    programme.set_aside("b")
    programme.set_aside("b")
    programme.set_aside("unknown")

    assert ([each.id for each in programme], len(programme), programme.get("b")) == (["a"], 1, None)
    assert programme.change_count == before + 1
    assert set(programme.copy().events) == {"a", "b"}
    assert programme.publish(encode(make_message("b"))) is None


def test_another_programme_that_takes_the_place_is_looked_at_again() -> None:
    programme, other = make_programme([make_message("a")]), Programme()
    programme.set_aside("a")
    other.publish(encode(make_message("a")))

    programme.replace_with(other)

    assert [each.id for each in programme] == ["a"]
