"""Whether a request comes from our own pages: what browsers say of it, and the token in our forms (ASVS 3.5)."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

from starlette.requests import Request

CSRF_FIELD = "csrf"
CSRF_HEADER = "x-csrf-token"


def csrf_token(session: str) -> str:
    """Give the token that the forms of a session carry; it tells nothing of the session's own."""
    return hashlib.sha256(b"csrf:" + session.encode()).hexdigest() if session else ""


def is_token_of(session: str, token: str) -> bool:
    """Tell whether a form's token is the one of the session."""
    return bool(session) and hmac.compare_digest(csrf_token(session).encode(), token.encode())


def come_from_us(request: Request, *, required: bool = False) -> bool:
    """Tell whether the browser says that a request comes from one of our own pages.

    ``Sec-Fetch-Site`` decides if it is there, otherwise ``Origin``. A client that sends neither is no browser of today
    and carries no cookie against its owner's will; with ``required`` that is not enough.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None:
        return site == "same-origin" or (site == "none" and not required)
    if origin is not None:
        return origin.partition("://")[2] == request.headers.get("host")  # compared, not parsed: it may be anything
    return not required


def own_path(wanted: str | None, otherwise: str) -> str:
    r"""Give ``wanted`` if it is a path on this site, else ``otherwise``: a link must not lead people elsewhere.

    ``//host`` and ``/\host`` are other sites to a browser, which also drops tabs and line ends.
    """
    if not wanted or not wanted.startswith("/") or wanted[1:2] in {"/", "\\"}:
        return otherwise
    if "\\" in wanted or any(unicodedata.category(each) in {"Cc", "Cf", "Zl", "Zp", "Cs"} for each in wanted):
        return otherwise
    return wanted
