"""Events at a place that was merged: nothing changes by itself, and one click takes the other place over."""

from __future__ import annotations

from typing import Any, Final

import httpx
import pytest

from services.ingest.venue.commands import merge_venues
from tests.services.ingest.builders import make_event
from tests.services.ingest.call.builders import LATE, announce, set_clock
from tests.services.ingest.conftest import Ingest
from tests.services.ingest.forms import inputs, logged_in
from tests.services.ingest.test_way import review
from tests.services.ingest.venue.places import add

API: Final = "/ingest/api/v1/submissions"
ASKED: Final = "Dwa miejsca z rejestru były jednym"


@pytest.fixture
async def browser(ingest: Ingest) -> httpx.AsyncClient:
    return await logged_in(ingest)


async def send_and_merge(ingest: Ingest, **changes: Any) -> tuple[dict[str, Any], dict[str, Any]]:  # noqa: ANN401 - fields of all kinds
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
