from __future__ import annotations

import json
import re
from calendar import monthrange
from datetime import date, timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.messages import EventPublished, EventWithdrawn, Organiser
from tests.services.distribution.builders import make_message, make_timed
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


async def test_robots_may_read_the_feeds_and_are_told_of_the_sitemap() -> None:
    async with serve() as served:
        robots = (await served.client.get("/robots.txt", headers={"host": "evil.example"})).text

    assert "Disallow: /feeds" not in robots
    assert "Disallow: /calendar/\n" in robots
    assert robots.endswith("\nSitemap: https://kalendarium.example.org/sitemap.xml\n")


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


@pytest.mark.parametrize("path", [*PATHS, "/pl/accessibility", "/api/v1/events", "/api/v1/openapi.json"])
async def test_what_is_the_same_for_everybody_is_compressed_and_sent_once(path: str) -> None:
    async with serve(make_message("a")) as served:
        plain = await served.client.get(path)
        packed = await served.client.get(path, headers={"accept-encoding": "gzip"})
        again = await served.client.get(
            path, headers={"accept-encoding": "gzip", "if-none-match": packed.headers["etag"]}
        )

    assert (packed.headers["content-encoding"], packed.content == plain.content) == ("gzip", True)
    assert (again.status_code, again.content) == (304, b"")
    assert packed.headers["cache-control"].startswith("public, max-age=")
    assert "accept-language" not in packed.headers["vary"].lower()


async def test_a_chosen_look_is_another_page_and_so_another_tag() -> None:
    async with serve(make_message("a")) as served:
        light = await served.client.get("/pl/", headers={"cookie": "kal_theme=light"})
        system = await served.client.get("/pl/", headers={"if-none-match": light.headers["etag"]})

    assert (system.status_code, light.headers["vary"]) == (200, "Cookie, Accept-Encoding")


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
    assert [year.index(word) for word in ("Sierpień", "Festiwal Peruna", "Żagle", "Grudzień", "Gwiazdka")] == sorted(
        year.index(word) for word in ("Sierpień", "Festiwal Peruna", "Żagle", "Grudzień", "Gwiazdka")
    )
    assert "14–16 sierpnia 2027" in month
    assert "w sierpniu 2027, dzień do potwierdzenia" in month
    assert "Gwiazdka" not in month
    assert "Free admission" in december
    assert "only in Polish" in december


async def test_all_that_touches_a_month_is_there_and_what_has_no_day_of_its_own_comes_first() -> None:
    messages = [
        make_message("a", title={"pl": "Wystawa"}, dates=dates("2027-07-20", "2027-08-20")),
        make_message("b", title={"pl": "Lato"}, dates=dates("2027-06-01", "2027-08-31", "season")),
        make_message("c", title={"pl": "Regaty"}, dates=dates("2027-08-02", "2027-08-02")),
        make_message("d", title={"pl": "Xenia"}, dates=dates("2027-08-31", "2027-09-05")),
        make_message("e", title={"pl": "Kulig"}, dates=dates("2027-07-31", "2027-07-31")),
        make_message("f", title={"pl": "Obóz"}, dates=dates("2027-07-30", "2027-08-03")),
    ]
    async with serve(*messages) as served:
        august = await text(served, "/pl/2027/08")
        source = (await served.client.get("/pl/2027/08")).text

    parts = ["Trwają", "Obóz", "Dzień do potwierdzenia", "Lato", "Według dni", "Regaty", "Xenia"]
    parts += ["Wystawy, sezony i inne dłuższe wydarzenia", "Wystawa"]
    assert "Sierpień 5 wydarzeń" in august
    assert [part for part in parts if f" {part} " not in august] == []
    assert [august.index(f" {part} ") for part in parts] == sorted(august.index(f" {part} ") for part in parts)
    assert "Kulig" not in august
    assert "<details" not in source.partition('<div class="stack">')[2]


