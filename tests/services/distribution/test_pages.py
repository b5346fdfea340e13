from __future__ import annotations

import json
import re
from html import unescape

import icalendar
import pytest

from shared.messages import EventPublished, EventWithdrawn
from tests.services.distribution.builders import make_message
from tests.services.distribution.serving import Served, serve

OLD = {"certainty": "exact", "start": "2027-08-07", "end": "2027-08-09"}
PATHS = (
    "/pl/",
    "/en/2027",
    "/de/2027/08",
    "/pl/events/a",
    "/pl/subscribe",
    "/en/offices",
    "/de/offices/pot-berlin",
    "/pl/organisers",
)


def dates(start: str, end: str, certainty: str = "exact") -> dict[str, str]:
    return {"certainty": certainty, "start": start, "end": end}


async def text(served: Served, path: str, status: int = 200) -> str:
    """A page's text without its markup, blanks as one."""
    answer = await served.client.get(path)
    assert answer.status_code == status, path
    body = re.sub(r"(?s)<head>.*?</head>|</?time[^>]*>", "", answer.text)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


@pytest.mark.parametrize(
    ("accepted", "place"), [("de-DE,de;q=0.9", "/de/"), ("fr", "/pl/"), ("", "/pl/"), ("en-GB;q=0.8,de;q=0.2", "/en/")]
)
async def test_the_entrance_leads_to_the_readers_language(accepted: str, place: str) -> None:
    async with serve() as served:
        answer = await served.client.get("/", headers={"accept-language": accepted})

    assert (answer.status_code, answer.headers["location"], answer.headers["vary"]) == (302, place, "Accept-Language")


async def test_robots_may_read_the_feeds() -> None:
    async with serve() as served:
        robots = (await served.client.get("/robots.txt")).text

    assert "Disallow: /feeds" not in robots
    assert "Disallow: /calendar/\n" in robots


@pytest.mark.parametrize("path", PATHS)
async def test_a_public_page_ships_no_script_and_knows_its_translations(path: str) -> None:
    async with serve(make_message("a")) as served:
        page = (await served.client.get(path)).text

    assert re.findall(r"<script(?! type=\"application/ld\+json\")", page) == []
    assert " style=" not in page
    rest = path.split("/", 2)[2]
    assert {
        code: url
        for code, url in re.findall(r'<link rel="alternate" hreflang="([a-z-]+)" href="([^"]+)"', page)
        if code != "x-default"
    } == {code: f"https://kalendarium.example.org/{code}/{rest}" for code in ("pl", "en", "de")}


async def test_the_list_shows_a_year_by_months() -> None:
    messages = [
        make_message("a"),
        make_message("b", title={"pl": "Festiwal Peruna"}, dates=dates("2027-08-01", "2027-08-31", "month")),
        make_message("c", title={"pl": "Gwiazdka"}, dates=dates("2027-12-05", "2027-12-05"), tickets={"free": True}),
    ]
    async with serve(*messages) as served:
        year = await text(served, "/pl/2027")
        month = await text(served, "/pl/2027/08")
        december = await text(served, "/en/2027/12")

    assert "Program wydarzeń 2027 3 wydarzenia w 1 powiecie" in year
    assert [year.index(word) for word in ("Sierpień", "Żagle", "Festiwal Peruna", "Grudzień", "Gwiazdka")] == sorted(
        year.index(word) for word in ("Sierpień", "Żagle", "Festiwal Peruna", "Grudzień", "Gwiazdka")
    )
    assert "14–16 sierpnia 2027" in month
    assert "w sierpniu 2027, dzień do potwierdzenia" in month
    assert "Gwiazdka" not in month
    assert "Free admission" in december
    assert "only in Polish" in december


async def test_what_began_before_a_month_and_still_runs_is_shown_as_running() -> None:
    messages = [
        make_message("a", title={"pl": "Wystawa"}, dates=dates("2027-07-20", "2027-08-20")),
        make_message("b", title={"pl": "Lato"}, dates=dates("2027-06-01", "2027-08-31", "season")),
    ]
    async with serve(*messages) as served:
        august = await text(served, "/pl/2027/08")

    assert "Trwają (1) " in august
    assert "Wystawa" in august
    assert "Lato" not in august


async def test_filters_narrow_the_list_and_empty_fields_are_none() -> None:
    koszalin = make_message("k", title={"pl": "Koszalińskie"}, venue={"town": "Koszalin", "county": "3261"})
    async with serve(make_message("a"), koszalin) as served:
        page = await text(served, "/pl/?county=3261&category=&from=&to=")
        nothing = await text(served, "/pl/?category=food")
        broken = await served.client.get("/pl/?county=9999")

    assert "Koszalińskie" in page
    assert "Żagle" not in page
    assert "Nic nie pasuje do tych filtrów." in nothing
    assert (broken.status_code, broken.headers["content-type"]) == (400, "text/html; charset=utf-8")


async def test_a_full_month_is_shown_in_several_pages() -> None:
    messages = [make_message(f"e{number}", title={"pl": f"Zdarzenie {number:03}."}) for number in range(130)]
    async with serve(*messages) as served:
        pages = [await text(served, f"/pl/2027/08?page={number}") for number in (1, 2, 3)]
        await text(served, "/pl/2027/08?page=4", status=404)

    shown = [set(re.findall(r"Zdarzenie (\d{3})\.", page)) for page in pages]
    assert ([len(each) for each in shown], len(set.union(*shown))) == ([60, 60, 10], 130)
    assert "strona 1 z 3" in pages[0]


