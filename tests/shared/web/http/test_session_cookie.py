"""Name of the session's cookie."""

from __future__ import annotations

from shared.web.http.session_cookie import get_session_cookie_name


def test_the_cookie_is_bound_to_the_host_where_https_is_on() -> None:
    assert get_session_cookie_name(https=True) == "__Host-kal"
    assert get_session_cookie_name(https=False) == "kal"
