"""Parts of an event by form: chosen, added from the umbrella's page, and stopped together with it."""

from __future__ import annotations

import re
from typing import Any

import httpx

from services.ingest.form.mapping import write_form
from services.ingest.submission.model import Review
from tests.services.ingest.builders import kept_event, make_event
from tests.services.ingest.conftest import Ingest
from tests.services.ingest.forms import given, inputs, logged_in

NEW = "/ingest/submissions/new"
API = "/ingest/api/v1/submissions"


async def send(ingest: Ingest, title: str, *, live: bool = False, **fields: Any) -> str:  # noqa: ANN401 - an event's fields are of all kinds
    sent = (await ingest.lot.post(API, json=make_event(title={"pl": title}, **fields))).json()["id"]
    if live:
        review = Review(2, 1, "accepted", None, None, 1, "2027-01-01T12:00:00Z", 1, "confirmed")
        await ingest.state.submissions.apply_review(sent, review)
    return str(sent)


async def read_states(ingest: Ingest) -> dict[str, tuple[str, str | None]]:
    items = (await ingest.lot.get(API)).json()["items"]
    return {each["event"]["title"]["pl"]: (each["state"], each["live_status"]) for each in items}


def list_options(page: str) -> list[str]:
    select = re.search(r'<select[^>]*name="part_of"[^>]*>(.*?)</select>', page, re.DOTALL)
    return re.findall(r'<option value="([^"]*)"', select[1]) if select else []


async def submit(browser: httpx.AsyncClient, address: str, **fields: str | list[str]) -> httpx.Response:
    """Send the form of a page that asks whether it is meant."""
    page = (await browser.get(address)).text
    hidden = dict(re.findall(r'name="(csrf|version)" value="([^"]*)"', page))
    return await browser.post(address, data={**hidden, **fields})


async def test_without_another_event_the_form_does_not_ask(ingest: Ingest) -> None:
    browser = await logged_in(ingest)

    assert 'name="part_of"' not in (await browser.get(NEW)).text