async def test_a_span_of_days_has_its_own_heading_and_marks_no_month() -> None:
    messages = [
        make_message("a", title={"pl": "Wystawa"}, dates=dates("2027-07-15", "2027-07-20")),
        make_message("b", title={"pl": "Kulig"}, dates=dates("2027-07-31", "2027-07-31")),
        make_message("c", title={"pl": "Regaty"}, dates=dates("2027-08-10", "2027-08-12")),
        make_message("d", title={"pl": "Xenia"}, dates=dates("2027-08-11", "2027-08-11")),
    ]
    async with serve(*messages) as served:
        page = await text(served, "/pl/?from=2027-07-20&to=2027-08-10")
        source = (await served.client.get("/pl/?from=2027-07-20&to=2027-08-10")).text
        since = await text(served, "/en/?from=2027-08-10")
        until = await text(served, "/de/?to=2027-07-20")
        day = await text(served, "/pl/?from=2027-08-10&to=2027-08-10")
        home = (await served.client.get("/pl/")).text

    parts = ["20 lipca – 10 sierpnia 2027 3 wydarzenia", "Trwają", "Wystawa", "Lipiec 2027", "Kulig", "Sierpień 2027"]
    assert [page.find(each) for each in parts] == sorted(page.find(each) for each in parts)
    assert "Xenia" not in page
    assert re.findall('<h2 class="ruled" id="([^"]+)"', source) == ["days"]
    assert re.findall(r'class="(?:middling|busy)"><a [^>]*aria-current', source + home) == []
    assert "From 10 August 2027 2 events" in since
    assert "Bis 20. Juli 2027 1 Veranstaltung" in until
    assert "Wtorek 10 sierpnia 2027 1 wydarzenie" in day


