"""Which cookies go further into the application."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.web.middleware.cookies import MAX_COOKIE, filter_cookies

OURS = "kal=token_-9; kal_lang=pl; __Host-kal_theme=dark; kal-flash=Wys%C5%82ano."


def test_our_own_cookies_stay() -> None:
    assert filter_cookies(OURS.encode()) == OURS.encode()


@pytest.mark.parametrize(
    "foreign",
    [
        'kal_theme="dark"',
        "kal_theme=da\\rk",
        "kal_theme=d,k",
        "kal",
        "_ga=GA1.2",
        "xkal=1",
        "Kal=1",
        "kal =1",
        "",
        "kal_theme=" + "a" * MAX_COOKIE,
        'kal_theme="' + "\\" * 31000,
        "kal_theme=a b",
        "kal_theme=ż",
    ],
)
def test_a_cookie_of_others_stays_behind(foreign: str) -> None:
    assert filter_cookies(f"{foreign}; kal_lang=en;{foreign}".encode()) == b"kal_lang=en"


octets = st.text(st.characters(codec="ascii", exclude_characters='\\"; ,', min_codepoint=33, max_codepoint=126))


@given(st.lists(st.tuples(st.sampled_from(["kal", "kal_lang", "a", "b"]), octets), max_size=8), st.text(max_size=20))
def test_what_stays_is_what_was_sent(cookies: list[tuple[str, str]], noise: str) -> None:
    sent = [f"{name}={value}" for name, value in cookies]
    ours = [each for each in sent if each.startswith("kal")]

    found = filter_cookies(f"{'; '.join(sent)};{noise}".encode()).decode()

    assert found.split("; ")[: len(ours)] == (ours or [""])[: len(ours)]
    assert not set(found) & set('"\\')


async def test_a_page_shows_the_theme_of_a_cookie_beside_others(caller: httpx.AsyncClient) -> None:
    cookies = 'a="' + "\\" * 9_000 + '"; kal_theme=dark; b=c'

    answer = await caller.get("/ingest/open", headers={"Cookie": cookies})

    assert 'data-theme="dark"' in answer.text
