from __future__ import annotations

import re

import pytest

from shared.clock import utc_timestamp
from tests.services.calendar.builders import make_event, make_message
from tests.services.calendar.conftest import Browser, Calendar


async def accept(calendar: Calendar, name: str, start: str, **fields: object) -> None:
    dates = {"certainty": "exact", "start": start, "end": start}
    event = make_event(**({"dates": dates, "title": {"pl": f"Wydarzenie {name}"}} | fields))
    await calendar.receive(make_message(1, submission_id=f"0195-{name}", event=event))
    await calendar.curator.post(f"/calendar/api/v1/reviews/0195-{name}/accept", headers={"If-Match": "*"})


def titles(page: str) -> list[str]:
    return re.findall(r'<h3><a href="/calendar/entries/[^"]*"[^>]*>([^<]+)</a></h3>', page)


async def test_programme_opens_at_its_first_month_with_counts(calendar: Calendar, curator: Browser) -> None:
    await accept(calendar, "a", "2027-08-14")
    await accept(calendar, "b", "2027-05-03")
    await accept(calendar, "c", "2027-05-01")

    page = await curator.read("/calendar/programme/2027")

    assert 'Program 2027 <span class="count">3</span>' in page
    assert titles(page) == ["Wydarzenie c", "Wydarzenie b"]
    assert "Maj" in page
    assert "2 wydarzenia" in page
    assert 'href="/calendar/programme/2027?month=8"' in page


async def test_month_is_an_address(calendar: Calendar, curator: Browser) -> None:
    await accept(calendar, "a", "2027-08-14")

    assert titles(await curator.read("/calendar/programme/2027?month=8")) == ["Wydarzenie a"]
    assert "W tym miesiącu nic jeszcze nie ma." in await curator.read("/calendar/programme/2027?month=2")
    assert (await curator.open("/calendar/programme/2027?month=13")).status_code == 400
    assert (await curator.open("/calendar/programme/rok")).status_code == 404


async def test_programme_is_filtered(calendar: Calendar, curator: Browser) -> None:
    await accept(calendar, "a", "2027-08-14")
    await accept(calendar, "b", "2027-08-15", category="film")

    page = await curator.read("/calendar/programme/2027?category=film")

    assert titles(page) == ["Wydarzenie b"]
    assert 'href="/calendar/programme/2027?category=film&month=8"' in page


async def test_a_filter_that_is_removed_leaves_the_month(calendar: Calendar, curator: Browser) -> None:
    await accept(calendar, "a", "2027-05-14")
    await accept(calendar, "b", "2027-08-15", category="film")

    page = await curator.read("/calendar/programme/2027?category=film&county=3262&month=8")
    nothing = await curator.read("/calendar/programme/2027?category=film&month=5")

    assert re.findall(r'<li><a href="([^"]+)"><svg[^>]*>.*?</svg><span class="unseen">Usuń filtr', page) == [
        "/calendar/programme/2027?category=film&month=8",
        "/calendar/programme/2027?county=3262&month=8",
    ]
    assert re.findall(r'<p class="empty">([^<]+)<a href="([^"]+)"', nothing) == [
        ("Nic nie pasuje do tych filtrów. ", "/calendar/programme/2027?month=5")
    ]


async def test_programme_says_how_each_event_stands(calendar: Calendar, curator: Browser) -> None:
    dates = {"certainty": "provisional", "start": "2027-08-14", "end": "2027-08-14"}
    await accept(calendar, "a", "2027-08-14", dates=dates)
    await accept(calendar, "b", "2027-08-15")
    await calendar.curator.post("/calendar/api/v1/reviews/0195-b/cancel", headers={"If-Match": "*"})
    await accept(calendar, "c", "2027-08-16")
    await calendar.receive(make_message(2, submission_id="0195-c"))

    page = await curator.read("/calendar/programme/2027")

    for words in ("Termin wstępny", "Odwołane", "Zmiana czeka na decyzję", "LOT Szczecin"):
        assert words in page


async def test_long_month_has_pages(calendar: Calendar, curator: Browser) -> None:
    for number in range(52):
        await accept(calendar, f"{number:03}", "2027-08-14")

    first = await curator.read("/calendar/programme/2027?month=8")
    second = await curator.read("/calendar/programme/2027?month=8&page=2")
    ninth = await curator.read("/calendar/programme/2027?month=8&page=9")

    assert (len(titles(first)), len(titles(second))) == (50, 2)
    assert titles(ninth) == titles(second)
    assert "strona 1 z 2" in first


async def test_programme_without_a_year_is_that_of_the_next(curator: Browser) -> None:
    response = await curator.open("/calendar/programme")

    assert response.headers["location"] == f"/calendar/programme/{int(utc_timestamp()[:4]) + 1}"


async def test_an_entry_leads_back_to_the_list_it_was_opened_from(calendar: Calendar, curator: Browser) -> None:
    await accept(calendar, "a", "2027-08-14")

    listed = await curator.read("/calendar/programme/2027?county=3262&month=8")
    link = re.findall(r'<h3><a href="([^"]+)"', listed)[0]
    entry = await curator.read(link)

    assert '<p class="back"><a href="/calendar/programme/2027?county=3262&month=8">' in entry
    assert "Program 2027</a>" in entry


@pytest.mark.parametrize(
    "back", ["//evil.example/calendar/programme/2027", "https://evil.example", "/ingest/", "/calendar/programme/x", ""]
)
async def test_an_entry_leads_back_nowhere_else(calendar: Calendar, curator: Browser, back: str) -> None:
    await accept(calendar, "a", "2027-08-14")

    answer = await curator.client.get("/calendar/entries/0195-a", params={"back": back})

    assert '<p class="back"><a href="/calendar/">' in answer.text
