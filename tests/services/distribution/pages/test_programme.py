"""The public list: what choosing a filter, a month or a year keeps, and what the list says of itself."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.services.distribution.builders import make_message
from tests.services.distribution.serving import Served, serve


def on(start: str, end: str = "", certainty: str = "exact") -> dict[str, str]:
    """Give the dates of an event."""
    return {"certainty": certainty, "start": start, "end": end or start}


async def source(served: Served, path: str) -> str:
    """Give a page as it is sent, with its characters written out."""
    answer = await served.client.get(path)
    assert answer.status_code == 200, path
    return unescape(answer.text)


def words(page: str) -> str:
    """Give what a page says, blanks as one."""
    body = re.sub(r"(?s)<head>.*?</head>|</?time[^>]*>", "", page)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


@pytest.mark.parametrize("path", ["/pl/", "/en/2027", "/de/2027/08"])
async def test_filter_form_and_way_to_clear_it_stay_on_the_page(path: str) -> None:
    async with serve(make_message("a")) as served:
        page = await source(served, path)
        nothing = await source(served, f"{path}?county=3261")

    assert re.findall(r'<form method="get" action="([^"]+)"', page) == [path]
    assert re.findall(r'<p class="empty">[^<]+<a href="([^"]+)"', nothing) == [path]


@pytest.mark.parametrize(
    ("path", "days"),
    [
        (
            "/pl/2027/08?county=3262&category=&from=2027-08-13&to=2027-08-15&utm_source=x",
            "/pl/?county=3262&from=2027-08-13&to=2027-08-15",
        ),
        ("/de/2027?county=&category=maritime&from=2028-01-01&to=", "/de/?category=maritime&from=2028-01-01"),
        ("/en/2027/08?to=2027-08-15&from=soon&county=9999", "/en/?to=2027-08-15&county=9999&from=soon"),
    ],
)
async def test_days_that_are_asked_for_in_a_month_or_year_lead_to_the_list_of_those_days(path: str, days: str) -> None:
    async with serve(make_message("a")) as served:
        answer = await served.client.get(path)

    assert (answer.status_code, answer.headers["location"]) == (302, days)


async def test_what_was_wrong_beside_the_days_is_still_told() -> None:
    async with serve(make_message("a")) as served:
        answer = await served.client.get("/pl/2027/08?to=2027-08-15&from=soon", follow_redirects=True)

    assert "Nie ma takiego dnia. Wybierz inny." in answer.text
    assert "Do 15 sierpnia 2027" in answer.text


async def test_month_and_year_links_leave_the_days_and_keep_what_else_was_chosen() -> None:
    later = make_message("b", dates=on("2028-03-01"))
    august = [make_message(f"e{day}", dates=on(f"2027-08-{day}")) for day in (13, 14, 28, 29)]
    query = "county=3262&category=maritime"
    async with serve(*august, later) as served:
        page = await source(served, f"/pl/?{query}&from=2027-08-13&to=2027-08-15")

    links = re.findall(r'<a href="(/pl/20[^"?]+)\?([^"]+)"', page)
    assert [url for url, _ in links if url.count("/") == 3] == [f"/pl/2027/{month:02}" for month in range(1, 13)]
    assert [url for url, _ in links if url.count("/") == 2] == ["/pl/2027", "/pl/2028"]
    assert {query for _, query in links} == {query}


async def test_wall_beside_days_counts_what_its_months_hold() -> None:
    august = [make_message(f"e{day}", dates=on(f"2027-08-{day}")) for day in (13, 14, 28, 29)]
    async with serve(*august, make_message("b", dates=on("2027-07-01"))) as served:
        page = await source(served, "/pl/?from=2027-08-13&to=2027-08-15")

    counts = [int(each) for each in re.findall(r'<b aria-hidden="true">(\d+)</b>', page)]
    assert counts == [0, 0, 0, 0, 0, 0, 1, 4, 0, 0, 0, 0]
    assert "13–15 sierpnia 2027 2 wydarzenia" in words(page)


@pytest.mark.parametrize(
    ("query", "year"),
    [
        ("from=2026-11-28&to=2026-11-29", 2026),
        ("from=2026-12-28&to=2027-01-03", 2026),
        ("from=2026-12-28&to=2027-08-14", 2027),
        ("from=2026-11-28", 2027),
        ("from=2027-08-15&to=2027-08-15", 2027),
        ("from=2029-01-01", 2029),
        ("to=2024-12-31", 2024),
        ("to=2020-12-31", 2020),
        ("to=2028-01-01", 2027),
        ("county=3261", 2027),
        ("from=0001-01-01", 2027),
        ("to=0001-01-01", 2000),
        ("from=9999-12-31", 2099),
    ],
)
async def test_head_and_wall_are_of_a_year_of_the_days_that_are_shown(query: str, year: int) -> None:
    exhibition = [make_message("b", dates=on("2024-12-01", "2027-02-01"))] if query.startswith("to=2024") else []
    async with serve(make_message("a"), *exhibition) as served:
        page = await source(served, f"/pl/?{query}")

    assert re.findall(r"<h1>Program wydarzeń <span>(\d+)</span>", page) == [str(year)]
    assert f'aria-label="Miesiące {year}"' in page


async def test_years_stand_above_the_wall_with_their_events_and_the_chosen_one_is_marked() -> None:
    messages = [
        make_message("a", dates=on("2026-12-31", "2027-01-06")),
        make_message("b"),
        make_message("c", dates=on("2028-03-01"), venue={"town": "Koszalin", "county": "3261"}),
    ]
    async with serve(*messages) as served:
        page = await source(served, "/pl/2027/08?county=3262")

    hero = page[page.index('class="hero') : page.index('<div class="sheet">')]
    links = (
        r'<a href="(/pl/20\d\d\?[^"]+)"( aria-current="true")?>(\d+) <span[^>]*>\d+</span><span class="unseen">([^<]+)'
    )
    assert re.findall(links, hero) == [
        ("/pl/2026?county=3262", "", "2026", "1 wydarzenie"),
        ("/pl/2027?county=3262", ' aria-current="true"', "2027", "2 wydarzenia"),
        ("/pl/2028?county=3262", "", "2028", "0 wydarzeń"),
    ]


async def test_a_year_without_events_leads_to_those_that_have_some() -> None:
    async with serve(make_message("a")) as served:
        empty = await source(served, "/pl/2019")
        only = await source(served, "/pl/2027")

    assert re.findall(r'<a href="/pl/(20\d\d)">', empty) == ["2027"]
    assert 'aria-label="Lata"' not in only


async def test_months_lead_on_into_the_next_year_and_back() -> None:
    messages = [make_message(day, dates=on(day)) for day in ("2025-10-01", "2027-01-10", "2027-12-24", "2028-03-01")]
    async with serve(*messages) as served:
        pages = [await source(served, f"/pl/{path}") for path in ("2027/01", "2027/12", "2027/06", "2027", "2026/05")]

    links = [re.findall(r'<a href="/pl/([^"]+)" rel="(\w+)">(?:<svg.*?</svg>)?([\w ]+)', page) for page in pages]
    assert links == [
        [("2025/10", "prev", "Październik 2025"), ("2027/12", "next", "Grudzień")],
        [("2027/01", "prev", "Styczeń"), ("2028/03", "next", "Marzec 2028")],
        [("2027/01", "prev", "Styczeń"), ("2027/12", "next", "Grudzień")],
        [],
        [("2025/10", "prev", "Październik 2025"), ("2027/01", "next", "Styczeń 2027")],
    ]


async def test_what_is_over_is_marked_so_instead_of_what_was_not_sure_about_it() -> None:
    messages = [
        make_message("past", title={"pl": "Dawne"}, dates=on("2020-08-14"), tickets={"free": True}),
        make_message("unsure", title={"pl": "Wstępne"}, dates=on("2020-08-15", certainty="provisional")),
        make_message("cancelled", title={"pl": "Odwołane"}, dates=on("2020-08-16"), status="cancelled"),
        make_message("running", title={"pl": "Trwające"}, dates=on("2020-08-17", "2099-01-01")),
    ]
    async with serve(*messages) as served:
        month = await source(served, "/pl/2020/08")
        again = await source(served, "/pl/2020/08")
        event = await source(served, "/pl/events/unsure")

    said = {
        title: re.findall(r'<span class="tag[^>]*>(?:<svg.*?</svg>)?([^<]+)', row)
        for row, title in re.findall(r"(?s)(<article>.*?<a [^>]+>(.*?)</a>.*?</article>)", month)
    }
    assert said == {
        "Dawne": ["Zakończone", "Wstęp wolny"],
        "Wstępne": ["Zakończone"],
        "Odwołane": ["Odwołane"],
        "Trwające": [],
    }
    assert again == month
    assert re.findall(r'<span class="tag[^>]*>([^<]+)', event) == ["Zakończone"]


@pytest.mark.parametrize(
    ("path", "title", "heading"),
    [
        ("/pl/2027/08", "Sierpień 2027 · Szczecin", '<h2 class="ruled" id="m8">Sierpień · Szczecin <'),
        ("/pl/", "Program wydarzeń 2027 · Szczecin", "<small>Szczecin</small></h1>"),
        ("/pl/2027", "Program wydarzeń 2027 · Szczecin", "<small>Szczecin</small></h1>"),
    ],
)
async def test_heading_and_title_of_a_list_name_what_was_chosen(path: str, title: str, heading: str) -> None:
    async with serve(make_message("a")) as served:
        page = await source(served, f"{path}?county=3262")
        plain = await source(served, path)

    assert re.findall("<title>([^–]+) –", page) == [title]
    assert heading in page
    assert "Szczecin</small>" not in plain


async def test_heading_of_days_names_county_and_kind_beside_them() -> None:
    async with serve(make_message("a")) as served:
        page = await source(served, "/en/?from=2027-08-13&to=2027-08-15&county=3262&category=maritime")

    assert re.findall('<h2 class="ruled" id="days">([^<]+)', page) == [
        "13–15 August 2027 · Szczecin (city) · Maritime and sailing events "
    ]


async def test_paper_is_told_what_is_not_on_it_and_where_that_is() -> None:
    august = [make_message(f"e{number}", dates=on("2027-08-14", "2027-09-02")) for number in range(70)]
    async with serve(*august, make_message("f", dates=on("2027-10-01"))) as served:
        paths = ("/pl/?county=3262", "/pl/2027", "/pl/2027/08?page=2", "/pl/2027/10", "/pl/?from=2027-08-01")
        pages = [await source(served, path) for path in paths]

    site = "https://kalendarium.example.org/pl"
    assert [re.findall('<p class="on-paper">([^<]+)', page) for page in pages] == [
        [f"Na tym wydruku: 60 z 71 wydarzeń. Cała lista: {site}/2027?county=3262"],
        [],
        [f"Na tym wydruku: 10 z 70 wydarzeń. Cała lista: {site}/2027/08"],
        [],
        [f"Na tym wydruku: 60 z 71 wydarzeń. Cała lista: {site}/?from=2027-08-01"],
    ]


async def test_what_is_shown_for_ever_fills_neither_the_years_nor_the_sitemap_nor_the_way_on() -> None:
    messages = [make_message("a"), make_message("ever", dates=on("2020-05-01", "2099-12-31"))]
    async with serve(*messages) as served:
        start = await source(served, "/pl/")
        december = await source(served, "/pl/2027/12")
        listed = (await served.client.get("/sitemap-pages.xml")).text

    assert re.findall(r'<a href="/pl/(20\d\d)"', start) == ["2020", "2027", "2099"]
    assert "<span>2027</span>" in start
    assert re.findall(r'<a href="/pl/([^"]+)" rel="next"', december) == ["2099/01"]
    assert set(re.findall(r"<loc>[^<]+/pl/(20\d\d)</loc>", listed)) == {"2020", "2027", "2099"}


async def test_an_empty_programme_says_so_and_an_empty_selection_counts_no_counties() -> None:
    async with serve() as served:
        nothing = await source(served, "/pl/")
    async with serve(make_message("a")) as served:
        filtered = await source(served, "/pl/?county=3261")
        found = await source(served, "/pl/")

    heads = [re.findall(r"</h1>\s*<p>([^<]*)</p>", page) for page in (nothing, filtered, found)]
    assert heads == [["Program jest jeszcze pusty."], ["0 wydarzeń"], ["1 wydarzenie w 1 powiecie"]]
    assert "Nie ogłoszono jeszcze żadnego wydarzenia." in nothing
    assert "Pokaż cały program" not in nothing


async def test_the_list_passes_over_a_year_in_which_nothing_takes_place() -> None:
    dates = on("2097-06-05") | {"recurrence": {"rrule": "FREQ=YEARLY;INTERVAL=2;COUNT=2"}}
    async with serve(make_message("a", dates=dates)) as served:
        pages = [await source(served, path) for path in ("/en/", "/en/2097/06", "/en/2097/06?category=maritime")]
        between = await source(served, "/en/2098/06")
        sitemap = await source(served, "/sitemap-pages.xml")

    assert ["June 2099" in words(page) for page in pages] == [True, True, True]
    assert ["June 2097" in words(between), "June 2099" in words(between)] == [True, True]
    assert ["/en/2097/06<" in sitemap, "/en/2098<" in sitemap, "/en/2099/06<" in sitemap] == [True, False, True]
