"""The curators' pages of the register: list, edit, merge, keep apart."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import httpx
import pytest

from services.ingest.venue.commands import merge_venues
from shared.accounts.model import Membership, put_membership
from tests.services.ingest.builders import make_event
from tests.services.ingest.conftest import Ingest
from tests.services.ingest.venue.places import add
from tests.services.ingest.visiting import browsing, log_in, send, text_of, value_of

VENUES: Final = "/ingest/venues"


@pytest.fixture
async def curator(ingest: Ingest) -> AsyncIterator[httpx.AsyncClient]:
    async with browsing(ingest.app) as browser:
        await log_in(browser, ingest.accounts, "kurator@example.pl")
        yield browser


async def test_possible_twins_stand_first_and_the_list_can_be_searched(
    ingest: Ingest, curator: httpx.AsyncClient
) -> None:
    await add(ingest, "Amfiteatr", lat=53.9)
    await add(ingest, "Zamek")
    await add(ingest)

    whole, searched = text_of(await curator.get(VENUES)), text_of(await curator.get(f"{VENUES}?q=amfitetr"))

    assert whole.index("Zamek Książąt Pomorskich") < whole.index("Amfiteatr")
    assert ("Amfiteatr" in searched, "Zamek" in searched) == (True, False)
    assert "No place of the register fits." in text_of(await curator.get(f"{VENUES}?q=qqqqq"))


async def test_a_place_is_corrected_and_of_two_at_once_one_is_told(ingest: Ingest, curator: httpx.AsyncClient) -> None:
    castle = await add(ingest)
    address = f"{VENUES}/{castle['id']}"
    page = await curator.get(address)
    form = {
        "act": "save",
        "number": value_of(page, "number"),
        "venue.name": "Zamek",
        "venue.town": "Szczecin",
        "venue.county": "3262",
        "venue.municipality": "3262011",
        "venue.lat": "53,4263",
        "venue.lon": "14.5602",
    }

    saved = await send(curator, address, form)
    late = await send(curator, address, form | {"venue.name": "Zamek Królewski"})
    wrong = await send(curator, address, form | {"number": "2", "venue.name": "", "venue.lat": "północ"})

    found = await ingest.state.venues.find(castle["id"])
    assert found is not None
    assert (found.name, found.street, found.lat, found.number) == ("Zamek", None, 53.4263, 2)
    assert (saved.status_code, late.status_code, wrong.status_code) == (303, 409, 422)
    assert ("Somebody else has changed" in late.text, value_of(late, "venue.name")) == (True, "Zamek Królewski")
    assert ("Give the name of the place" in wrong.text, value_of(wrong, "venue.lat")) == (True, "północ")


@pytest.mark.parametrize("act", ["keep", "leave"])
async def test_a_curator_picks_which_of_two_stays(act: str, ingest: Ingest, curator: httpx.AsyncClient) -> None:
    shown, other = await add(ingest), await add(ingest, "Zamek")
    page = await curator.get(f"{VENUES}/{shown['id']}")
    button = next(each for each in page.text.split('"') if each.startswith(f"{act} {other['id']}"))

    done = await send(curator, f"{VENUES}/{shown['id']}", {"act": button})
    stays, gone = (shown, other) if act == "keep" else (other, shown)
    merged = await curator.get(f"{VENUES}/{gone['id']}")

    assert done.headers["location"] == f"{VENUES}/{stays['id']}"
    assert "This place was merged" in text_of(merged)
    assert gone["name"] not in text_of(await curator.get(VENUES)).replace(stays["name"], "")
    await send(curator, f"{VENUES}/{gone['id']}", {"act": "restore"})
    found = await ingest.state.venues.find(gone["id"])
    assert found is not None
    assert found.merged_into is None


async def test_two_places_can_be_kept_apart(ingest: Ingest, curator: httpx.AsyncClient) -> None:
    shown, other = await add(ingest), await add(ingest, "Zamek")

    await send(curator, f"{VENUES}/{shown['id']}", {"act": f"apart {other['id']}"})

    assert "No place is near or has a similar name." in text_of(await curator.get(f"{VENUES}/{shown['id']}"))


async def test_a_merge_that_was_overtaken_is_told(ingest: Ingest, curator: httpx.AsyncClient) -> None:
    shown, other = await add(ingest), await add(ingest, "Zamek")
    third = await add(ingest, "Opera", lat=53.9)
    await merge_venues(ingest.state, other["id"], third["id"], number=1)

    late = await send(curator, f"{VENUES}/{shown['id']}", {"act": f"keep {other['id']} 1"})

    assert (late.status_code, "Somebody else has changed" in late.text) == (409, True)


async def test_another_place_is_searched_for_and_the_number_of_its_submissions_told(
    ingest: Ingest, curator: httpx.AsyncClient
) -> None:
    shown = await add(ingest)
    await add(ingest, "Opera", lat=53.9)
    venue = {"id": shown["id"], "name": "Zamek", "town": "Szczecin", "county": "3262"}
    await ingest.lot.post("/ingest/api/v1/submissions", json=make_event(venue=venue))

    page = text_of(await curator.get(f"{VENUES}/{shown['id']}?q=oprea"))

    assert ("Opera" in page, "1 submission" in page) == (True, True)


@pytest.mark.parametrize("act", ["", "explode", "keep", "keep nothing 1", "leave nothing", "apart nothing"])
async def test_what_no_button_says_is_not_found(act: str, ingest: Ingest, curator: httpx.AsyncClient) -> None:
    castle = await add(ingest)

    assert (await send(curator, f"{VENUES}/{castle['id']}", {"act": act})).status_code == 404


async def test_a_curator_of_one_county_sees_its_places_only(ingest: Ingest, curator: httpx.AsyncClient) -> None:
    castle = await add(ingest)
    account = await ingest.accounts.find_by_session(next(iter(curator.cookies.values())))
    assert account is not None
    limited = Membership("zrot", "ZROT", "curator", counties=("3261",))
    await ingest.accounts.change_person(account.id, lambda person: put_membership(person, limited))

    listed = text_of(await curator.get(VENUES))
    page = await curator.get(f"{VENUES}/{castle['id']}")

    assert ("Zamek" in listed, page.status_code) == (False, 404)
