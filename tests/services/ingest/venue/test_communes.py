"""Town and county of an event are checked against each other by all communes, in the form and by API."""

from __future__ import annotations

from html import unescape
from typing import Any, Final

import httpx

from tests.services.ingest.builders import make_event
from tests.services.ingest.conftest import Ingest
from tests.services.ingest.forms import inputs, logged_in
from tests.support.communes import COMMUNES, list_combinations

API: Final = "/ingest/api/v1/submissions"
NEW: Final = "/ingest/submissions/new"
ASKED: Final = "znamy z innego powiatu"


async def test_the_api_asks_about_every_commune_in_another_county_and_refuses_none(ingest: Ingest) -> None:
    found = [
        (town, county, await validate(ingest, town, county), is_listed)
        for town, county, is_listed in list_combinations()
    ]

    expected = {True: [], False: [("venue.county", "town_elsewhere")]}
    assert len(found) == 2 * COMMUNES
    assert [each for *each, is_listed in found if each[2] != expected[is_listed]] == []


async def validate(ingest: Ingest, town: str, county: str) -> list[tuple[str, str]]:
    answer = await ingest.lot.post(f"{API}/validate", json=make_event(venue={"town": town, "county": county}))
    assert answer.status_code == 200, answer.text
    return [(each["field"], each["code"]) for each in answer.json()["warnings"]]


async def test_the_form_asks_about_every_commune_in_another_county(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    form = inputs((await browser.get(NEW)).text)

    found = [
        (town, county, await ask(browser, form, town, county) == is_listed)
        for town, county, is_listed in list_combinations()
    ]

    assert [each for each in found if each[2]] == []


async def ask(browser: httpx.AsyncClient, form: dict[str, Any], town: str, county: str) -> bool:
    """Whether the form, which comes back since its title is missing, asks about town and county."""
    page = await browser.post(NEW, data=form | {"venue.town": [town], "venue.county": [county]})
    assert page.status_code == 422
    assert inputs(page.text)["venue.town"] == [town], "nothing typed is lost"
    return f"Miejscowość {town} {ASKED}" in unescape(page.text)


async def test_the_preview_and_the_page_after_sending_ask_too(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    typed = {
        "title.pl": ["Koncert"],
        "category": ["maritime"],
        "certainty": ["exact"],
        "start_date": ["14.8.2027"],
        "venue.town": ["Kołobrzeg"],
        "venue.county": ["3262"],
    }
    form = inputs((await browser.get(NEW)).text) | typed

    previewed = await browser.post(f"/ingest/drafts/{form['key'][0]}/preview", data=form)
    preview = await browser.get(previewed.headers["location"])
    sent = await browser.post(NEW, data=form)
    page = await browser.get(sent.headers["location"])
    edited = await browser.get(f"{sent.headers['location']}/edit")

    asked = f"Miejscowość Kołobrzeg {ASKED}"
    assert [each.text.count(asked) for each in (preview, page, edited)] == [1, 1, 1]
    assert f'href="/ingest/drafts/{form["key"][0]}#venue-county"' in preview.text
