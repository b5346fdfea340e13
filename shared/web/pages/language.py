"""The language of a response."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from starlette.requests import Request

from shared.i18n.text import DEFAULT

COOKIE: Final = "kal_lang"
STAFF_LANGUAGES: Final = ("pl", "en")
PROGRAMS_LANGUAGE: Final = "en"
_PREFERENCE = re.compile(r"([A-Za-z]{1,8})(?:-[A-Za-z0-9-]+)?\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?))?")


def is_for_programs(path: str) -> bool:
    """Whether a path serves programs (APIs, feeds, pictures, health): its problems are JSON, not pages."""
    return (
        "/api/" in path
        or path.startswith(("/feeds/", "/f/", "/media/", "/ingest/media/"))
        or path in {"/livez", "/readyz", "/metrics"}
    )


def read_preference(request: Request, cookie: str) -> str:
    """Read a preference cookie under its https or http name."""
    return request.cookies.get(f"__Host-{cookie}", "") or request.cookies.get(cookie, "")


def choose_page_language(request: Request, languages: Sequence[str], *, otherwise: str = "") -> str:
    """By path, ``?lang=``, cookie, ``otherwise``, ``Accept-Language``, in this order; else Polish."""
    first = request.scope["path"].removeprefix("/").partition("/")[0]
    for said in (first, request.query_params.get("lang", ""), read_preference(request, COOKIE), otherwise):
        if said in languages:
            return said
    return negotiate_language(request.headers.get("accept-language", ""), languages, default=DEFAULT)


def choose_response_language(request: Request, languages: Sequence[str]) -> str:
    """By ``Accept-Language``; else English."""
    return negotiate_language(request.headers.get("accept-language", ""), languages, default=PROGRAMS_LANGUAGE)


def negotiate_language(header: str, languages: Sequence[str], *, default: str) -> str:
    if not header:
        return default
    best, choice = 0.0, default
    for part in header.split(","):
        match = _PREFERENCE.fullmatch(part.strip())
        weight = float(match[2] or 1) if match else 0.0
        if match and match[1].lower() in languages and weight > best:
            best, choice = weight, match[1].lower()
    return choice
