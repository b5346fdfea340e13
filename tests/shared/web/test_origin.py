"""Whether a request comes from our own pages, and where a link may lead."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from shared.web.origin import come_from_us, csrf_token, is_token_of, own_path


def request(**headers: str) -> Request:
    sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": [(b"host", b"kal.example:8001"), *sent]})


@pytest.mark.parametrize(
    ("headers", "ours", "surely_ours"),
    [
        ({"sec_fetch_site": "same-origin"}, True, True),
        ({"sec_fetch_site": "none"}, True, False),
        ({"sec_fetch_site": "same-site"}, False, False),
        ({"sec_fetch_site": "cross-site"}, False, False),
        ({"sec_fetch_site": "cross-site", "origin": "http://kal.example:8001"}, False, False),
        ({"origin": "http://kal.example:8001"}, True, True),
        ({"origin": "https://kal.example:8001"}, True, True),
        ({"origin": "http://kal.example"}, False, False),
        ({"origin": "http://kal.example:8001.evil.example"}, False, False),
        ({"origin": "null"}, False, False),
        ({}, True, False),
    ],
)
def test_browsers_say_where_a_request_comes_from(headers: dict[str, str], *, ours: bool, surely_ours: bool) -> None:
    assert come_from_us(request(**headers)) is ours
    assert come_from_us(request(**headers), required=True) is surely_ours


def test_a_token_belongs_to_one_session() -> None:
    assert is_token_of("session-a", csrf_token("session-a"))
    assert not is_token_of("session-b", csrf_token("session-a"))
    assert not is_token_of("", csrf_token(""))
    assert not is_token_of("session-a", "ż")
    assert "session-a" not in csrf_token("session-a")


@pytest.mark.parametrize("path", ["/", "/ingest/?state=waiting&q=ż", "/calendar/reviews/7#history"])
def test_a_path_of_our_own_is_led_to(path: str) -> None:
    assert own_path(path, "/otherwise") == path


@pytest.mark.parametrize(
    "elsewhere",
    [None, "", "https://evil.example", "//evil.example", "/\\evil.example", "\\/evil", "x", "/\n/evil", "/a\\b"],
)
def test_another_site_is_never_led_to(elsewhere: str | None) -> None:
    assert own_path(elsewhere, "/otherwise") == "/otherwise"


@given(wanted=st.text(alphabet="/\\.:@evil\t\n\r #?") | st.text())
def test_whatever_is_wanted_a_browser_stays_on_this_site(wanted: str) -> None:
    led_to = own_path(wanted, "/")

    as_browsers_read_it = "".join(each for each in led_to if each not in "\t\r\n").replace("\\", "/")
    assert urlsplit(urljoin("https://kal.example/x/y", as_browsers_read_it)).netloc == "kal.example"
