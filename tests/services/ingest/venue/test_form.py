"""The register in the form, without scripts: find, choose, add, near twins, what was merged while it was chosen."""

from __future__ import annotations

from typing import Any, Final

import httpx
import pytest

from services.ingest.venue.commands import merge_venues
from tests.services.ingest.builders import make_event
from tests.services.ingest.conftest import Ingest
from tests.services.ingest.forms import choices, inputs, logged_in
from tests.services.ingest.venue.places import add

NEW: Final = "/ingest/submissions/new"
CASTLE: Final = {
    "venue.name": ["Zamek Książąt"],
    "venue.town": ["Szczecin"],
    "venue.county": ["3262"],
    "venue.lat": ["53,4262"],
    "venue.lon": ["14.5602"],
}
EVENT: Final = {
    "title.pl": ["Koncert na dziedzińcu"],
    "category": ["maritime"],
    "certainty": ["exact"],
    "start_date": ["14.8.2027"],
    "venue.town": ["Szczecin"],
    "venue.county": ["3262"],
}


@pytest.fixture
async def browser(ingest: Ingest) -> httpx.AsyncClient:
    return await logged_in(ingest)


async def press(browser: httpx.AsyncClient, button: str, form: dict[str, list[str]]) -> httpx.Response:
    """Press a button of the register, and follow where it leads."""
    done = await browser.post(f"/ingest/drafts/{form['key'][0]}", data=form | {"fill": [button]})
    return await browser.get(done.headers["location"]) if done.status_code == 303 else done


async def begin(browser: httpx.AsyncClient, typed: dict[str, Any]) -> dict[str, list[str]]:
    return inputs((await browser.get(NEW)).text) | typed


async def test_words_find_a_place_and_a_button_fills_it_in(ingest: Ingest, browser: httpx.AsyncClient) -> None:
    castle = await add(ingest, postcode="70-540")
    form = await begin(browser, {"title.pl": ["Koncert"], "venue.name": ["zamek ksiazt"]})

    found = await press(browser, "find", form)
    filled = inputs((await press(browser, choices(found.text, "fill")[0], inputs(found.text))).text)

    assert "Zamek Książąt Pomorskich, ul. Korsarzy 34, Szczecin" in found.text
    assert (filled["venue.id"], filled["venue.street"], filled["venue.lat"]) == (
        [castle["id"]],
        ["ul. Korsarzy 34"],
        ["53.4262"],
    )
    assert (filled["venue.postcode"], filled["title.pl"]) == (["70-540"], ["Koncert"])


async def test_words_that_fit_nothing_are_told(browser: httpx.AsyncClient) -> None:
    page = await press(browser, "find", await begin(browser, {"venue.name": ["Qqqqq"]}))

    assert "Żadne miejsce z rejestru nie pasuje" in page.text
    assert inputs(page.text)["venue.name"] == ["Qqqqq"]


async def test_a_new_place_is_added_and_linked(ingest: Ingest, browser: httpx.AsyncClient) -> None:
    page = await press(browser, "add", await begin(browser, CASTLE))
    form = inputs(page.text)
    sent = await browser.post(NEW, data=form | EVENT)
    stored = await ingest.database["submissions"].find_one({})

    assert sent.status_code == 303
    assert stored is not None
    assert stored["event"]["venue"]["id"] == form["venue.id"][0]
    added = ingest.state.venues.index.get(form["venue.id"][0])
    assert added is not None
    assert (added.name, added.municipality, added.organisation) == ("Zamek Książąt", "3262011", "lot-szczecin")


async def test_a_near_twin_is_asked_about_and_may_be_another_place(ingest: Ingest, browser: httpx.AsyncClient) -> None:
    castle = await add(ingest)
    form = await begin(browser, CASTLE)

    asked = await press(browser, "add", form)
    again = await press(browser, "add", inputs(asked.text))
    taken = await press(browser, choices(asked.text, "fill")[0], inputs(asked.text))
    other = await press(browser, "add anyway", inputs(asked.text))

    assert ("Czy to jest to miejsce?" in asked.text, "Czy to jest to miejsce?" in again.text) == (True, True)
    assert inputs(asked.text)["venue.name"] == ["Zamek Książąt"]
    assert inputs(taken.text)["venue.id"] == [castle["id"]]
    assert "venue.id" in inputs(other.text)
    assert inputs(other.text)["venue.id"] != [castle["id"]]
    assert len(ingest.state.venues.index) == 2


async def test_pressing_twice_adds_one_place(ingest: Ingest, browser: httpx.AsyncClient) -> None:
    form = await begin(browser, CASTLE)

    pages = [await press(browser, "add", form) for _ in range(2)]

    assert len({inputs(each.text)["venue.id"][0] for each in pages}) == 1
    assert len(ingest.state.venues.index) == 1


async def test_a_place_without_name_and_position_is_refused_at_its_fields(browser: httpx.AsyncClient) -> None:
    typed = {"title.pl": ["Koncert"], "start_date": ["kiedyś"], "venue.town": ["Szczecin"], "venue.lat": ["95"]}

    page = await press(browser, "add", await begin(browser, typed))

    assert page.status_code == 422
    places = ("venue-name-error", "venue-lat-error", "venue-lon-error", "start_date-error")
    assert [f'id="{each}"' in page.text for each in places] == [True, True, True, False]
    assert (inputs(page.text)["title.pl"], inputs(page.text)["venue.lat"]) == (["Koncert"], ["95"])