async def test_the_form_offers_what_may_have_parts(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    festival = await send(ingest, "Festiwal")
    concert = await send(ingest, "Koncert", part_of=festival)
    await send(ingest, "Dawny", dates={"certainty": "exact", "start": "2020-08-14", "end": "2020-08-16"})
    withdrawn = await send(ingest, "Wycofany")
    await ingest.lot.post(f"{API}/{withdrawn}/withdraw", headers={"If-Match": '"1"'})
    await ingest.other.post(API, json=make_event(title={"pl": "Cudzy"}))

    new, own = [list_options((await browser.get(each)).text) for each in (NEW, f"/ingest/submissions/{concert}/edit")]
    umbrella = list_options((await browser.get(f"/ingest/submissions/{festival}/edit")).text)

    assert (new, own, umbrella) == (["", festival], ["", festival], [])


async def test_a_part_is_added_from_the_page_of_its_umbrella(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    festival = await send(ingest, "Festiwal")
    shown = (await browser.get(f"/ingest/submissions/{festival}")).text
    add = re.search(r'href="(/ingest/submissions/[^"]*/parts/new)"', shown)
    assert add is not None

    form = inputs((await browser.get(add[1])).text)
    wrong = await browser.post(NEW, data=form)
    sent = await browser.post(NEW, data=inputs(wrong.text) | {"title.pl": "Koncert"})
    part = (await browser.get(sent.headers["location"])).text
    after = (await browser.get(f"/ingest/submissions/{festival}")).text

    assert given(form) == {
        "part_of": [festival],
        "category": ["maritime"],
        "certainty": ["exact"],
        "start_date": ["14.08.2027"],
        "repeats": ["once"],
        "month": ["2027-08"],
        "venue.name": ["Wały Chrobrego"],
        "venue.street": ["Wały Chrobrego 1"],
        "venue.postcode": ["70-500"],
        "venue.town": ["Szczecin"],
        "venue.county": ["3262"],
        "venue.lat": ["53.43"],
        "venue.lon": ["14.565"],
        "contact.name": ["Anna Żak"],
        "contact.email": ["biuro@example.pl"],
        "contact.phone": ["+48 91 123 45 67"],
    }
    assert (wrong.status_code, list_options(wrong.text)) == (422, ["", festival])
    assert f'<a href="/ingest/submissions/{festival}">Festiwal</a>' in part
    assert f'href="{sent.headers["location"]}"' in after


async def test_a_refused_umbrella_leaves_everything_typed(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    festival = await send(ingest, "Festiwal")
    typed = inputs((await browser.get(NEW)).text) | write_form(kept_event(title={"pl": "Bis"})) | {"part_of": festival}
    await ingest.lot.post(f"{API}/{festival}/withdraw", headers={"If-Match": '"1"'})

    refused = await browser.post(NEW, data=typed)

    assert refused.status_code == 422
    assert "„Festiwal” jest wycofane" in refused.text
    assert 'href="#part_of"' in refused.text
    assert given(inputs(refused.text))["title.pl"] == ["Bis"]
    assert list_options(refused.text) == ["", festival]


async def test_cancelling_the_umbrella_cancels_the_parts_that_stay_ticked(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    festival = await send(ingest, "Festiwal", live=True)
    first, second, third = [await send(ingest, each, live=True, part_of=festival) for each in ("A", "B", "C")]
    await send(ingest, "Czeka", part_of=festival)
    address = f"/ingest/submissions/{festival}/cancel"

    asked = (await browser.get(address)).text
    done = await submit(browser, address, part=[first, third])
    said = (await browser.get(done.headers["location"])).text

    ticked = re.findall(r'<input type="checkbox"[^>]*name="part" value="([^"]*)" checked', asked)
    assert ticked == [first, second, third]
    assert "Wydarzenie jest odwołane, a z nim 2 części." in said
    assert await read_states(ingest) == {
        "Festiwal": ("accepted", "cancelled"),
        "A": ("accepted", "cancelled"),
        "B": ("accepted", "confirmed"),
        "C": ("accepted", "cancelled"),
        "Czeka": ("waiting", None),
    }


async def test_the_same_form_once_more_finishes_what_was_left_and_repeats_nothing(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    festival = await send(ingest, "Festiwal", live=True)
    part = await send(ingest, "A", live=True, part_of=festival)
    address = f"/ingest/submissions/{festival}/cancel"
    page = (await browser.get(address)).text
    hidden = dict(re.findall(r'name="(csrf|version)" value="([^"]*)"', page))

    await browser.post(address, data=hidden)  # the process ended before the parts
    again = [await browser.post(address, data={**hidden, "part": part}) for _ in range(2)]

    assert [each.status_code for each in again] == [303, 303]
    assert await read_states(ingest) == {"Festiwal": ("accepted", "cancelled"), "A": ("accepted", "cancelled")}
    assert (await ingest.lot.get(f"{API}/{part}")).json()["version"] == 2


async def test_only_parts_of_this_event_stop_with_it(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    festival, other = await send(ingest, "Festiwal"), await send(ingest, "Inny")
    part = await send(ingest, "A", part_of=festival)
    foreign = (await ingest.other.post(API, json=make_event(title={"pl": "Cudzy"}))).json()["id"]

    await submit(browser, f"/ingest/submissions/{festival}/withdraw", part=[part, other, foreign, "x"])

    assert {title: state for title, (state, _) in (await read_states(ingest)).items()} == {
        "Festiwal": "withdrawn",
        "A": "withdrawn",
        "Inny": "waiting",
    }
    assert (await ingest.other.get(f"{API}/{foreign}")).json()["state"] == "waiting"


async def test_a_page_that_is_outdated_keeps_what_was_unticked(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    festival = await send(ingest, "Festiwal")
    part, other = [await send(ingest, each, part_of=festival) for each in ("A", "B")]
    address = f"/ingest/submissions/{festival}/withdraw"
    page = (await browser.get(address)).text
    csrf = re.findall(r'name="csrf" value="([^"]*)"', page)[0]

    stale = await browser.post(address, data={"csrf": csrf, "version": "99", "part": part})

    assert stale.status_code == 412
    boxes = re.findall(r'name="part" value="([^"]*)"( checked)?', stale.text)
    assert boxes == [(part, " checked"), (other, "")]
