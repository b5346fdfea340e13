"""What editors read of a call: the days left on every page, and the criteria."""

from __future__ import annotations

from collections.abc import AsyncIterator
from html import unescape

import httpx
import pytest

from shared.web.http.session_cookie import get_session_cookie_name
from tests.services.ingest.call.builders import AHEAD, FROZEN, LATE, OPEN, announce, set_clock
from tests.services.ingest.conftest import PASSWORD, Ingest


@pytest.fixture
async def editor(ingest: Ingest) -> AsyncIterator[httpx.AsyncClient]:
    token = await ingest.accounts.log_in("lot@example.pl", PASSWORD, "127.0.0.1")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=ingest.app),
        base_url="http://ingest.test",
        headers={"Sec-Fetch-Site": "same-origin", "Accept-Language": "pl"},
        cookies={get_session_cookie_name(https=False): token},
    ) as opened:
        yield opened


async def read(editor: httpx.AsyncClient, path: str) -> str:
    answer = await editor.get(path)
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (AHEAD, "Nabór otworzy się za 1 dzień"),
        (OPEN, "Zostało 16 dni"),
        ("2026-12-14T12:00:00.000Z", "Został 1 dzień"),
        ("2026-12-15T22:59:00.000Z", "Dziś ostatni dzień"),
        (LATE, "Termin minął"),
        (FROZEN, "Program jest zamknięty"),
    ],
)
async def test_every_page_of_an_editor_says_how_the_call_stands(
    ingest: Ingest, editor: httpx.AsyncClient, at: str, words: str
) -> None:
    await announce(ingest)
    set_clock(ingest, at)

    for path in ("/ingest/", "/ingest/submissions/new", "/ingest/calls/2027"):
        page = await read(editor, path)
        assert words in page
        assert 'href="/ingest/calls/2027"' in page


async def test_without_a_call_pages_say_nothing_of_one(ingest: Ingest, editor: httpx.AsyncClient) -> None:
    assert "/ingest/calls/" not in await read(editor, "/ingest/")
    assert (await editor.get("/ingest/calls/2027")).status_code == 404


async def test_second_open_call_is_named_with_its_days_on_each_page(ingest: Ingest, editor: httpx.AsyncClient) -> None:
    await announce(ingest)
    await announce(ingest, year=2028, deadline_at="2026-12-29T23:00:00.000Z", freeze_at="2027-01-15T23:00:00.000Z")
    set_clock(ingest, OPEN)

    other = '<a href="/ingest/calls/2028">2028: 30 days are left</a>'
    assert (await read(editor, "/ingest/?lang=en")).count(other) == 1
    assert (await read(editor, "/ingest/calls/2027?lang=en")).count(other) == 2
    assert '<a href="/ingest/calls/2027">2027: 16 days are left</a>' in await read(editor, "/ingest/calls/2028?lang=en")


async def test_criteria_are_read_in_the_readers_language(ingest: Ingest, editor: httpx.AsyncClient) -> None:
    await announce(ingest)
    set_clock(ingest, OPEN)

    polish = await read(editor, "/ingest/calls/2027")
    english = await read(editor, "/ingest/calls/2027?lang=en")

    assert "Dla gości z daleka." in polish
    assert "15 grudnia 2026" in polish
    assert "For guests from afar." in english


async def test_criteria_that_lack_a_language_say_in_which_they_are(ingest: Ingest, editor: httpx.AsyncClient) -> None:
    await announce(ingest, criteria={"pl": "Dla gości."})
    set_clock(ingest, OPEN)

    assert '<div class="prose stack" lang="pl">' in await read(editor, "/ingest/calls/2027?lang=en")