async def test_without_its_tick_an_event_is_not_linked(ingest: Ingest, browser: httpx.AsyncClient) -> None:
    form = inputs((await press(browser, "add", await begin(browser, CASTLE))).text) | EVENT
    del form["venue.id"]

    await browser.post(NEW, data=form)

    stored = await ingest.database["submissions"].find_one({})
    assert stored is not None
    assert "id" not in stored["event"]["venue"]


async def test_an_unknown_place_is_refused_and_nothing_typed_is_lost(browser: httpx.AsyncClient) -> None:
    page = await browser.post(NEW, data=await begin(browser, EVENT | {"venue.id": ["nothing"]}))

    assert page.status_code == 422
    assert 'id="venue-id-error"' in page.text
    assert inputs(page.text)["title.pl"] == ["Koncert na dziedzińcu"]


async def test_a_place_that_is_merged_while_it_is_chosen_becomes_the_one_that_stays(
    ingest: Ingest, browser: httpx.AsyncClient
) -> None:
    first, second = await add(ingest, "Zamek"), await add(ingest)
    form = await begin(browser, EVENT | {"venue.id": [first["id"]], "venue.name": ["Zamek na wzgórzu"]})
    await merge_venues(ingest.state, first["id"], second["id"], number=1)

    shown = await press(browser, "find", form)
    sent = await browser.post(NEW, data=form)
    again = await browser.post(NEW, data=form)
    stored = await ingest.database["submissions"].find_one({})

    assert "To miejsce połączono" in shown.text
    assert (sent.status_code, again.headers["location"]) == (303, sent.headers["location"])
    assert stored is not None
    assert (stored["event"]["venue"]["id"], stored["event"]["venue"]["name"]) == (second["id"], "Zamek na wzgórzu")


async def test_suggestions_come_with_the_values_of_the_form_and_not_without_end(
    ingest: Ingest, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    castle = await add(ingest)
    monkeypatch.setattr("services.ingest.venue.pages.suggestions.PER_MINUTE", 2)

    answers = [await browser.get("/ingest/venues/suggestions?q=zamk") for _ in range(3)]
    found = answers[0].json()

    assert [each.status_code for each in answers] == [200, 200, 429]
    assert found["said"] == "Pasuje 1 miejsce z rejestru."
    assert (found["items"][0]["id"], found["items"][0]["fields"]["lat"]) == (castle["id"], "53.4262")
    assert found["items"][0]["label"] == "Zamek Książąt Pomorskich, ul. Korsarzy 34, Szczecin"


async def test_the_form_of_a_submission_keeps_its_place(ingest: Ingest, browser: httpx.AsyncClient) -> None:
    castle = await add(ingest)
    venue = {"id": castle["id"], "name": "Zamek", "town": "Szczecin", "county": "3262"}
    made = (await ingest.lot.post("/ingest/api/v1/submissions", json=make_event(venue=venue))).json()

    form = inputs((await browser.get(f"/ingest/submissions/{made['id']}/edit")).text)

    assert form["venue.id"] == [castle["id"]]


async def test_a_place_merged_while_its_button_is_pressed_is_the_one_that_stays(
    ingest: Ingest, browser: httpx.AsyncClient
) -> None:
    first, second = await add(ingest, "Zamek Dolny"), await add(ingest, lat=53.5)
    found = await press(browser, "find", await begin(browser, EVENT | {"venue.name": ["Zamek Dolny"]}))
    button = next(each for each in choices(found.text, "fill") if first["id"] in each)
    await merge_venues(ingest.state, first["id"], second["id"], number=1)

    filled = inputs((await press(browser, button, inputs(found.text))).text)

    assert (filled["venue.id"], filled["venue.name"]) == ([second["id"]], [second["name"]])
    assert filled["title.pl"] == ["Koncert na dziedzińcu"]


async def test_a_place_merged_while_a_sent_event_is_changed_is_the_one_that_stays(
    ingest: Ingest, browser: httpx.AsyncClient
) -> None:
    first, second = await add(ingest, "Zamek"), await add(ingest)
    venue = {"id": first["id"], "name": "Zamek na wzgórzu", "town": "Szczecin", "county": "3262"}
    made = (await ingest.lot.post("/ingest/api/v1/submissions", json=make_event(venue=venue))).json()
    address = f"/ingest/submissions/{made['id']}/edit"
    form = inputs((await browser.get(address)).text)
    await merge_venues(ingest.state, first["id"], second["id"], number=1)

    again = await browser.get(address)
    sent = await browser.post(address, data=form | {"title.pl": ["Koncert"]})
    after = (await ingest.lot.get(f"/ingest/api/v1/submissions/{made['id']}")).json()["event"]

    assert ("To miejsce połączono" in again.text, sent.status_code) == (True, 303)
    assert (after["venue"]["id"], after["venue"]["name"], after["title"]["pl"]) == (
        second["id"],
        "Zamek na wzgórzu",
        "Koncert",
    )
