"""Name of the cookie that carries a session's token."""

from __future__ import annotations


def get_session_cookie_name(*, https: bool) -> str:
    """``__Host-`` forbids other hosts and plain http to set it."""
    return "__Host-kal" if https else "kal"