async def test_a_year_shows_all_its_months_and_a_month_that_is_asked_for_is_marked() -> None:
    days = [f"2027-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 11)]
    messages = [make_message(f"e{day}", title={"pl": f"Dzień {day}."}, dates=dates(day, day)) for day in days]
    async with serve(*messages) as served:
        year = await text(served, "/pl/2027")
        month = (await served.client.get("/pl/2027/05")).text

    assert [day for day in days if f"Dzień {day}." not in year] == []
    assert re.findall(r'href="([^"]+)" aria-current="true">maj', month) == ["/pl/2027/05"]


@settings(max_examples=25)
@given(
    spans=st.lists(
        st.tuples(
            st.dates(date(2026, 10, 1), date(2028, 3, 1)),
            st.integers(0, 150),
            st.sampled_from(["exact", "provisional", "month", "season"]),
        ),
        max_size=80,
    )
)
async def test_head_wall_and_list_count_alike(spans: list[tuple[date, int, str]]) -> None:
    """The wall counts an event in each month it touches, the head once; each month lists what its brick counts."""
    events = {
        f"e{number}": (first, first + timedelta(days=more), certainty)
        for number, (first, more, certainty) in enumerate(spans)
    }
    messages = [
        make_message(name, dates=dates(first.isoformat(), last.isoformat(), certainty))
        for name, (first, last, certainty) in events.items()
    ]
    months = {
        number: (date(2027, number, 1), date(2027, number, monthrange(2027, number)[1])) for number in range(1, 13)
    }
    touching = {
        number: {name for name, (first, last, _) in events.items() if first <= end and last >= begin}
        for number, (begin, end) in months.items()
    }
    async with serve(*messages) as served:
        listed = {number: await listed_in(served, f"/pl/2027/{number:02}") for number in months}
        year = (await served.client.get("/pl/2027")).text
        wall = [int(each) for each in re.findall(r'<b aria-hidden="true">(\d+)</b>', year)]
        said = re.findall(r'<div class="hero.*?<p>(?:(\d+) wyd|Program jest jeszcze pusty)', year, re.DOTALL)
        span, count = await listed_in(served, "/pl/?from=2027-01-01&to=2027-12-31")

    assert {number: set(ids) for number, (ids, _) in listed.items()} == touching
    assert [len(ids) for ids, _ in listed.values()] == [count for _, count in listed.values()] == wall
    assert int(said[0] or 0) == len(set().union(*touching.values())) == len(span) == count
    assert set(span) == set().union(*touching.values())


async def listed_in(served: Served, path: str) -> tuple[list[str], int]:
    """Give the events that all pages of a list show, in their order, and how many its heading says there are."""
    ids: list[str] = []
    join = "&" if "?" in path else "?"
    page, pages = 1, 1
    while page <= pages:
        source = (await served.client.get(f"{path}{join}page={page}")).text
        ids += re.findall(r'<h[34]><a href="/pl/events/(e\d+)[?"]', source)
        pages = int((re.findall(r"strona \d+ z (\d+)", source) or ["1"])[0])
        page += 1
    return ids, int(re.findall(r'<span class="count">(\d+) ', source)[0])


@pytest.mark.parametrize(
    ("path", "label", "url"),
    [
        ("/pl/2027/08", "Sierpień 2027", "/pl/2027/08"),
        ("/pl/", "Sierpień 2027", "/pl/2027/08"),
        ("/pl/2027", "Sierpień 2027", "/pl/2027/08"),
        ("/pl/2027/09", "Wrzesień 2027", "/pl/2027/09"),
        ("/pl/?county=3262", "Program wydarzeń · Szczecin", "/pl/?county=3262"),
        (
            "/en/?setting=outdoors&audience=families",
            "Programme of events · For families · Outdoors",
            "/en/?audience=families&setting=outdoors",
        ),
        ("/pl/2027?category=maritime", "Program wydarzeń 2027 · Wydarzenia morskie", "/pl/2027?category=maritime"),
        (
            "/pl/2027/08?county=3262&category=maritime",
            "Sierpień 2027 · Szczecin · Wydarzenia morskie",
            "/pl/2027/08?county=3262&category=maritime",
        ),
        (
            "/en/?from=2027-08-01&to=2027-08-31&county=3262",
            "1–31 August 2027 · Szczecin",
            "/en/?county=3262&from=2027-08-01&to=2027-08-31",
        ),
    ],
)
async def test_the_way_back_leads_to_the_list_that_one_came_from(path: str, label: str, url: str) -> None:
    message = make_message("a", dates=dates("2027-08-14", "2027-09-02"), audience=["families"], setting=["outdoors"])
    async with serve(message) as served:
        source = unescape((await served.client.get(path)).text)
        link = re.findall(r'<h[34]><a href="([^"]+)"', source)[0]
        event = unescape((await served.client.get(link)).text)
        german = re.findall(r'<a href="([^"]+)" lang="de"', event)[0]
        there = await served.client.get(german)

    back = re.findall(r'<p class="back"><a href="([^"]+)"><svg.*?</svg>([^<]+)</a>', event)[0]
    assert (back[0], back[1].startswith(label)) == (url, True)
    assert f'<p class="back"><a href="/de/{url.split("/", 2)[2]}"' in unescape(there.text)
    assert f'<link rel="canonical" href="https://kalendarium.example.org/{path[1:3]}/events/a">' in event


@pytest.mark.parametrize(
    "query", ["list=//evil.example", "list=2027-13", "list=x&county=9999", "from=x", "list=2027%2F08", "page=0"]
)
async def test_the_way_back_leads_only_to_lists_of_ours(query: str) -> None:
    async with serve(make_message("a")) as served:
        page = (await served.client.get(f"/pl/events/a?{query}")).text

    assert '<p class="back"><a href="/pl/2027/08">' in page


async def test_filters_narrow_the_list_and_empty_fields_are_none() -> None:
    koszalin = make_message("k", title={"pl": "Koszalińskie"}, venue={"town": "Koszalin", "county": "3261"})
    async with serve(make_message("a"), koszalin) as served:
        page = await text(served, "/pl/?county=3261&category=&from=&to=")
        nothing = await text(served, "/pl/?category=food")

    assert "Koszalińskie" in page
    assert "Żagle" not in page
    assert "Nic nie pasuje do tych filtrów." in nothing


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/pl/?county=9999", "Nie ma takiego powiatu. Wybierz z listy."),
        ("/pl/2027?category=x", "Nie ma takiego rodzaju wydarzeń. Wybierz z listy."),
        ("/pl/?audience=x", "Nie ma takiej grupy odbiorców. Wybierz z listy."),
        ("/pl/2027/08?from=2027-02-30", "Nie ma takiego dnia. Wybierz inny."),
        ("/pl/?from=2027-08-20&to=2027-08-10", "Ten dzień jest przed pierwszym. Zmień jeden z nich."),
        ("/en/subscribe?from=2027-08-20&to=2027-08-10", "This day is before the first one. Change one of them."),
        ("/de/subscribe?lang=xx", "In dieser Sprache gibt es keinen Kanal. Wählen Sie aus der Liste."),
    ],
)
async def test_a_wrong_filter_is_told_at_its_field_and_the_list_and_the_form_stay(path: str, said: str) -> None:
    async with serve(make_message("a")) as served:
        page = await text(served, path)
        source = (await served.client.get(path)).text

    assert said in page
    assert re.search(r"Żagle|Segeltage|1 event|1 Veranstaltung", page)
    assert 'aria-invalid="true"' in source
    assert '<details class="filter" open>' in source


