"""The form while a call does not take events: everything typed stays, with the way out."""

from __future__ import annotations

import shutil
from html import unescape
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from services.ingest.app import Settings
from services.ingest.call.guesses import MOST
from tests.services.ingest.builders import make_event
from tests.services.ingest.call.builders import AHEAD, CODE, LATE, OPEN, announce, set_clock
from tests.services.ingest.conftest import REGION, Ingest
from tests.services.ingest.forms import inputs, logged_in
from tests.services.ingest.test_way import review

NEW: Final = "/ingest/submissions/new"
TYPED: Final = {
    "title.pl": "Żagle z Żorami",
    "category": "maritime",
    "certainty": "exact",
    "start_date": "14.8.2027",
    "venue.town": "Szczecin",
    "venue.county": "3262",
}


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """A region whose curator has an address."""
    pack = shutil.copytree(REGION, tmp_path / "region")
    with (pack / "region.toml").open("r+", encoding="utf-8") as file:
        written = file.read()
        file.seek(0)
        file.write(f'email = "kontakt@zrot.example"\n{written}')
    return settings.model_copy(update={"region": pack})


@pytest.fixture
async def browser(ingest: Ingest) -> httpx.AsyncClient:
    return await logged_in(ingest)


async def fill(browser: httpx.AsyncClient, address: str = NEW, **typed: Any) -> httpx.Response:  # noqa: ANN401 - one value or several
    form = inputs((await browser.get(address)).text)
    return await browser.post(address, data=form | typed)


async def count(ingest: Ingest) -> int:
    return await ingest.database["submissions"].count_documents({})


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (AHEAD, "Nowe wydarzenia na 2027 rok przyjmujemy od dnia 1 października 2026"),
        (LATE, "Nowe wydarzenia na 2027 rok przyjmowaliśmy do dnia 15 grudnia 2026"),
    ],
)
async def test_refused_event_comes_back_with_what_was_typed_and_the_criteria(
    ingest: Ingest, browser: httpx.AsyncClient, at: str, words: str
) -> None:
    await announce(ingest)
    set_clock(ingest, at)

    refused = await fill(browser, **TYPED)

    page = unescape(refused.text)
    assert (refused.status_code, await count(ingest)) == (409, 0)
    assert words in page
    assert 'href="/ingest/calls/2027"' in page
    assert inputs(refused.text)["title.pl"] == ["Żagle z Żorami"]


@pytest.mark.parametrize(
    ("at", "leads"), [(AHEAD, False), (LATE, True), ("2028-02-01T12:00:00.000Z", True)], ids=["ahead", "late", "over"]
)
async def test_refusal_leads_to_the_field_for_a_late_code_where_a_code_is_taken(
    ingest: Ingest,
    browser: httpx.AsyncClient,
    at: str,
    leads: bool,  # noqa: FBT001 - a case
) -> None:
    await announce(ingest)
    set_clock(ingest, at)

    refused = await fill(browser, **TYPED)

    alert = refused.text.partition('role="alert"')[2].partition("</div>")[0]
    assert ('href="#late_code"' in alert, 'id="late_code"' in refused.text) == (leads, leads)
    assert ('href="mailto:kontakt@zrot.example"' in alert) is leads


async def test_late_code_in_the_form_lets_the_event_in(ingest: Ingest, browser: httpx.AsyncClient) -> None:
    await announce(ingest)
    set_clock(ingest, LATE)
    refused = await fill(browser, **TYPED)

    again = inputs(refused.text)
    sent = await browser.post(NEW, data=again | {"late_code": CODE})

    found = await ingest.database["submissions"].find_one({})
    assert sent.status_code == 303
    assert found
    assert (found["late"], found["event"]["title"]) == (True, {"pl": "Żagle z Żorami"})


async def test_wrong_late_code_is_named_at_its_field(ingest: Ingest, browser: httpx.AsyncClient) -> None:
    await announce(ingest)
    set_clock(ingest, LATE)

    refused = await fill(browser, **TYPED, late_code="AAAA")

    assert (refused.status_code, await count(ingest)) == (422, 0)
    assert 'href="#late_code"' in refused.text
    assert "Ten kod dla spóźnionych jest nieważny." in unescape(refused.text)
    assert inputs(refused.text)["late_code"] == ["AAAA"]


