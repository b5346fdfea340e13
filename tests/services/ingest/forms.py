"""A browser without scripts that fills in the form of an event."""

from __future__ import annotations

import html
import re

import httpx

from shared.web.http.session_cookie import get_session_cookie_name
from tests.services.ingest.conftest import PASSWORD, Ingest


async def logged_in(ingest: Ingest) -> httpx.AsyncClient:
    """A browser of the LOT's editor."""
    token = await ingest.accounts.log_in("lot@example.pl", PASSWORD, "127.0.0.1")
    ingest.nobody.cookies.set(get_session_cookie_name(https=False), token)
    ingest.nobody.headers["Sec-Fetch-Site"] = "same-origin"
    ingest.nobody.headers["Accept-Language"] = "pl"
    return ingest.nobody


def inputs(page: str) -> dict[str, list[str]]:
    """What a browser would send back of a page's form: controls, ticked boxes, chosen options."""
    form = page[page.index('<form method="post" action="/ingest/submissions') :]
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if attributes.get("type") in {"radio", "checkbox"} and "checked" not in tag:
            continue
        found.setdefault(attributes["name"], []).append(html.unescape(attributes.get("value", "")))
    for name, text in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL):
        found.setdefault(name, []).append(html.unescape(text))
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        found.setdefault(name, []).append(html.unescape(chosen[1]) if chosen else "")
    return found


def choices(page: str, button: str) -> list[str]:
    """What the buttons say that choose between texts: ``take`` or ``keep``."""
    return [html.unescape(value) for value in re.findall(rf'name="{button}" value="([^"]*)"', page)]


def given(fields: dict[str, list[str]]) -> dict[str, list[str]]:
    """The fields that say something, without the hidden ones."""
    hidden = {"csrf", "key", "version", "page", "seen", "submission", "contested", "listed"}
    said = {name: sorted(each.replace("\r\n", "\n") for each in values) for name, values in fields.items()}
    return {name: values for name, values in said.items() if name not in hidden and any(values)}
