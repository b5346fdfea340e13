"""Requests of which each is another one, so that whatever remembers what strangers say would grow by every one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tests.access.doors import FORM
from tests.security.hostile.attack import Attack, fill, get, send
from tests.security.hostile.attacks import LISTS, LOGIN, MULTIPART, NEW, SUBMISSIONS, VALIDATE
from tests.support.builders import make_submission

HEADERS: Final[Mapping[str, bytes]] = {
    "Accept": b"text/html;q=0.<serial>",
    "Accept-Encoding": b"gzip;q=0.<serial>" + b"z" * 2_000,
    "Accept-Language": b"x-<serial>, pl;q=0.<serial>",
    "Authorization": b"Bearer kal_<serial>_" + b"z" * 2_000,
    "Cookie": b"kal_session=<serial>" + b"z" * 2_000,
    "Forwarded": b"for=<serial>",
    "If-Modified-Since": b"Sat, 14 Aug 2027 18:00:00 <serial>",
    "If-None-Match": b'"<serial>' + b"z" * 2_000 + b'"',
    "Origin": b"https://<serial>.example",
    "Host": b"<serial>.example",
    "X-Forwarded-For": b"2001:db8:<serial>::1",
    "X-Request-Id": b"<serial>-request",
    "traceparent": b"00-<serial>" + b"0" * 24 + b"-0000000000000001-01",
}
PATHS: Final = {
    "a page that there is not": "/pl/<serial>" + "z" * 500,
    "an event that there is not": "/pl/events/<serial>" + "z" * 500,
    "an event that there is not, as data": "/api/v1/events/<serial>",
    "a feed that there is not": "/feeds/<serial>.ics",
    "a year": "/pl/2027?utm_source=<serial>",
    "a page by another parameter": "/pl/?<serial>=1",
    "a theme": "/theme/<serial>",
    "a static file": "/static/<serial>.css",
    "a feed by a click": "/feeds/programme.ics?fbclid=<serial>",
    "a feed by a long click": "/feeds/programme.ics?fbclid=<serial>" + "z" * 3_000,
    "a feed by a filter that there is not": "/feeds/programme.ics?county=<serial>",
    "a feed by days": "/feeds/programme.ics?from=2027-01-01&to=<serial>",
    "data by a cursor": "/api/v1/events?cursor=<serial>",
    "an office": "/pl/offices/<serial>",
    "a language": "/x<serial>/",
}


def lasting() -> Iterator[Attack]:
    """Give one of each kind."""
    for name, value in HEADERS.items():
        headers = {name: value}
        for address in ("/feeds/programme.ics", "/pl/", LOGIN):
            yield get(f"{name} at {address}", address, headers=headers)
    for what, path in PATHS.items():
        yield get(what, path)
    for address, who in LISTS:
        yield get(f"a filter at {address}", f"{address}?state=<serial>", who=who)
    for what, kind in {"multipart": MULTIPART, "a form": b"application/x-www-form-urlencoded; charset="}.items():
        yield fill(f"a charset of {what}", LOGIN, b"a=1", headers={"Content-Type": kind + b"x<serial>"}, who=None)
    yield fill("a log-in of another account", LOGIN, b"email=a<serial>%40b.pl&password=x", who=None)
    event = make_submission(external_id=None)
    changed: dict[str, dict[str, Any]] = {
        "a language": {"title": {"pl": "Żagle", "x<serial>": "x" * 500}},
        "an unknown field": {"f<serial>": "x" * 500},
        "a category": {"category": "<serial>"},
        "an address": {"website": "https://<serial>.example/" + "z" * 300},
        "a title": {"title": {"pl": "Żagle <serial>"}},
        "marks": {"title": {"pl": "<serial>" + "\u0301" * 5_000}},
    }
    for what, changes in changed.items():
        yield send(f"an event with {what}", VALIDATE, {**event, **changes})
    yield send("an event by an unknown name", f"{SUBMISSIONS}/by-reference/<serial>", b"", method="GET")
    stale = {"If-Match": b'"9<serial>"'}
    yield send("a version that there is not", f"{SUBMISSIONS}/<waiting>", event, method="PUT", headers=stale)
    yield fill("a form with another key", NEW, {**FORM, "key": "<serial>", "title.pl": ""})
    yield fill("a form with another field", NEW, {**FORM, "f<serial>": "x", "title.pl": ""})
    yield get("an entry that there is not", "/calendar/entries/<serial>", who="curator")
    yield get("a filter of the queue", "/calendar/?county=<serial>", who="curator")
    yield get("a year of the programme", "/calendar/programme/<serial>", who="curator")