async def test_days_in_the_wrong_order_stay_in_the_form() -> None:
    async with serve(make_message("a")) as served:
        page = (await served.client.get("/pl/?from=2027-08-20&to=2027-08-10&county=3262")).text

    assert [each in page for each in ('value="2027-08-20"', 'value="2027-08-10"')] == [True, True]
    assert '<option value="3262" selected>' in page


@pytest.mark.parametrize("path", PATHS)
async def test_whence_a_click_came_changes_nothing_but_the_address_bar(path: str) -> None:
    async with serve(make_message("a")) as served:
        plain = await served.client.get(path)
        shared = await served.client.get(f"{path}?fbclid=x&utm_source=y&whatever=&page=x")

    assert (shared.status_code, shared.text) == (200, plain.text)


@pytest.mark.parametrize(
    ("asked", "canonical", "described"),
    [
        ("/pl/", "/pl/", "1 wydarzenie. Wspólny roczny program wydarzeń: Pomorze Zachodnie."),
        ("/pl/2027?gclid=1", "/pl/2027", "2027: 1 wydarzenie."),
        (
            "/de/2027/08?x=1&category=maritime&county=3262",
            "/de/2027/08?county=3262&category=maritime",
            "August 2027: 1",
        ),
        ("/en/2027/08?page=7", "/en/2027/08", "August 2027: 1 event."),
        ("/en/events/a?utm_medium=z", "/en/events/a", "14–16 August 2027. Wały Chrobrego, Szczecin. Wielkie żaglowce."),
        ("/pl/subscribe?lang=de&county=9999", "/pl/subscribe?lang=de", "Wybierz część programu"),
        ("/pl/subscribe?lang=pl", "/pl/subscribe", "Wybierz część programu"),
        ("/pl/offices/pot-berlin?a", "/pl/offices/pot-berlin", "Wspólny roczny program"),
        ("/pl/accessibility?a", "/pl/accessibility", "Deklaracja dostępności"),
    ],
)
async def test_search_engines_and_messengers_are_told_the_one_address(
    asked: str, canonical: str, described: str
) -> None:
    async with serve(make_message("a")) as served:
        page = unescape((await served.client.get(asked, headers={"host": "evil.example"})).text)

    url, rest = f"https://kalendarium.example.org{canonical}", canonical.split("/", 2)[2]
    assert re.findall('<link rel="canonical" href="([^"]+)">', page) == [url]
    assert re.findall('<meta property="og:url" content="([^"]+)">', page) == [url]
    assert re.findall('<link rel="alternate" hreflang="x-default" href="([^"]+)">', page) == [
        f"https://kalendarium.example.org/pl/{rest}"
    ]
    assert re.findall(f'<meta name="description" content="({re.escape(described)}[^"]*)">', page) != []
    assert "evil.example" not in page


