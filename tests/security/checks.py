"""What makes an answer unsafe, as functions that complain: each gives what is wrong, an empty list where nothing is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from http.cookies import SimpleCookie
from typing import Any, Final

import httpx
from lxml import html

NONE: Final = "'none'"
WANTED_POLICY: Final = {"default-src": NONE, "base-uri": NONE, "frame-ancestors": NONE, "object-src": NONE}
OUR_OWN: Final = frozenset({"'self'", NONE})
LONG_ENOUGH: Final = 31_536_000
LEFT_ALONE: Final = frozenset({204, 304})
INTERNAL: Final = re.compile(
    r"Traceback|File \"/|site-packages|pymongo|mongodb://|uvicorn|starlette|fastapi|pydantic|jinja2|python/3|\.py\b",
    re.IGNORECASE,
)


def loose_headers(answer: httpx.Response, *, https: bool) -> list[str]:
    """Complain of headers that let a browser do what our pages never ask for (ASVS 3.4)."""
    headers = answer.headers
    if answer.status_code in LEFT_ALONE:  # a browser goes on by the headers that it was given with the body
        return []
    found = [f"{name} is {headers.get(name)!r}" for name, value in _exact().items() if headers.get(name) != value]
    policy = directives(headers.get("content-security-policy", ""))
    found += [f"{name} is {policy.get(name)}" for name, value in WANTED_POLICY.items() if policy.get(name) != [value]]
    found += [f"{name} lets in {each}" for name, all_ in policy.items() for each in all_ if each not in OUR_OWN]
    if https and not _kept_to_https(headers.get("strict-transport-security", "")):
        found.append(f"strict-transport-security is {headers.get('strict-transport-security')!r}")
    return found


def _exact() -> dict[str, str]:
    return {
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
    }


def loose_file_headers(answer: httpx.Response) -> list[str]:
    """Complain of a feed that a browser might take for a page: it is data, and must run and frame nothing."""
    policy = directives(answer.headers.get("content-security-policy", ""))
    found = [] if answer.headers.get("x-content-type-options") == "nosniff" else ["a browser may guess the type"]
    found += [
        f"{name} is {policy.get(name)}" for name in ("default-src", "frame-ancestors") if policy.get(name) != [NONE]
    ]
    return found


def directives(policy: str) -> dict[str, list[str]]:
    """Read a content security policy."""
    parts = [each.split() for each in policy.split(";") if each.strip()]
    return {name: sources for name, *sources in parts if name != "sandbox"}


def _kept_to_https(header: str) -> bool:
    age = re.search(r"max-age=(\d+)", header)
    return age is not None and int(age[1]) >= LONG_ENOUGH and "includeSubDomains" in header


def inline_code(page: str) -> list[str]:
    """Complain of what a page would run or draw by itself, and of what it takes from elsewhere."""
    found = []
    for each in html.fromstring(page.encode()).iter():
        if not isinstance(each.tag, str):
            continue
        if each.tag == "script" and "src" not in each.attrib and each.get("type") != "application/ld+json":
            found.append(f"script: {each.text}")
        if each.tag in {"style", "iframe", "object", "embed", "base", "applet"}:
            found.append(f"<{each.tag}>")
        for name, value in each.attrib.items():
            if name.startswith("on") or name in {"style", "srcdoc"}:
                found.append(f'{each.tag} {name}="{value}"')
            if name in {"href", "src", "action", "formaction"} and _runs(value):
                found.append(f'{each.tag} {name}="{value}"')
            if name == "src" and not value.startswith("/static/"):
                found.append(f'{each.tag} takes "{value}"')
    return found


def _runs(address: str) -> bool:
    plain = re.sub(r"[\x00-\x20]", "", address).lower()
    return plain.startswith(("javascript:", "data:", "vbscript:"))


def loose_cookies(answer: httpx.Response, *, https: bool) -> list[str]:
    """Complain of cookies that another host, a script, plain http or another site could use (ASVS 3.3)."""
    found = []
    for line in answer.headers.get_list("set-cookie"):
        for name, cookie in SimpleCookie(line).items():
            wrong = {
                "name": https and not name.startswith("__Host-"),
                "Secure": https and not cookie["secure"],
                "HttpOnly": not cookie["httponly"],
                "SameSite": cookie["samesite"].lower() not in {"lax", "strict"},
                "Path": cookie["path"] != "/",
                "Domain": bool(cookie["domain"]),
            }
            found += [f"{name}: {what}" for what, is_wrong in wrong.items() if is_wrong]
    return found


def tells_of_inside(answer: httpx.Response) -> list[str]:
    """Complain of an answer that says what it was made with, or where it broke."""
    said = [f"{name}: {value}" for name, value in answer.headers.items() if name in {"server", "x-powered-by"}]
    found = INTERNAL.search(answer.text) if _is_text(answer) and answer.status_code >= 400 else None
    return said + ([found.group()] if found else [])


def open_to_other_sites(answer: httpx.Response) -> list[str]:
    """Complain of an answer that another site's scripts may read; only what is public may be so."""
    return [f"{name}: {value}" for name, value in answer.headers.items() if name.startswith("access-control-")]


def leads_elsewhere(location: str, *, ours: Iterable[str]) -> list[str]:
    """Complain of a ``Location`` that leads a browser to another host; it is read as browsers read."""
    as_browsers_read = re.sub(r"[\t\r\n]", "", location.strip()).replace("\\", "/")
    if as_browsers_read.startswith("/") and not as_browsers_read.startswith("//"):
        return []
    return (
        [] if any(as_browsers_read == each or as_browsers_read.startswith(f"{each}/") for each in ours) else [location]
    )


def secrets_in(lines: Iterable[object], secrets: Iterable[str]) -> list[str]:
    """Complain of log lines that hold one of these secrets."""
    text = [repr(each) for each in lines]
    return [f"{secret[:6]}… in {line[:200]}" for secret in secrets for line in text if secret and secret in line]


def _is_text(answer: httpx.Response) -> bool:
    kind: Any = answer.headers.get("content-type", "")
    return "text" in kind or "json" in kind
