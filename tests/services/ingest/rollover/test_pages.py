"""The page of last year's events: what it proposes, what it makes, and what it never does twice."""

from __future__ import annotations

import asyncio
import re

import httpx
import pytest

from services.ingest.rollover.commands import count_not_renewed
from services.ingest.submission.model import Review
from tests.services.ingest.builders import make_event
from tests.services.ingest.conftest import Ingest
from tests.services.ingest.forms import logged_in

API = "/ingest/api/v1/submissions"
PAGE = "/ingest/rollover/2028"
LOT = "lot-szczecin"


async def public(ingest: Ingest, title: str, start: str, end: str = "", *, by: httpx.AsyncClient | None = None) -> str:
    """Send an event, let it be accepted, give its id."""
    sent = await send(by or ingest.lot, title, start, end)
    review = Review(2, 1, "accepted", None, None, 1, "2027-01-01T12:00:00Z", 1, "confirmed")
    await ingest.state.submissions.apply_review(sent, review)
    return sent


async def send(by: httpx.AsyncClient, title: str, start: str, end: str = "") -> str:
    dates = {"certainty": "exact", "start": start, "end": end or start}
    made = await by.post(API, json=make_event(title={"pl": title}, dates=dates))
    return str(made.json()["id"])


async def press(browser: httpx.AsyncClient, **fields: str | list[str]) -> httpx.Response:
    """Send the form of the page."""
    page = await browser.get(PAGE)
    csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
    return await browser.post(PAGE, data={"csrf": csrf, **fields})


def titles(page: httpx.Response) -> list[str]:
    """The titles of the rows that have a box."""
    return re.findall(r'<tr role="row" class="picked">.*?<a href="[^"]*">([^<]*)</a>', page.text, re.DOTALL)


async def drafts(ingest: Ingest) -> list[dict[str, tuple[str, ...]]]:
    listed = await ingest.state.drafts.list(LOT)
    return [draft.fields for each in listed if (draft := await ingest.state.drafts.find(each.id, LOT))]