async def test_a_page_that_there_is_not_has_no_canonical_address() -> None:
    async with serve() as served:
        assert "canonical" not in (await served.client.get("/pl/nothing")).text


async def test_a_full_month_is_shown_in_several_pages() -> None:
    messages = [make_message(f"e{number}", title={"pl": f"Zdarzenie {number:03}."}) for number in range(130)]
    async with serve(*messages) as served:
        pages = [await text(served, f"/pl/2027/08?page={number}") for number in (1, 2, 3)]
        beyond = await served.client.get("/pl/2027/08?page=4")
        last = await served.client.get("/pl/2027/08?page=3")

    shown = [set(re.findall(r"Zdarzenie (\d{3})\.", page)) for page in pages]
    assert ([len(each) for each in shown], len(set.union(*shown))) == ([60, 60, 10], 130)
    assert "strona 1 z 3" in pages[0]
    assert (beyond.status_code, beyond.text) == (200, last.text)


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
        (
            "/de/events/open",
            "Der Termin ergibt sich aus der Ausgabe 2024; der Veranstalter hat ihn noch nicht bestätigt.",
        ),
        ("/de/events/polish", "Titel und Beschreibung nur auf Polnisch verfügbar."),
        ("/en/events/endless", "The time at which it ends is not known."),
    ],
)
async def test_an_event_page_says_what_must_not_be_missed(path: str, said: str) -> None:
    async with serve(*states()) as served:
        assert said in await text(served, path)


@pytest.mark.parametrize(
    ("fields", "said", "offered"),
    [
        ({"dates": dates("2099-08-14", "2099-08-16")}, "", True),
        ({"dates": dates("2020-08-14", "2020-08-16")}, "This event is over.", False),
        ({"dates": dates("2020-08-01", "2020-08-31", "provisional")}, "This event is over.", False),
        ({"dates": dates("2020-06-01", "2099-08-16")}, "", True),
        ({"dates": dates("2099-08-14", "2099-08-16"), "status": "cancelled"}, "will not take place", False),
        ({"dates": dates("2020-08-14", "2020-08-16"), "status": "cancelled"}, "did not take place", False),
    ],
)
async def test_what_is_over_or_cancelled_says_so_and_is_not_offered_for_calendars(
    fields: dict[str, Any],
    said: str,
    offered: bool,  # noqa: FBT001 - a case
) -> None:
    async with serve(make_message("a", tickets={"url": "https://bilety.example"}, **fields)) as served:
        page = await text(served, "/en/events/a")
        source = (await served.client.get("/en/events/a")).text

    assert said in page
    assert ("This event is over." in page) is (said == "This event is over.")
    assert [each in page for each in ("Add to calendar", "Open in a calendar")] == [offered, offered]
    assert ("calendar.google.com" in source) is offered
    assert ("See the programme" in page) is not offered
    assert ("Buy a ticket" in page) is offered
    assert "has not confirmed" not in page


async def test_the_language_of_a_stand_in_is_marked_up() -> None:
    async with serve(*states()) as served:
        page = (await served.client.get("/de/events/polish")).text

    assert '<h1 lang="pl">Regaty</h1>' in page
    assert '<p class="lede" lang="pl">Na jeziorze.</p>' in page