async def test_too_many_wrong_codes_are_told_to_wait(ingest: Ingest, browser: httpx.AsyncClient) -> None:
    await announce(ingest)
    set_clock(ingest, LATE)
    for number in range(MOST):
        await fill(browser, **TYPED, late_code=f"GUESS-{number}")

    refused = await fill(browser, **TYPED, late_code=CODE)

    assert (refused.status_code, int(refused.headers["retry-after"]) > 0, await count(ingest)) == (429, True, 0)
    assert inputs(refused.text)["title.pl"] == ["Żagle z Żorami"]


async def test_locked_field_is_refused_at_its_input_and_others_go_in(
    ingest: Ingest, browser: httpx.AsyncClient
) -> None:
    await announce(ingest)
    set_clock(ingest, OPEN)
    made = await ingest.lot.post("/ingest/api/v1/submissions", json=make_event())
    address = f"/ingest/submissions/{made.json()['id']}/edit"
    set_clock(ingest, LATE)

    refused = await fill(browser, address, **{"start_date": "15.8.2027", "title.pl": "Żagle 2027"})
    put_back = inputs(refused.text) | {"start_date": "14.8.2027"}
    corrected = await browser.post(address, data=put_back)

    found = await ingest.database["submissions"].find_one({})
    assert refused.status_code == 409
    assert 'href="#start_date"' in refused.text
    assert corrected.status_code == 303
    assert found
    assert (found["version"], found["late"], found["event"]["title"]["pl"]) == (2, True, "Żagle 2027")
    assert "Po terminie" in (await browser.get("/ingest/")).text


async def test_locked_fields_say_what_is_in_force_before_and_after_a_refusal(
    ingest: Ingest, browser: httpx.AsyncClient
) -> None:
    await announce(ingest)
    set_clock(ingest, OPEN)
    browser.headers["Accept-Language"] = "en"
    made = await ingest.lot.post("/ingest/api/v1/submissions", json=make_event())
    address = f"/ingest/submissions/{made.json()['id']}/edit"
    in_force = "Saturday 14 – Monday 16 August 2027"
    assert in_force not in (await browser.get(address)).text

    set_clock(ingest, LATE)
    refused = await fill(browser, address, start_date="15.8.2027")

    assert f"Dates: {in_force}" in (await browser.get(address)).text
    assert f"It was: {in_force}" in refused.text


async def test_locked_tickets_are_shown_as_stated_and_let_a_correction_in(
    ingest: Ingest, browser: httpx.AsyncClient
) -> None:
    await announce(ingest, locked_fields=["tickets"])
    set_clock(ingest, OPEN)
    browser.headers["Accept-Language"] = "en"
    made = (await ingest.lot.post("/ingest/api/v1/submissions", json=make_event())).json()
    await review(ingest, made["id"])
    set_clock(ingest, LATE)
    address = f"/ingest/api/v1/submissions/{made['id']}"
    await ingest.lot.put(f"{address}/availability", json={"availability": "sold_out"}, headers={"If-Match": "*"})

    form = await browser.get(f"/ingest/submissions/{made['id']}/edit")
    sent = await browser.post(f"/ingest/submissions/{made['id']}/edit", data=inputs(form.text) | {"title.pl": "Żagle!"})

    assert "Tickets: Free admission; Sold out</li>" in form.text
    assert (sent.status_code, (await ingest.lot.get(address)).json()["version"]) == (303, 3)


async def test_form_asks_for_a_code_only_after_a_deadline(ingest: Ingest, browser: httpx.AsyncClient) -> None:
    await announce(ingest)
    set_clock(ingest, OPEN)
    assert "late_code" not in inputs((await browser.get(NEW)).text)

    set_clock(ingest, LATE)
    assert "late_code" in inputs((await browser.get(NEW)).text)
