"""The frame that all pages share, and what a reader may choose."""

from __future__ import annotations

import re
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request, Response

from docs.styleguide import create_app as create_style_guide
from shared.region import load_region
from shared.settings import CommonSettings
from shared.web.pages.environment import TEMPLATES, encode
from shared.web.pages.renderer import Pages
from tests.shared.web.example import PASSWORD, browser, example_app

INLINE = r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*src=)"


@pytest.fixture
async def reader(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(app) as client:
        yield client


def main_of(page: httpx.Response) -> str:
    return page.text.partition("<main")[2].partition("</main>")[0]


async def test_a_page_has_its_language_title_and_region(reader: httpx.AsyncClient) -> None:
    page = await reader.get("/ingest/open")

    assert '<html lang="pl">' in page.text
    assert "<title>Otwarte – Kalendarium</title>" in page.text
    assert "Pomorze Zachodnie" in page.text
    assert page.headers["content-language"] == "pl"
    assert page.headers["vary"] == "Cookie, Accept-Language"


async def test_an_answer_to_a_form_varies_with_nothing_so_that_back_finds_it_again(visitor: httpx.AsyncClient) -> None:
    refused = await visitor.post("/ingest/login", data={"email": "anna@lot.example", "password": "wrong"})

    assert refused.headers["content-type"].startswith("text/html")
    assert "vary" not in refused.headers


async def test_what_people_typed_is_shown_and_never_run(reader: httpx.AsyncClient) -> None:
    page = await reader.get("/ingest/open", params={"words": "<script>alert(1)</script>"})

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "<script" not in page.text


async def test_a_page_holds_no_inline_script_or_style(reader: httpx.AsyncClient) -> None:
    for path in ("/ingest/open", "/ingest/login", "/ingest/nowhere"):
        text = (await reader.get(path)).text

        assert not re.search(INLINE, text), path


async def test_only_staff_pages_load_the_styles_of_staff(reader: httpx.AsyncClient) -> None:
    sheets = re.findall(r'<link rel="stylesheet" href="/static/([a-z]+)\.', (await reader.get("/ingest/open")).text)
    async with browser(create_style_guide(CommonSettings())) as public:
        of_the_public = re.findall(r'<link rel="stylesheet" href="/static/([a-z]+)\.', (await public.get("/none")).text)

    assert (sheets, of_the_public) == (["site", "staff"], ["site"])


async def test_staff_pages_are_in_the_language_the_browser_asks_for(reader: httpx.AsyncClient) -> None:
    english = await reader.get("/ingest/open", headers={"Accept-Language": "de, en-GB;q=0.8, pl;q=0.5"})
    unknown = await reader.get("/ingest/open", headers={"Accept-Language": "uk, *;q=0.1"})

    assert '<html lang="en">' in english.text
    assert "West Pomerania" in english.text
    assert '<html lang="pl">' in unknown.text


async def test_a_language_that_was_chosen_stays(reader: httpx.AsyncClient) -> None:
    await reader.get("/ingest/open?lang=en")

    assert '<html lang="en">' in (await reader.get("/ingest/open")).text


async def test_a_page_leads_to_itself_in_its_other_languages(reader: httpx.AsyncClient) -> None:
    page = await reader.get("/ingest/open?words=a%26b&lang=pl")

    assert 'href="/ingest/open?words=a%26b&amp;lang=en" lang="en" hreflang="en"' in page.text
    assert 'href="/ingest/open?words=a%26b&amp;lang=pl" lang="pl" hreflang="pl" aria-current="true"' in page.text


async def test_light_or_dark_is_chosen_and_forgotten(reader: httpx.AsyncClient) -> None:
    chosen = await reader.get("/theme/dark?next=/ingest/open")
    dark = await reader.get("/ingest/open")
    await reader.get("/theme/auto?next=/ingest/open")
    automatic = await reader.get("/ingest/open")

    assert (chosen.status_code, chosen.headers["location"]) == (303, "/ingest/open")
    assert 'data-theme="dark"' in dark.text
    assert "data-theme" not in automatic.text


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example"])
async def test_choosing_a_theme_leads_to_no_other_site(reader: httpx.AsyncClient, elsewhere: str) -> None:
    answer = await reader.get("/theme/dark", params={"next": elsewhere})

    assert answer.headers["location"] == "/"


async def test_there_are_no_other_themes(reader: httpx.AsyncClient) -> None:
    assert (await reader.get("/theme/pink")).status_code == 404


async def test_a_theme_cookie_that_holds_anything_else_is_ignored(reader: httpx.AsyncClient) -> None:
    reader.cookies["kal_theme"] = '"><script>'

    assert "data-theme" not in (await reader.get("/ingest/open")).text


async def test_navigation_shows_what_a_reader_may_see(visitor: httpx.AsyncClient) -> None:
    stranger = await visitor.get("/ingest/open")
    await visitor.post("/ingest/login", data={"email": "anna@lot.example", "password": PASSWORD})
    editor = await visitor.get("/ingest/")

    assert re.findall(r'<a href="([^"]+)"[^>]*>', _sections(stranger)) == ["/ingest/open"]
    assert re.findall(r'<a href="([^"]+)"[^>]*>', _sections(editor)) == [
        "/ingest/",
        "/ingest/submissions/new",
        "/ingest/open",
    ]


async def test_navigation_marks_the_page_one_is_on(visitor: httpx.AsyncClient) -> None:
    await visitor.post("/ingest/login", data={"email": "anna@lot.example", "password": PASSWORD})

    assert '<a href="/ingest/" aria-current="page">' in _sections(await visitor.get("/ingest/"))
    assert '<a href="/ingest/open" aria-current="page">' in _sections(await visitor.get("/ingest/open"))


def _sections(page: httpx.Response) -> str:
    return page.text.partition('<nav class="sections"')[2].partition("</nav>")[0]


async def test_a_staff_page_shows_who_is_logged_in_and_the_way_out(visitor: httpx.AsyncClient) -> None:
    await visitor.post("/ingest/login", data={"email": "anna@lot.example", "password": PASSWORD})

    page = await visitor.get("/ingest/")

    assert "<span>LOT Ekologiczny</span>" in page.text
    assert '<form method="post" action="/ingest/logout">' in page.text


async def test_the_next_page_says_once_what_was_done(visitor: httpx.AsyncClient) -> None:
    await visitor.post("/ingest/login", data={"email": "anna@lot.example", "password": PASSWORD})
    token = re.search(r'id="csrf">([0-9a-f]+)<', (await visitor.get("/ingest/")).text)
    assert token

    await visitor.post("/ingest/send", data={"title": "Żagle", "csrf": token[1]})
    first, second = await visitor.get("/ingest/"), await visitor.get("/ingest/")

    assert '<p class="flash">Wyślij jeszcze raz</p>' in first.text
    assert "flash" not in main_of(second)


async def test_a_text_in_a_cookie_is_shown_and_never_run(reader: httpx.AsyncClient) -> None:
    reader.cookies["kal-flash"] = "%3Cscript%3E"

    assert "&lt;script&gt;" in (await reader.get("/ingest/open")).text


async def test_the_styleguide_draws_every_part() -> None:
    async with browser(create_style_guide(CommonSettings())) as client:
        page = await client.get("/styleguide")
        start = await client.get("/")

    parts = {file.stem for file in (TEMPLATES / "parts").iterdir()}
    assert page.status_code == 200
    assert start.headers["location"] == "/styleguide"
    assert parts >= {"field", "stamp", "wall"}
    assert "za mało" not in page.text
    assert not re.search(INLINE, page.text)


async def test_head_answers_like_get_without_a_body(reader: httpx.AsyncClient) -> None:
    head, get = await reader.head("/ingest/open"), await reader.get("/ingest/open")

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"]


@pytest.fixture
async def public_reader(settings: CommonSettings) -> AsyncIterator[httpx.AsyncClient]:
    """A reader of public pages, whose language is in their address."""
    app = example_app(settings)
    pages = Pages(service="distribution", templates=Path(), region=load_region(settings.region), settings=settings)
    router = APIRouter()

    @router.get("/{lang}/events")
    async def events(request: Request, lang: str) -> Response:
        return await pages.render(
            request, "problem.html", title=lang, problem={"title": lang, "detail": "", "links": []}
        )

    app.include_router(router)
    app.state.pages = pages
    async with browser(app) as client:
        yield client


async def test_a_public_page_is_in_the_language_of_its_address(public_reader: httpx.AsyncClient) -> None:
    page = await public_reader.get("/de/events?county=3262")

    assert '<html lang="de">' in page.text
    assert 'href="/pl/events?county=3262"' in page.text
    assert "set-cookie" not in page.headers


async def test_a_public_page_that_is_not_there_says_so_in_its_language(public_reader: httpx.AsyncClient) -> None:
    page = await public_reader.get("/de/nowhere")

    assert page.status_code == 404
    assert "Diese Seite gibt es nicht" in page.text
    assert 'href="/de/"' in main_of(page)


def test_a_page_is_encoded_whole_with_its_empty_pieces() -> None:
    pieces = ["", *["żółw "] * 1_700, *[""] * 600, "koniec"]

    assert encode(iter(pieces)) == "".join(pieces).encode()


def test_a_page_takes_less_than_three_times_its_size_while_it_is_encoded() -> None:
    def draw() -> Iterator[str]:
        for number in range(20_000):
            yield f"<p>Święto Żeglarzy nr {number} w Świnoujściu</p>"

    size = len(encode(draw()))
    tracemalloc.start()
    try:
        encode(draw())
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 3 * size