async def test_polish_names_and_prices_on_a_german_page_are_marked_up_as_polish() -> None:
    messages = [
        make_message(
            "a",
            venue={"town": "Mielno", "county": "3209", "name": "Przystań", "street": "ul. 6 Marca 2"},
            tickets={"price": {"pl": "20 zł, dzieci bez opłat"}},
        )
    ]
    async with serve(*messages) as served:
        event = (await served.client.get("/de/events/a")).text
        month = (await served.client.get("/de/2027/08")).text
        organisers = (await served.client.get("/de/organisers")).text
        polish = [(await served.client.get(path)).text for path in ("/pl/events/a", "/pl/2027/08", "/pl/organisers")]

    said = ("Przystań", "ul. 6 Marca 2", "Mielno", "20 zł, dzieci bez opłat", "LOT Szczecin")
    assert [text for text in said if f'<dd lang="pl">{text}</dd>' not in event] == []
    assert "<dd>nur auf Polnisch</dd>" in event
    assert '<span lang="pl">Mielno · Przystań</span>' in month
    assert re.search(r'<th role="rowheader" scope="row" lang="pl">(<a [^>]+>)?LOT Szczecin', organisers)
    assert [path for path in polish if re.search(r'<(dd|span|th)[^>]* lang="pl"', path.partition("<main")[2])] == []


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
    assert file.headers["content-disposition"] == (
        "attachment; filename=\"zagle-2027-08-14.ics\"; filename*=UTF-8''%C5%BBagle%202027-08-14.ics"
    )
    assert [str(event["UID"]) for event in icalendar.Calendar.from_ical(file.content).events] == [
        "a@kalendarium.zrot.pl"
    ]


@pytest.mark.parametrize(
    ("start", "end", "folds", "expected"),
    [
        ("2027-08-14", "2027-08-16", {}, "20270814/20270817"),
        ("2027-08-14T18:00", "2027-08-15T00:00", {}, "20270814T180000/20270815T000000"),
        ("2027-08-14T18:00", "2027-08-14T18:00", {}, "20270814T180000/20270814T180000"),
        ("2027-10-31T02:30", "2027-10-31T04:00", {"start_fold": 0}, "20271031T003000Z/20271031T030000Z"),
        ("2027-10-31T02:30", "2027-10-31T04:00", {"start_fold": 1}, "20271031T013000Z/20271031T030000Z"),
        ("2027-10-31T01:30", "2027-10-31T02:30", {"end_fold": 1}, "20271030T233000Z/20271031T013000Z"),
    ],
)
async def test_google_is_told_an_hour_that_comes_twice_in_utc(
    start: str, end: str, folds: dict[str, int], expected: str
) -> None:
    async with serve(make_timed("a", start, end, **folds)) as served:
        page = unescape((await served.client.get("/pl/events/a")).text)

    link = re.findall(r'href="https://calendar.google.com/calendar/render\?([^"]+)"', page)[0]
    assert parse_qs(link)["dates"] == [expected]
    assert re.findall(r"02:30 \((czas \w+)\)", page[page.index("<main") :]) == (
        ["czas zimowy" if 1 in folds.values() else "czas letni"] if folds else []
    )


async def test_an_end_at_midnight_is_in_no_other_month() -> None:
    async with serve(make_timed("a", "2027-07-31T18:00", "2027-08-01T00:00")) as served:
        july, august = await text(served, "/pl/2027/07"), await text(served, "/pl/2027/08")

    assert "sobota 31 lipca 2027, 18:00–24:00" in july
    assert "Żagle" not in august


async def test_a_withdrawn_event_is_gone_and_an_unknown_one_is_not_found() -> None:
    gone = EventWithdrawn(event_id="a", revision=2, withdrawn_at="2026-12-01T10:00:00Z")
    async with serve(make_message("a"), gone) as served:
        assert "This event was withdrawn" in await text(served, "/en/events/a", status=410)
        await text(served, "/en/events/b", status=404)


