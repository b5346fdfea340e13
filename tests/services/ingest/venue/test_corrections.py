"""Events at a place that was merged or corrected: nothing changes by itself, and one click takes it over."""

from __future__ import annotations

from typing import Any, Final

import httpx
import pytest

from services.ingest.venue.commands import change_venue, merge_venues
from services.ingest.venue.model import WORDS
from services.ingest.venue.place_words import VenueWords
from tests.services.ingest.builders import make_event
from tests.services.ingest.call.builders import LATE, announce, set_clock
from tests.services.ingest.conftest import Ingest
from tests.services.ingest.forms import choices, inputs, logged_in
from tests.services.ingest.test_way import review
from tests.services.ingest.venue.places import add

API: Final = "/ingest/api/v1/submissions"
ASKED: Final = "Dwa miejsca z rejestru były jednym"


@pytest.fixture
async def browser(ingest: Ingest) -> httpx.AsyncClient:
    return await logged_in(ingest)


async def send_and_merge(ingest: Ingest, **changes: object) -> tuple[dict[str, Any], dict[str, Any]]:
    """An event at a place that is then merged; gives the submission and the place that stays."""
    first, second = await add(ingest, "Zamek"), await add(ingest)
    venue = {"id": first["id"], "name": "Zamek", "town": "Szczecin", "county": "3262"}
    made = (await ingest.lot.post(API, json=make_event(venue=venue, **changes))).json()
    await merge_venues(ingest.state, first["id"], second["id"], number=1)
    return made, second


async def token(browser: httpx.AsyncClient) -> dict[str, Any]:
    return {"csrf": inputs((await browser.get("/ingest/submissions/new")).text)["csrf"]}


async def test_one_click_sends_a_new_version_with_the_place_that_stays(
    ingest: Ingest, browser: httpx.AsyncClient
) -> None:
    made, stays = await send_and_merge(ingest)
    await review(ingest, made["id"])
    before = (await ingest.lot.get(f"{API}/{made['id']}")).json()

    home = await browser.get("/ingest/")
    page = await browser.get(f"/ingest/submissions/{made['id']}")
    address = f"/ingest/submissions/{made['id']}/venue"
    answers = [await browser.post(address, data=await token(browser)) for _ in range(2)]
    after = (await ingest.lot.get(f"{API}/{made['id']}")).json()

    assert (before["version"], before["event"]["venue"]["name"]) == (1, "Zamek"), "nothing changes by itself"
    assert (ASKED in home.text, f'action="{address}"' in home.text, f'action="{address}"' in page.text) == (
        True,
        True,
        True,
    )
    assert [each.status_code for each in answers] == [303, 303]
    assert (after["version"], after["state"], after["live_version"]) == (2, "waiting", 1)
    assert after["event"]["venue"] == {name: stays[name] for name in after["event"]["venue"]}
    assert after["event"]["title"] == before["event"]["title"]
    assert ASKED not in (await browser.get("/ingest/")).text


async def test_a_starting_point_that_was_merged_is_taken_over_by_one_click_too(
    ingest: Ingest, browser: httpx.AsyncClient
) -> None:
    first, second = await add(ingest, "Zamek"), await add(ingest)
    start = {"id": first["id"], "name": "Zamek", "town": "Szczecin"}
    made = (await ingest.lot.post(API, json=make_event(start_place=start))).json()
    await merge_venues(ingest.state, first["id"], second["id"], number=1)

    asked = (await browser.get("/ingest/")).text
    await browser.post(f"/ingest/submissions/{made['id']}/venue", data=await token(browser))
    after = (await ingest.lot.get(f"{API}/{made['id']}")).json()

    assert ASKED in asked
    assert after["event"]["start_place"] == {name: second[name] for name in after["event"]["start_place"]}
    assert (after["event"]["start_place"]["id"], "county" in after["event"]["start_place"]) == (second["id"], False)
    assert after["event"]["venue"] == made["event"]["venue"]
    assert ASKED not in (await browser.get("/ingest/")).text


async def test_nobody_is_asked_about_what_is_withdrawn_over_or_not_merged(
    ingest: Ingest, browser: httpx.AsyncClient
) -> None:
    past = {"certainty": "exact", "start": "2026-01-10", "end": "2026-01-10"}
    made, _stays = await send_and_merge(ingest, dates=past)
    home = await browser.get("/ingest/")
    other = (await ingest.lot.post(API, json=make_event(title={"pl": "Bez rejestru"}))).json()

    nothing = await browser.post(f"/ingest/submissions/{other['id']}/venue", data=await token(browser))

    assert ASKED not in home.text
    assert nothing.status_code == 303
    assert (await ingest.lot.get(f"{API}/{other['id']}")).json()["version"] == 1
    assert made["version"] == 1


async def test_a_locked_place_is_taken_over_with_a_late_code(ingest: Ingest, browser: httpx.AsyncClient) -> None:
    made, stays = await send_and_merge(ingest)
    await review(ingest, made["id"])
    await announce(ingest, locked_fields=["venue"])
    set_clock(ingest, LATE)

    refused = await browser.post(f"/ingest/submissions/{made['id']}/venue", data=await token(browser))

    assert refused.status_code == 409
    assert inputs(refused.text)["venue.id"] == [stays["id"]]
    assert inputs(refused.text)["venue.name"] == ["Zamek Książąt Pomorskich"]
    assert 'name="late_code"' in refused.text


