"""Whether a request comes from our own pages, and where a link may lead."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from shared.web.csrf import check_local_path, derive_csrf_token, is_same_origin, verify_csrf_token


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
    assert is_same_origin(request(**headers)) is ours
    assert is_same_origin(request(**headers), required=True) is surely_ours


def test_a_token_belongs_to_one_session() -> None:
    assert verify_csrf_token("session-a", derive_csrf_token("session-a"))
    assert not verify_csrf_token("session-b", derive_csrf_token("session-a"))
    assert not verify_csrf_token("", derive_csrf_token(""))
    assert not verify_csrf_token("session-a", "ż")
    assert "session-a" not in derive_csrf_token("session-a")


@pytest.mark.parametrize("path", ["/", "/ingest/?state=waiting&q=ż", "/calendar/reviews/7#history"])
def test_a_path_of_our_own_is_led_to(path: str) -> None:
    assert check_local_path(path, "/otherwise") == path


@pytest.mark.parametrize(
    "elsewhere",
    [None, "", "https://evil.example", "//evil.example", "/\\evil.example", "\\/evil", "x", "/\n/evil", "/a\\b"],
)
def test_another_site_is_never_led_to(elsewhere: str | None) -> None:
    assert check_local_path(elsewhere, "/otherwise") == "/otherwise"


@given(wanted=st.text(alphabet="/\\.:@evil\t\n\r #?") | st.text())
def test_whatever_is_wanted_a_browser_stays_on_this_site(wanted: str) -> None:
    led_to = check_local_path(wanted, "/")

    as_browsers_read_it = "".join(each for each in led_to if each not in "\t\r\n").replace("\\", "/")
    assert urlsplit(urljoin("https://kal.example/x/y", as_browsers_read_it)).netloc == "kal.example"
