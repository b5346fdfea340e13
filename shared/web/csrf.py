"""CSRF protection: fetch metadata and form tokens (ASVS 3.5)."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

from starlette.requests import Request

CSRF_FIELD = "csrf"
MAX_PATH = 2_000
"""Of where a link leads on; what is longer was made by nobody who wants to get there."""


def derive_csrf_token(session: str) -> str:
    """Derive the token of a session's forms; it reveals nothing about the session token."""
    return hashlib.sha256(b"csrf:" + session.encode()).hexdigest() if session else ""


def verify_csrf_token(session: str, token: str) -> bool:
    return bool(session) and hmac.compare_digest(derive_csrf_token(session).encode(), token.encode())


def is_same_origin(request: Request, *, required: bool = False) -> bool:
    """Whether a request comes from our own pages, according to the browser."""
    # ``Sec-Fetch-Site`` decides, else ``Origin``. A client that sends neither is no current browser and has no cookies
    # to abuse; with ``required`` that is not enough.
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None:
        return site == "same-origin" or (site == "none" and not required)
    if origin is not None:
        return origin.partition("://")[2] == request.headers.get("host")  # compared, not parsed: it may be anything
    return not required


def build_path_and_query(request: Request) -> str:
    """``request.url`` would cut a path at an encoded question mark or hash."""
    path, query = str(request.scope["path"]), request.scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path


def check_local_path(wanted: str | None, otherwise: str) -> str:
    r"""Return ``wanted`` if it is a path on this site, else ``otherwise``: no open redirects."""
    # ``//host`` and ``/\host`` are other sites to a browser, which also drops tabs and line ends.
    if not wanted or not wanted.startswith("/") or wanted[1:2] in {"/", "\\"} or len(wanted) > MAX_PATH:
        return otherwise
    if "\\" in wanted or any(unicodedata.category(each) in {"Cc", "Cf", "Zl", "Zp", "Cs"} for each in wanted):
        return otherwise
    return wanted
