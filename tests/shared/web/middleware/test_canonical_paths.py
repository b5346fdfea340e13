"""Every page has one address; other spellings lead there, and nowhere else."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import PlainTextResponse

from shared.web.middleware.canonical_paths import CanonicalPaths, canonicalize_path

ROOTS = ("pl", "en", "de")


@pytest.mark.parametrize(
    ("asked", "address"),
    [
        ("/pl", "/pl/"),
        ("/PL/", "/pl/"),
        ("/Pl/2027/08/", "/pl/2027/08"),
        ("/pl/2027/", "/pl/2027"),
        ("/pl/2027/8", "/pl/2027/08"),
        ("/pl/2027/8/", "/pl/2027/08"),
        ("/pl//2027///8", "/pl/2027/08"),
        ("/pl/2027/12/", "/pl/2027/12"),
        ("/pl/events/0198a/", "/pl/events/0198a"),
        ("/pl/events/0198a.ics/", "/pl/events/0198a.ics"),
        ("/de/offices/", "/de/offices"),
        ("/en/subscribe/", "/en/subscribe"),
    ],
)
def test_another_spelling_leads_to_the_pages_address(asked: str, address: str) -> None:
    assert canonicalize_path(asked, ROOTS) == address


@pytest.mark.parametrize(
    "path",
    [
        "/pl/",
        "/pl/2027/08",
        "/pl/2027/٨",
        "/pl/2027/008",
        "/pl/20270/8",
        "/",
        "//pl/",
        "//evil.example/",
        "/xx",
        "/feeds/",
    ],
)
def test_a_path_that_is_right_or_none_of_ours_stays(path: str) -> None:
    assert canonicalize_path(path, ROOTS) == path


@given(st.text(st.sampled_from("/plPL2078eE%\\.:@ ż\n\t"), max_size=30).map(lambda rest: f"/{rest}"))
def test_one_step_leads_there_and_stays_on_this_site(path: str) -> None:
    once = canonicalize_path(path, ROOTS)

    assert canonicalize_path(once, ROOTS) == once
    assert once == path or not once.startswith(("//", "/\\"))


@given(st.text(st.sampled_from("/plPL2078eE%\\:@ ż?#"), min_size=1, max_size=30), st.sampled_from(["", "?a=%2F%2Fx&b"]))
async def test_the_location_is_a_path_with_the_query_as_it_was(rest: str, query: str) -> None:
    asked = f"http://evil.example/pl//{quote(rest, safe='/')}{query}"
    app = CanonicalPaths(PlainTextResponse("a page"), roots=ROOTS)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        answer = await client.get(asked)

    place = urlsplit(answer.headers["location"])
    assert (answer.status_code, place.scheme, place.netloc, place.query) == (308, "", "", query[1:])
    assert place.path.startswith("/pl/")


@pytest.mark.parametrize(("method", "path"), [("POST", "/pl"), ("GET", "/pl/api/v1/x/"), ("GET", "/feeds/x/")])
async def test_neither_forms_nor_programs_are_led_on(method: str, path: str) -> None:
    app = CanonicalPaths(PlainTextResponse("here"), roots=("pl", "feeds"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        assert (await client.request(method, path)).text == "here"