async def test_a_calendar_that_follows_an_event_is_told_that_it_was_withdrawn() -> None:
    gone = EventWithdrawn(event_id="a", revision=2, withdrawn_at="2026-12-01T10:00:00.250Z")
    async with serve(make_message("a"), make_message("b"), gone) as served:
        file = await served.client.get("/de/events/a.ics")
        head = await served.client.head("/de/events/a.ics")
        again = await served.client.get("/de/events/a.ics", headers={"if-none-match": file.headers["etag"]})
        other = await served.client.get("/de/events/b.ics", headers={"if-none-match": file.headers["etag"]})
        unknown = await served.client.get("/de/events/c.ics")

    calendar = icalendar.Calendar.from_ical(file.content)
    assert (file.status_code, file.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert [each.name for each in calendar.subcomponents] == ["VTIMEZONE"]
    assert (calendar["LAST-MODIFIED"].to_ical(), "METHOD" in calendar) == (b"20261201T100000Z", False)
    assert calendar["SOURCE"] == "https://kalendarium.example.org/de/events/a.ics"
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-length", "content-disposition", "etag", "last-modified"):
        assert head.headers[name] == file.headers[name]
    assert (again.status_code, other.status_code, unknown.status_code) == (304, 200, 404)


@pytest.mark.parametrize(
    ("asked", "address"),
    [
        ("/pl", "/pl/"),
        ("/DE/2027/8/?county=3262", "/de/2027/08?county=3262"),
        ("/pl/2027/08/", "/pl/2027/08"),
        ("/pl/2027/8", "/pl/2027/08"),
        ("/pl/2027/", "/pl/2027"),
        ("/pl/events/a/", "/pl/events/a"),
        ("/pl/events/a.ics/", "/pl/events/a.ics"),
        ("/en/subscribe/", "/en/subscribe"),
        ("/en/offices/pot-berlin/", "/en/offices/pot-berlin"),
        ("/en/organisers/", "/en/organisers"),
        ("/pl/accessibility/", "/pl/accessibility"),
    ],
)
async def test_another_spelling_of_an_address_leads_to_it_by_path_alone(asked: str, address: str) -> None:
    async with serve(make_message("a")) as served:
        answer = await served.client.get(asked, headers={"host": "evil.example"})
        there = await served.client.get(address)

    assert (answer.status_code, answer.headers["location"], there.status_code) == (308, address, 200)


@pytest.mark.parametrize("path", ["/pl/nothing", "/nothing", "/en/events/none"])
async def test_a_public_page_that_there_is_not_speaks_of_no_organisation(path: str) -> None:
    async with serve() as served:
        page = (await served.client.get(path)).text.partition("<main")[2].partition("</main>")[0]
        document = (await served.client.get(f"/api/v1{path}")).json()

    assert "organi" not in page
    assert "organisation" not in document["detail"]


async def test_a_withdrawal_is_not_told_as_the_organisers() -> None:
    gone = EventWithdrawn(event_id="a", revision=2, withdrawn_at="2026-12-01T10:00:00Z")
    async with serve(make_message("a"), gone) as served:
        polish, german = await text(served, "/pl/events/a", status=410), await text(served, "/de/events/a", status=410)

    assert "Nie ma go już w programie." in polish
    assert "Sie steht nicht mehr im Programm." in german
    assert "Veranstalter hat" not in german


@pytest.mark.parametrize(
    "path",
    [
        "/xx/",
        "/uk/2027",
        "/pl/2027/13",
        "/pl/2027/00",
        "/pl/1999",
        f"/pl/{'9' * 4301}",
        f"/pl/2027/{'9' * 4301}",
        "/pl/2027/٠٨",
        "/pl/offices/none",
        "/pl/nothing",
    ],
)
async def test_a_page_that_there_is_not_is_a_page_that_says_so(path: str) -> None:
    async with serve() as served:
        answer = await served.client.get(path)

    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")


async def test_the_subscribe_page_takes_any_tag_of_a_language() -> None:
    async with serve() as served:
        page = (await served.client.get("/pl/subscribe?lang=DE-at")).text

    assert "kalendarium.example.org/feeds/programme.ics?lang=de" in page


async def test_the_subscribe_page_gives_the_addresses_of_a_selection() -> None:
    async with serve(make_message("a", setting=["outdoors"])) as served:
        page = unescape(
            (await served.client.get("/pl/subscribe?setting=outdoors&county=3262&category=maritime&lang=cs")).text
        )

    feed = "kalendarium.example.org/feeds/programme.ics?lang=cs&county=3262&category=maritime&setting=outdoors"
    assert f'value="https://{feed}"' in page
    assert f'href="webcal://{feed}"' in page
    assert "calendar.google.com/calendar/r?cid=webcal%3A%2F%2Fkalendarium.example.org" in page
    assert "1 bez przekładu" in page
    assert "Kalendarz Google" in page


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/de/?county=3262", "Veranstaltungsprogramm – Westpommern · Szczecin (Stadt mit Kreisrechten)"),
        ("/pl/offices/pot-berlin", "Veranstaltungsprogramm – Westpommern · POT Berlin"),
        ("/pl/events/a", "Żagle &amp; wiatr"),
    ],
)
async def test_each_feed_that_programs_find_in_a_page_has_a_title(path: str, title: str) -> None:
    async with serve(make_message("a", title={"pl": "Żagle & wiatr"})) as served:
        head = (await served.client.get(path)).text.partition("</head>")[0]

    links = re.findall(r'<link rel="alternate" type="([^"]+)" title="([^"]*)" href="[^"]+">', head)
    assert links
    assert {found for _, found in links} == {title}
    assert len(links) == head.count('rel="alternate" type=')


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