def states() -> list[EventPublished]:
    return [
        make_message("cancelled", status="cancelled"),
        make_message("moved", previous_dates=OLD),
        make_message("open", dates=dates("2027-08-01", "2027-08-31", "provisional"), provenance={"edition": 2024}),
        make_message("polish", title={"pl": "Regaty"}, summary={"pl": "Na jeziorze."}),
        make_message("endless", dates=dates("2027-08-14T18:00", "2027-08-14T18:00")),
    ]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/pl/events/cancelled", "To wydarzenie się nie odbędzie."),
        ("/en/events/moved", "Previously: 7–9 August 2027."),
        ("/de/events/open", "Er ergibt sich aus der Ausgabe 2024; der Veranstalter hat ihn noch nicht bestätigt."),
        ("/de/events/polish", "Titel und Beschreibung nur auf Polnisch verfügbar."),
        ("/en/events/endless", "The time at which it ends is not known."),
    ],
)
async def test_an_event_page_says_what_must_not_be_missed(path: str, said: str) -> None:
    async with serve(*states()) as served:
        assert said in await text(served, path)


async def test_the_language_of_a_stand_in_is_marked_up() -> None:
    async with serve(*states()) as served:
        page = (await served.client.get("/de/events/polish")).text

    assert '<h1 lang="pl">Regaty</h1>' in page
    assert '<p class="lede" lang="pl">Na jeziorze.</p>' in page


async def test_an_event_page_carries_structured_data_that_no_text_can_break_out_of() -> None:
    title = "</script><script>alert(1)</script>"
    async with serve(make_message("a", title={"pl": title})) as served:
        page = (await served.client.get("/pl/events/a")).text

    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    assert [json.loads(each)["name"] for each in found] == [title]
    assert "<script>alert" not in page


async def test_an_event_can_be_taken_into_a_calendar() -> None:
    async with serve(make_message("a")) as served:
        page = (await served.client.get("/en/events/a")).text
        file = await served.client.get("/en/events/a.ics")

    assert 'href="/en/events/a.ics"' in page
    assert 'href="webcal://kalendarium.example.org/en/events/a.ics"' in page
    assert "https://calendar.google.com/calendar/render?action=TEMPLATE" in page
    assert file.headers["content-disposition"] == 'attachment; filename="a.ics"'
    assert [str(event["UID"]) for event in icalendar.Calendar.from_ical(file.content).events] == [
        "a@kalendarium.zrot.pl"
    ]


async def test_a_withdrawn_event_is_gone_and_an_unknown_one_is_not_found() -> None:
    gone = EventWithdrawn(event_id="a", revision=2, withdrawn_at="2026-12-01T10:00:00Z")
    async with serve(make_message("a"), gone) as served:
        assert "This event was withdrawn" in await text(served, "/en/events/a", status=410)
        await text(served, "/en/events/a.ics", status=410)
        await text(served, "/en/events/b", status=404)


@pytest.mark.parametrize("path", ["/xx/", "/uk/2027", "/pl/2027/13", "/pl/1999", "/pl/offices/none", "/pl/nothing"])
async def test_a_page_that_there_is_not_is_a_page_that_says_so(path: str) -> None:
    async with serve() as served:
        answer = await served.client.get(path)

    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")


async def test_the_subscribe_page_gives_the_addresses_of_a_selection() -> None:
    async with serve(make_message("a")) as served:
        page = unescape((await served.client.get("/pl/subscribe?county=3262&category=maritime&lang=cs")).text)

    feed = "kalendarium.example.org/feeds/programme.ics?lang=cs&county=3262&category=maritime"
    assert f'value="https://{feed}"' in page
    assert f'href="webcal://{feed}"' in page
    assert "calendar.google.com/calendar/r?cid=webcal%3A%2F%2Fkalendarium.example.org" in page
    assert "1 bez przekładu" in page
    assert "Kalendarz Google" in page


async def test_an_office_is_shown_as_unconfirmed_with_its_feed_and_last_changes() -> None:
    messages = [make_message("a", 9, previous_dates=OLD), make_message("b", 5, status="cancelled"), make_message("c")]
    async with serve(*messages) as served:
        listed = await text(served, "/en/offices")
        page = await text(served, "/en/offices/pot-berlin")
        source = (await served.client.get("/en/offices/pot-berlin")).text

    assert listed.count("not confirmed by POT") >= 10
    assert "Not confirmed by POT" in page
    assert "Language of the feed: German ( Deutsch )" in page
    assert 'value="https://kalendarium.example.org/feeds/pot-berlin.ics"' in source
    assert "date: was 7–9 August 2027, is 14–16 August 2027" in page
    assert page.index("date: was") < page.index(": cancelled") < page.index("new in the programme")


async def test_organisers_are_listed_with_their_events() -> None:
    async with serve(make_message("a"), make_message("b")) as served:
        page = await text(served, "/pl/organisers")

    assert "LOT Szczecin" in page
    assert "2 wydarzenia" in page
