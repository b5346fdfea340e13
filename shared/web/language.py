"""In which language a request is answered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from starlette.requests import Request

from shared.web.locale import SOURCE

COOKIE: Final = "kal_lang"
STAFF_LANGUAGES: Final = ("pl", "en")
PROGRAMS_LANGUAGE: Final = "en"
_PREFERENCE = re.compile(r"([A-Za-z]{1,8})(?:-[A-Za-z0-9-]+)?\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?))?")


def is_for_programs(path: str) -> bool:
    """Tell whether a path is read by programs (APIs, feeds, health), so that a refusal is JSON and not a page."""
    return "/api/" in path or path.startswith(("/feeds/", "/f/")) or path in {"/livez", "/readyz", "/metrics"}


def chosen(request: Request, cookie: str) -> str:
    """Give what a reader chose before, from the cookie as it is called by https or by http; empty if nothing."""
    return request.cookies.get(f"__Host-{cookie}", "") or request.cookies.get(cookie, "")


def page_language(request: Request, languages: Sequence[str]) -> str:
    """Give the language of a page: its path's first part, ``?lang=``, the cookie, what the browser asks for, Polish."""
    first = request.url.path.split("/")[1]
    for said in (first, request.query_params.get("lang", ""), chosen(request, COOKIE)):
        if said in languages:
            return said
    return accepted(request.headers.get("accept-language", ""), languages, otherwise=SOURCE)


def answer_language(request: Request, languages: Sequence[str]) -> str:
    """Give the language of an answer to a program: what it asks for, else English."""
    return accepted(request.headers.get("accept-language", ""), languages, otherwise=PROGRAMS_LANGUAGE)


def accepted(header: str, languages: Sequence[str], *, otherwise: str) -> str:
    """Choose the language that an ``Accept-Language`` header prefers among ours."""
    best, choice = 0.0, otherwise
    for part in header.split(","):
        match = _PREFERENCE.fullmatch(part.strip())
        weight = float(match[2] or 1) if match else 0.0
        if match and match[1].lower() in languages and weight > best:
            best, choice = weight, match[1].lower()
    return choice
