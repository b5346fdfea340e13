"""How browsers are named in the list of sessions."""

from __future__ import annotations

import pytest

from shared.web.http.browser_family import name_browser

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox, Windows"),
        (f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Chrome/142.0.0.0 Safari/537.36", "Chrome, Linux"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/142 Safari/537.36 Edg/142", "Edge, Windows"),
        (f"Mozilla/5.0 (Linux; Android 16; Pixel 9) {WEBKIT} Chrome/142 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) Version/26.1 Mobile Safari/604.1", "Safari, iOS"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/26.1 Safari/605.1.15", "Safari, macOS"),
        ("curl/8.5.0", ""),
        ("", ""),
        ("<script>Firefox/", "Firefox"),
    ],
)
def test_browser_is_named_without_its_version(user_agent: str, name: str) -> None:
    assert name_browser(user_agent) == name