async def test_an_event_of_last_year_becomes_a_draft_on_the_same_days(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    event = await public(ingest, "Żagle", "2027-08-14", "2027-08-16")

    shown = await browser.get(PAGE)
    done = await press(browser, act="renew", entry=event)
    after = await browser.get(PAGE)

    assert titles(shown) == ["Żagle"]
    assert "12–14 VIII 2028" in shown.text
    assert "te same dni tygodnia, tydzień 32" in shown.text
    assert (done.status_code, done.headers["location"]) == (303, PAGE)
    [draft] = await drafts(ingest)
    assert [draft[name] for name in ("title.pl", "start_date", "end_date", "certainty")] == [
        ("Żagle",),
        ("12.08.2028",),
        ("14.08.2028",),
        ("provisional",),
    ]
    assert "Zrobiono 1 szkic na 2028." in after.text
    assert titles(after) == []


async def test_one_press_makes_drafts_of_all_and_the_second_adds_nothing(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    events = [await public(ingest, f"Koncert {number}", f"2027-07-0{number}") for number in (1, 2, 3)]

    await press(browser, act="renew", entry=events)
    await press(browser, act="renew", entry=events)

    assert len(await drafts(ingest)) == 3
    assert "Zrobiono 0 szkiców na 2028." in (await browser.get(PAGE)).text


async def test_a_form_of_another_session_makes_nothing(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    event = await public(ingest, "Żagle", "2027-08-14")

    await browser.post(PAGE, data={"csrf": "0" * 64, "act": "renew", "entry": event})

    assert await drafts(ingest) == []


async def test_two_people_at_once_make_each_draft_once(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    events = [await public(ingest, f"Koncert {number}", f"2027-07-0{number}") for number in (1, 2, 3)]

    await asyncio.gather(*(press(browser, act="renew", entry=events) for _ in range(4)))

    assert len(await drafts(ingest)) == 3


async def test_a_single_event_becomes_a_draft_by_its_own_button(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    one, other = await public(ingest, "Żagle", "2027-08-14"), await public(ingest, "Rejs", "2027-08-20")

    await press(browser, one=one, entry=[one, other])

    assert [each["title.pl"] for each in await drafts(ingest)] == [("Żagle",)]
    assert titles(await browser.get(PAGE)) == ["Rejs"]


async def test_only_what_was_public_and_ones_own_is_offered(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    await ingest.lot.post(API, json=make_event(title={"pl": "Czeka"}))
    foreign = await public(ingest, "Cudze", "2027-08-14", by=ingest.other)
    await public(ingest, "Zeszłoroczne", "2026-08-14")
    own = await public(ingest, "Żagle", "2027-08-14")

    await press(browser, act="renew", entry=[foreign, own])

    assert [each["title.pl"] for each in await drafts(ingest)] == [("Żagle",)]
    assert await ingest.state.drafts.list("lot-inny") == []


async def test_nothing_ticked_is_said_and_changes_nothing(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    await public(ingest, "Żagle", "2027-08-14")

    refused = await press(browser, act="renew")

    assert refused.status_code == 422
    assert "<title>Błąd:" in refused.text
    assert "Zaznacz co najmniej jedno wydarzenie." in refused.text
    assert await drafts(ingest) == []


async def test_what_does_not_return_keeps_its_reason_and_can_be_taken_back(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    event = await public(ingest, "Kino na plaży", "2027-08-03")

    asked = await press(browser, act="ask", entry=event)
    refused = await press(browser, act="decline", entry=event, reason=" ")
    await press(browser, act="decline", entry=event, reason="nie ma <sponsora>")
    declined = await browser.get(PAGE)
    await press(browser, act="renew", entry=event)
    before = await drafts(ingest)
    await press(browser, back=event)
    back = await browser.get(PAGE)

    assert (asked.status_code, refused.status_code) == (200, 422)
    assert "Kino na plaży" in asked.text
    assert "nie wraca: „nie ma &lt;sponsora&gt;”" in declined.text
    assert (titles(declined), titles(back)) == ([], ["Kino na plaży"])
    assert before == []


async def test_an_event_sent_without_the_roll_over_counts_as_renewed(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    await public(ingest, "XXVII Festiwal Żeglarski 2027", "2027-08-14")
    await public(ingest, "Żagle", "2027-08-21")
    await send(ingest.lot, "XXVIII Festiwal żeglarski", "2028-08-19")

    page = await browser.get(PAGE)

    assert titles(page) == ["Żagle"]
    assert "19 VIII 2028" in page.text


async def test_a_discarded_draft_puts_the_event_back_on_the_list(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    event = await public(ingest, "Żagle", "2027-08-14")
    await press(browser, act="renew", entry=event)
    [draft] = await ingest.state.drafts.list(LOT)

    await ingest.state.drafts.end(draft, "discarded")

    assert titles(await browser.get(PAGE)) == ["Żagle"]


async def test_a_sent_draft_is_settled_for_good(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    event = await public(ingest, "Żagle", "2027-08-14")
    await press(browser, act="renew", entry=event)
    [draft] = await ingest.state.drafts.list(LOT)
    sent = await send(ingest.lot, "Pod nową nazwą", "2028-08-19")
    await ingest.state.drafts.end(draft, "sent", sent_as=sent)

    page = await browser.get(PAGE)
    await press(browser, act="renew", entry=event)

    assert f'href="/ingest/submissions/{sent}">Żagle' in page.text
    assert await drafts(ingest) == []


async def test_the_curators_get_numbers(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    events = [await public(ingest, f"Koncert {number}", f"2027-07-0{number}") for number in (1, 2, 3, 4)]
    await send(ingest.lot, "Koncert 4", "2028-07-04")
    await press(browser, act="renew", entry=events[0])
    await press(browser, act="decline", entry=events[1], reason="nie ma pieniędzy")

    counts = await count_not_renewed(ingest.state, LOT, 2028)

    assert (counts.total, counts.drafts, counts.sent, counts.declined, counts.not_renewed) == (4, 1, 1, 1, 1)


@pytest.mark.parametrize("year", ["2000", "2100", "202", "20280", "rok", "２０２７"])
async def test_there_is_no_page_of_a_year_that_cannot_be(ingest: Ingest, year: str) -> None:
    browser = await logged_in(ingest)

    assert (await browser.get(f"/ingest/rollover/{year}")).status_code == 404


async def test_the_doubts_are_said(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    await public(ingest, "Jarmark Wielkanocny", "2027-03-20", "2027-03-21")
    await public(ingest, "Gęsina na św. Marcina", "2027-11-11")

    page = await browser.get(PAGE)

    assert "Święto ruchome. Wielkanoc: niedziela 16 kwietnia 2028. Sprawdź dzień." in page.text
    assert "Stała data, teraz sobota 11 listopada 2028. Sprawdź dzień." in page.text


async def test_the_address_without_a_year_leads_to_one(ingest: Ingest) -> None:
    browser = await logged_in(ingest)

    answer = await browser.get("/ingest/rollover")

    assert answer.status_code == 303
    assert re.fullmatch(r"/ingest/rollover/20\d\d", answer.headers["location"])


async def test_a_part_follows_its_umbrella_into_the_next_year_where_there_is_one(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    festival = await public(ingest, "Festiwal", "2027-08-14")
    early, late = [
        (
            await ingest.lot.post(
                API,
                json=make_event(
                    title={"pl": title},
                    dates={"certainty": "exact", "start": "2027-08-14", "end": "2027-08-14"},
                    part_of=festival,
                ),
            )
        ).json()["id"]
        for title in ("Koncert A", "Koncert B")
    ]
    for each in (early, late):
        review = Review(2, 1, "accepted", None, None, 1, "2027-01-01T12:00:00Z", 1, "confirmed")
        await ingest.state.submissions.apply_review(each, review)

    await press(browser, act="renew", entry=early)
    [before] = await drafts(ingest)
    successor = await send(ingest.lot, "Festiwal", "2028-08-12")
    await press(browser, act="renew", entry=late)
    found = {each["title.pl"]: each for each in await drafts(ingest)}
    [opened] = [each.id for each in await ingest.state.drafts.list(LOT) if each.fields["title.pl"] == ("Koncert A",)]
    shown = (await browser.get(f"/ingest/drafts/{opened}")).text

    assert "part_of" not in before
    assert found["Koncert B",]["part_of"] == (successor,)
    assert f'<option value="{successor}" selected' in shown