async def test_titles_organisations_and_counties_are_in_the_readers_order() -> None:
    titles = ["Ćwiczenia", "Dzień", "Czas", "Łódki", "Lato", "Żagle", "Zamek", "Światło", "Sople"]
    german = {"Dzień": "Öl", "Czas": "Ostsee", "Lato": "Palme"}
    messages = [
        make_message(
            f"e{number}",
            title={"pl": title} | ({"de": german[title]} if title in german else {}),
            organiser=Organiser(f"lot-{number}", f"LOT {title}"),
        )
        for number, title in enumerate(titles)
    ]
    async with serve(*messages) as served:
        polish = (await served.client.get("/pl/2027/08")).text
        on_german = (await served.client.get("/de/2027/08")).text
        organisers = (await served.client.get("/pl/organisers")).text

    expected = ["Czas", "Ćwiczenia", "Dzień", "Lato", "Łódki", "Sople", "Światło", "Zamek", "Żagle"]
    assert re.findall(r"<h3><a [^>]+>([^<]+)", polish) == expected
    assert re.findall(r"LOT (\w+)", organisers) == expected
    ours = [each for each in re.findall(r"<h3><a [^>]+>([^<]+)", on_german) if each in german.values()]
    assert ours == ["Öl", "Ostsee", "Palme"]
    counties = re.findall(r'<option value="32\d\d">([^<]+)', polish)
    assert counties.index("powiat łobeski") < counties.index("powiat myśliborski") < counties.index("Szczecin")
    assert counties.index("powiat sławieński") < counties.index("powiat świdwiński") < counties.index("powiat wałecki")


async def test_organisers_are_listed_with_their_events() -> None:
    async with serve(make_message("a"), make_message("b")) as served:
        page = await text(served, "/pl/organisers")

    assert "LOT Szczecin" in page
    assert "2 wydarzenia" in page


async def test_people_read_an_address_in_their_letters_and_machines_carry_it_in_ascii() -> None:
    event = make_message("a", website="https://www.żagle.example/", tickets={"url": "http://[2001:db8::1]/bilety"})
    old = make_message("b", website="https://example.pl/100%-zabawy")
    async with serve(event, old) as served:
        page = (await served.client.get("/pl/events/a")).text
        before = (await served.client.get("/pl/events/b")).text
        feed = (await served.client.get("/feeds/programme.ics")).text

    assert '<a href="https://www.xn--agle-99a.example/">żagle.example</a>' in page
    assert 'href="http://[2001:db8::1]/bilety"' in page
    assert 'href="https://example.pl/100%25-zabawy"' in before
    assert "UID:b@" in feed
