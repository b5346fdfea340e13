"""Events whose every text is a payload, and what the pages and feeds that show them are compared with."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx
from ical.calendar_stream import IcsCalendarStream
from lxml import etree, html

from shared.plain_text import normalize_code, normalize_line
from tests.security.payloads import PAYLOADS
from tests.security.premises import Premises

Path = tuple[str, ...]
LONGEST: Final = 10_000
BENIGN: Final = "zwykłe słowa"
TEXTS: Final[Mapping[Path, str]] = {
    ("title", "pl"): BENIGN,
    ("title", "de"): BENIGN,
    ("summary", "pl"): BENIGN,
    ("description", "pl"): BENIGN,
    ("venue", "name"): BENIGN,
    ("venue", "street"): BENIGN,
    ("venue", "postcode"): "70-500",
    ("venue", "town"): BENIGN,
    ("tickets", "price", "pl"): BENIGN,
    ("tickets", "url"): "https://bilety.example.pl/",
    ("tickets", "registration_url"): "https://zapisy.example.pl/",
    ("tickets", "registration_until"): "2027-08-10",
    ("website",): "https://zagle.example.pl/",
    ("external_id",): "zagle",
    ("contact", "name"): BENIGN,
    ("contact", "email"): "anna@lot.example",
    ("contact", "phone"): "+48 91 123 45 67",
    ("provenance", "source"): "https://zrodlo.example.pl/",
    ("category",): "maritime",
    ("venue", "county"): "3262",
    ("dates", "start"): "2027-08-14",
}
"""Every field that takes a text, with words that nobody could mind."""
SHOWN_AS_LINES: Final = frozenset({"p", "br", "dd"})
"""What a text of several lines becomes; anything else is an element that it was not meant to be."""
_HINT: Final = "//section[@aria-labelledby='ready-hints']//ul/li"
OF_HINTS: Final = (_HINT, f"{_HINT}/a[1]", f"{_HINT}/span", f"{_HINT}/span/mark[1]")
"""Where a hint of readiness has its own elements."""


def event_with(texts: Mapping[Path, str]) -> dict[str, Any]:
    """Make an event with these texts."""
    event: dict[str, Any] = {"dates": {"certainty": "exact", "end": "2027-08-16"}}
    for path, text in texts.items():
        inside = event
        for name in path[:-1]:
            inside = inside.setdefault(name, {})
        inside[path[-1]] = text
    return event


def as_kept(text: str) -> str:
    """Give a text as it may come back: composed, without unseen signs, blanks as one; people see no difference."""
    return " ".join(normalize_line(text, LONGEST).split()) if text.strip() else ""


@dataclass(frozen=True)
class Sent:
    """An event that was taken in with a payload in every field that takes it."""

    id: str
    texts: Mapping[Path, str]

    def __getitem__(self, path: Path) -> str:
        return as_kept(self.texts[path])


async def taken_in(premises: Premises, texts: Mapping[Path, str]) -> str | None:
    """Send an event in as a program does; None if it is refused at the door, as it must be: 422, saying which field."""
    body = json.dumps(event_with(texts)).encode()
    answer = await _post(premises, "", body)
    if answer.status_code == 201:
        return str(answer.json()["id"])
    assert answer.status_code == 422, (answer.status_code, answer.text)
    return None


async def fields_that_take(premises: Premises, payload: str) -> list[Path]:
    """Find the fields that take a payload; the others must refuse it by their name."""
    found = []
    for path in TEXTS:
        answer = await _post(premises, "/validate", json.dumps(event_with({**TEXTS, path: payload})).encode())
        if answer.status_code == 200:
            found.append(path)
        elif any(unicodedata.category(each) == "Cs" for each in payload):  # half a character is no JSON
            assert (answer.status_code, answer.json()["type"]) == (400, "/problems/json_invalid")
        else:
            assert answer.status_code == 422, (path, answer.text)
            named = {each["field"] for each in answer.json()["errors"]}
            assert any(each.startswith(".".join(path)) for each in named) or path[0] == "dates", (path, named)
    return found


async def _post(premises: Premises, where: str, body: bytes) -> httpx.Response:
    headers = {"Content-Type": "application/json"}
    address = f"/ingest/api/v1/submissions{where}"
    return await premises.ask("POST", address, "owner", by_key=True, content=body, headers=headers)


async def send_all(premises: Premises) -> dict[str, Sent]:
    """Send in an event for each payload that some field takes, and a benign one, called so."""
    sent: dict[str, Sent] = {}
    names: set[str] = set()
    for name, payload in {"benign": BENIGN, **PAYLOADS}.items():
        fields = await fields_that_take(premises, payload)
        texts = {**TEXTS, **dict.fromkeys(fields, payload)}
        if ("external_id",) not in fields or (code := normalize_code(payload, LONGEST)) in names or name == "benign":
            code = texts[("external_id",)] = f"zagle-{len(sent)}"
        names.add(code)
        if fields or name == "benign":
            event_id = await taken_in(premises, texts)
            assert event_id, name
            sent[name] = Sent(event_id, texts)
    return sent


def elements(page: str) -> Counter[tuple[str, ...]]:
    """Count the elements of a page, each with its attributes' names, but for lines of text.

    Hints depend on the words; of a hint only what does not stand where its own elements do is counted.
    """
    whole = html.fromstring(page.encode())
    own = {each for path in OF_HINTS for each in whole.xpath(path)}
    found = (each for each in whole.iter() if each.tag not in SHOWN_AS_LINES and each not in own)
    return Counter((str(each.tag), *sorted(each.attrib)) for each in found)


def heading(page: str) -> str:
    """Give the words of a page's first heading."""
    return as_kept(html.fromstring(page.encode()).find(".//h1").text_content())


def linked_data(page: str) -> list[dict[str, Any]]:
    """Read what a page says to machines."""
    found = html.fromstring(page.encode()).iterfind(".//script[@type='application/ld+json']")
    return [json.loads(each.text) for each in found]


def properties(calendar: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Read a calendar line by line, without a library: the names of each event's properties and their parameters."""
    names: set[str] | None = None
    uid = ""
    for line in calendar.replace("\r\n ", "").split("\r\n"):
        head = line.partition(":")[0]
        name = head.split('"')[0].partition(";")[0]
        if line == "BEGIN:VEVENT":
            names = set()
        elif line == "END:VEVENT":
            yield uid, frozenset(names or ())
            names = None
        elif names is not None:
            names |= {name, *(f"{name};{each.partition('=')[0]}" for each in head.split(";")[1:])}
            uid = line.partition(":")[2].partition("@")[0] if name == "UID" else uid


def summaries(calendar: str) -> dict[str, str]:
    """Read a calendar with another library: its summaries by the event's id."""
    events = IcsCalendarStream.calendar_from_ics(calendar).events
    return {str(each.uid).partition("@")[0]: as_kept(str(each.summary)) for each in events}


def news(feed: bytes) -> dict[str, tuple[str, Counter[str]]]:
    """Read an RSS feed: each item's title, and what elements it has."""
    items = etree.fromstring(feed).iterfind("channel/item")
    return {
        each.findtext("guid").split(":")[3]: (
            as_kept(each.findtext("title")),
            Counter(str(one.tag) for one in each.iter()),
        )
        for each in items
    }


def names_in(value: object) -> Counter[str]:
    """Count the names in JSON, however deep."""
    match value:
        case dict():
            return sum((names_in(each) for each in value.values()), Counter(value.keys()))
        case list():
            return sum((names_in(each) for each in value), Counter())
    return Counter()