async def test_the_submissions_of_others_cannot_be_touched(ingest: Ingest, browser: httpx.AsyncClient) -> None:
    made = (await ingest.other.post(API, json=make_event())).json()

    answer = await browser.post(f"/ingest/submissions/{made['id']}/venue", data=await token(browser))

    assert answer.status_code == 404


CORRECTED: Final = "Kurator poprawił miejsce w rejestrze"
TAKEN: Final = ("name", "street", "town", "county", "lat", "lon")


async def send_and_correct(ingest: Ingest, said: dict[str, Any], **changes: str | float) -> dict[str, Any]:
    """An event at a place of the register that says ``said``; the place is then corrected by ``changes``."""
    place = await add(ingest)
    words = {name: place[name] for name in TAKEN} | {"id": place["id"]} | said
    made: dict[str, Any] = (await ingest.lot.post(API, json=make_event(venue=words))).json()
    await correct(ingest, place["id"], **changes)
    return made


async def correct(ingest: Ingest, venue_id: str, **changes: str | float) -> None:
    before = await ingest.state.venues.find(venue_id)
    assert before is not None
    words = VenueWords(**{name: getattr(before, name) for name in WORDS} | changes)
    await change_venue(ingest.state, venue_id, words, municipality=None, number=before.number)


async def test_a_corrected_place_is_taken_over_by_one_click_where_the_event_said_the_same(
    ingest: Ingest, browser: httpx.AsyncClient
) -> None:
    made = await send_and_correct(ingest, {"name": "Zamek, sala Bogusława"}, street="ul. Korsarzy 34a", name="Zamek")
    await review(ingest, made["id"])
    before = (await ingest.lot.get(f"{API}/{made['id']}")).json()

    home = await browser.get("/ingest/")
    page = await browser.get(f"/ingest/submissions/{made['id']}")
    address = f"/ingest/submissions/{made['id']}/venue"
    answers = [await browser.post(address, data=await token(browser)) for _ in range(2)]
    after = (await ingest.lot.get(f"{API}/{made['id']}")).json()

    change = "Ulica i numer: ul. Korsarzy 34 → ul. Korsarzy 34a."
    assert (before["version"], before["event"]["venue"]["street"]) == (1, "ul. Korsarzy 34"), "nothing changes silently"
    assert (CORRECTED in home.text, change in home.text, change in page.text) == (True, True, True)
    assert [each.status_code for each in answers] == [303, 303]
    assert (after["version"], after["state"], after["live_version"]) == (2, "waiting", 1)
    assert after["event"]["venue"] == before["event"]["venue"] | {"street": "ul. Korsarzy 34a"}
    assert CORRECTED not in (await browser.get("/ingest/")).text


async def test_nobody_is_asked_about_a_corrected_place_whose_words_are_the_organisations_own(
    ingest: Ingest, browser: httpx.AsyncClient
) -> None:
    made = await send_and_correct(
        ingest, {"street": "wejście od ul. Rycerskiej", "lat": 53.4265}, street="inna", lon=14.5
    )

    home = await browser.get("/ingest/")
    await browser.post(f"/ingest/submissions/{made['id']}/venue", data=await token(browser))

    assert CORRECTED not in home.text
    assert (await ingest.lot.get(f"{API}/{made['id']}")).json()["version"] == 1


async def test_the_form_of_an_event_offers_the_correction_of_its_place(
    ingest: Ingest, browser: httpx.AsyncClient
) -> None:
    made = await send_and_correct(ingest, {}, lat=53.43, lon=14.56)
    page = await browser.get(f"/ingest/submissions/{made['id']}/edit")
    form = inputs(page.text) | {"title.pl": ["Nowy"]}
    button = next(each for each in choices(page.text, "fill") if each.startswith("correct "))

    done = await browser.post(f"/ingest/drafts/{form['key'][0]}", data=form | {"fill": [button]})
    taken = await browser.get(done.headers["location"])

    assert "To miejsce zostało poprawione w rejestrze:" in page.text
    assert "To miejsce zostało poprawione w rejestrze:" not in taken.text
    fields = inputs(taken.text)
    assert (fields["venue.lat"], fields["venue.lon"], fields["title.pl"]) == (["53.43"], ["14.56"], ["Nowy"])
    assert fields["venue.street"] == ["ul. Korsarzy 34"]


async def test_a_place_that_was_corrected_and_then_merged_is_asked_about_once(
    ingest: Ingest, browser: httpx.AsyncClient
) -> None:
    made = await send_and_correct(ingest, {}, name="Zamek")
    stays = await add(ingest, "Zamek na wzgórzu", lat=53.5)
    found = await ingest.state.venues.find(made["event"]["venue"]["id"])
    assert found is not None
    await merge_venues(ingest.state, found.id, stays["id"], number=found.number)

    home = await browser.get("/ingest/")

    assert (ASKED in home.text, CORRECTED in home.text) == (True, False)
