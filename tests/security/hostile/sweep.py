"""Every route of the three services, attacked in every part of a request: a new route is attacked by itself.

What a route is asked with otherwise is taken from the table of doors, if it stands there; what is not known of it is
asked with a letter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, Literal
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.routing import RouteContext

import services.calendar.app
import services.distribution.app
import services.ingest.app
from shared.web.auth.roles import SAFE_METHODS, get_roles, iterate_routes
from tests.access.doors import DOORS, Service
from tests.access.house import PEOPLE, Person
from tests.security.hostile.attack import ANY, FORM_TYPE, JSON_TYPE, Attack, Headers, form
from tests.support.running import REGION

DIGITS: Final = b"9" * 4_301
MARKS: Final = b"a" + b"%CC%81" * 1_000
VALUES: Final[Mapping[str, bytes]] = {
    "digits": DIGITS,
    "letters": b"z" * 6_000,
    "marks": MARKS,
    "wide digits": b"%EF%BC%91%EF%BC%92",
    "a number for Python alone": b"1_0",
    "a signed number": b"+5",
    "a noncharacter": b"%EF%B7%90",
    "half a character": b"%ED%A0%80",
    "no UTF-8": b"%FF",
    "a line feed": b"%0A",
    "a zero byte": b"%00",
    "nothing that is seen": b"%E2%80%8B",
    "an operator": b"%7B%22%24ne%22%3Anull%7D",
    "slashes": b"..%2F" * 1_000,
    "markup": b"%3Cimg%20src%3Dx%3E",
}
"""What stands for a part of a path, a parameter or a field, as it is written there."""
NAMES: Final = (
    "county",
    "category",
    "from",
    "to",
    "lang",
    "cursor",
    "limit",
    "state",
    "year",
    "next",
    "matter",
    "again",
)
"""Parameters of pages, which no signature lists."""
TWICE: Final = ("Authorization", "Idempotency-Key", "If-Match", "Origin", "Sec-Fetch-Site", "Host")
HEADERS: Final[Mapping[str, tuple[Headers, frozenset[int]]]] = {
    **{f"two of {name}": (((name, b"a"), (name, b"b")), frozenset({400})) for name in TWICE},
    "60 kB": ((("X-Long", b"z" * 60_000),), frozenset({431})),
    "wishes": (
        (
            ("Accept", b"text/html;q=0.1," * 450),
            ("Accept-Language", b"pl;q=0.0001," * 600),
            ("Accept-Encoding", b"gzip;q=0," * 700),
            ("Accept-Charset", b"punycode," * 700),
        ),
        ANY,
    ),
    "conditions": (
        (
            ("If-None-Match", b'W/"z", ' * 1_000),
            ("If-Modified-Since", b"Sat, 14 Aug 99999999999 18:00:00 GMT"),
            ("If-Match", b'"' + DIGITS + b'"'),
            ("If-Range", b'"' * 4_000),
            ("Range", b"bytes=" + b"0-," * 2_500),
        ),
        ANY,
    ),
    "who asks": (
        (
            ("Authorization", b"Bearer kal_" + b"z" * 6_000),
            ("X-Request-Id", b"z" * 4_000),
            ("traceparent", b"00-" + b"f" * 4_000),
            ("baggage", b"a=b," * 1_000),
            ("User-Agent", b"(" * 4_000),
        ),
        ANY,
    ),
    "from where": (
        (
            ("X-Forwarded-For", b"192.0.2.1, " * 900),
            ("X-Forwarded-Proto", b"javascript"),
            ("X-Forwarded-Host", b"z" * 4_000),
            ("Forwarded", b"for=192.0.2.1;" * 300),
            ("Origin", b"null"),
            ("Referer", b"https://" + b"z" * 4_000),
        ),
        ANY,
    ),
    "no ASCII": ((("Accept-Language", b"\xff\xfe"), ("Idempotency-Key", b"\xc5\xbc"), ("Origin", b"\x80")), ANY),
    "a cookie of backslashes": ((("Cookie", b'kal_theme="' + b"\\" * 31_000),), ANY),
    "a cookie of octals": ((("Cookie", b'kal_session="' + b"\\101" * 7_000 + b'"'),), ANY),
    "cookies without an end": ((("Cookie", b"a=b;" * 7_500),), ANY),
    "cookies of ours without an end": ((("Cookie", b"kal_session=b;" * 1_500),), ANY),
}
QUERIES: Final[Mapping[str, bytes]] = {
    "an address of 9 kB": b"a=" + b"z" * 9_000,
    "unknown": b"a=" + b"z" * 7_000,
    "separators": b"&" * 7_000,
    "1,900 parameters": b"a=1&" * 1_900,
    "semicolons and equals": b"=;" * 3_500,
    "percent signs": b"%" * 7_000,
}
JSON_BODIES: Final[Mapping[str, bytes]] = {
    "too many values": b"[" + b"1," * 60_000 + b"1]",
    "brackets": b"[" * 900_000,
    "depth": b'{"a":' * 31 + b"1" + b"}" * 31,
    "one text": b'"' + b"z" * 900_000 + b'"',
    "half a character": b'{"comment": "\\ud800", "decisions": [{"id": "\\ud800"}], "title": {"\\ud800": "\\ud800"}}',
    "a number of 900 kB": b"9" * 900_000,
    "unknown fields": json.dumps({f"f{number}": 1 for number in range(4_900)}).encode(),
    "long names": json.dumps({"z" * 9_000 + str(number): 1 for number in range(90)}).encode(),
    "UTF-16": "{}".encode("utf-16"),
    "NaN": b'{"a": NaN}',
    "null": b"null",
    "nothing": b"",
    "a list": b"[]",
    "more than may come": b" " * 1_100_000,
}
FORM_BODIES: Final[Mapping[str, bytes]] = {
    "more than may come": b"a=" + b"z" * 400_000,
    "fields": b"&".join(b"f%d=1" % number for number in range(499)),
    "too many fields": b"&".join(b"f%d=1" % number for number in range(600)),
    "separators": b"&" * 200_000,
    "no UTF-8": b"a=%FF&csrf=<csrf>",
    "percent signs": b"%" * 140_000,
    "nothing": b"",
    "only a token": b"csrf=<csrf>",
    "two tokens": b"csrf=<csrf>&csrf=x",
}
OTHER_TYPES: Final = (
    b"multipart/form-data; boundary=b; charset=punycode",
    b"multipart/form-data; boundary=" + b"z" * 6_000,
    b"application/x-www-form-urlencoded; charset=idna",
    b"application/json; charset=utf-16",
    b"text/plain",
    b"; " * 6_000,
)
_PART = re.compile(r"\{(\w+)(?::\w+)?\}")


@dataclass(frozen=True)
class Asked:
    """How a route is asked otherwise: ``parts`` are those of its path."""

    route: str
    service: Service
    method: str
    path: str
    parts: Mapping[str, str]
    who: Person | None
    sent: Mapping[str, Any]
    parameters: Sequence[str]

    @property
    def is_api(self) -> bool:
        """Whether it is for programs."""
        return "/api/" in self.path

    def attack(self, what: str, **changes: Any) -> Attack:  # noqa: ANN401 - the fields of an attack
        """Make an attack of it."""
        given: dict[str, Any] = {"headers": self.headers, "body": self.body, "target": self.target().encode()} | changes
        way: Literal["key", "session"] = "key" if self.is_api else "session"
        return Attack(f"{self.route}: {what}", self.service, self.method, who=self.who, way=way, **given)

    def target(self, **parts: str) -> str:
        """Write its path, with other parts; of a list the first."""
        path = _PART.sub(lambda part: {**self.parts, **parts}[part[1]], self.path)
        return f"{path}?limit=1" if "limit" in self.parameters else path

    @property
    def headers(self) -> Headers:
        """What it is sent with."""
        given = "Content-Type" in self.sent.get("headers", {})
        typed = () if self.method in SAFE_METHODS or given else JSON_TYPE if self.is_api else FORM_TYPE
        return (*typed, *((name, value.encode()) for name, value in self.sent.get("headers", {}).items()))

    @property
    def body(self) -> bytes:
        """What it is sent."""
        if "json" in self.sent:
            return json.dumps(self.sent["json"]).encode()
        if "content" in self.sent:
            return bytes(self.sent["content"])
        return self.filled({}) if "data" in self.sent else b""

    def filled(self, changes: Mapping[str, str]) -> bytes:
        """Write its form with other values."""
        fields = {name: _named(value) for name, value in self.sent["data"].items()} | dict(changes)
        token = b"" if self.path.endswith(("/login", "/logout")) else b"&csrf=<csrf>"
        return form(fields) + token


def sweep(*, every: int = 1) -> Iterator[Attack]:
    """Attack every route in every part of a request, or with every so-manieth attack, each route with other ones."""
    for number, asked in enumerate(routes()):
        yield from islice(_attacks(asked), number % every, None, every)


def _attacks(asked: Asked) -> Iterator[Attack]:
    yield from _heads(asked)
    yield from _paths(asked)
    if asked.method not in SAFE_METHODS:
        yield from _bodies(asked)
        yield from _fields(asked)


def routes() -> Iterator[Asked]:
    """Give every route that there is; what every service has once, and no measures, which look at nothing."""
    seen: set[str] = set()
    for service, app in reversed(list(_apps())):
        for route in iterate_routes(app):
            for method in sorted(route.methods or ()):
                name = f"{method} {route.path}"
                if method != "HEAD" and route.path != "/metrics" and name not in seen:
                    seen.add(name)
                    yield _asked(service, route, method)


def _apps() -> Iterator[tuple[Service, FastAPI]]:
    yield "ingest", services.ingest.app.create_app(services.ingest.app.Settings(region=REGION))
    yield "calendar", services.calendar.app.create_app(services.calendar.app.Settings(region=REGION))
    settings = services.distribution.app.Settings(region=REGION)
    yield "distribution", services.distribution.app.create_app(settings).fastapi


def _asked(service: Service, route: RouteContext, method: str) -> Asked:
    path = route.path or ""
    name = f"{method} {path}"
    rule = DOORS[service].get(name)
    roles = get_roles(route)
    who = next((person for person, (_slug, role) in PEOPLE.items() if roles and role in roles), None)
    names = [part[1] for part in _PART.finditer(path)]
    found = re.fullmatch(_PART.sub(lambda part: f"(?P<{part[1]}>.+)", path), rule.address) if rule else None
    entry = "<public>" if method in SAFE_METHODS else "<at_stake>"
    parts = {each: _named((found and found[each]) or (entry if each.endswith("_id") else "x"), entry) for each in names}
    sent = dict(rule.sent) if rule else {}
    sent.pop("params", None)
    parameters = [each.alias for each in getattr(getattr(route, "dependant", None), "query_params", ())]
    return Asked(name, service, method, path, parts, who, sent, parameters)


def _named(text: str, entry: str = "<at_stake>") -> str:
    """Put what an attack fills in where the table of doors has a name."""
    named = {"id": entry, "fresh": "<serial>", "version": "1", "review_number": "1"}
    return text.format_map(named)


def _heads(asked: Asked) -> Iterator[Attack]:
    for what, (headers, statuses) in HEADERS.items():
        names = {name for name, _value in headers}
        kept = tuple(each for each in asked.headers if each[0] not in names)
        yield asked.attack(what, headers=(*kept, *headers), statuses=statuses)


def _paths(asked: Asked) -> Iterator[Attack]:
    target = asked.target()
    joined = "&" if "?" in target else "?"
    for name in asked.parts:
        for what, value in VALUES.items():
            yield asked.attack(f"{name} of {what}", target=asked.target(**{name: value.decode()}).encode())
    for what, query in QUERIES.items():
        statuses = frozenset({414}) if len(query) > 8_000 else ANY
        yield asked.attack(f"a query of {what}", target=f"{target}{joined}".encode() + query, statuses=statuses)
    names = (*NAMES, *asked.parameters)
    for what, value in VALUES.items():
        query = b"&".join(quote(name).encode() + b"=" + value[: 7_000 // len(names)] for name in names)
        yield asked.attack(f"parameters of {what}", target=f"{target}{joined}".encode() + query)


def _bodies(asked: Asked) -> Iterator[Attack]:
    for what, body in (JSON_BODIES if asked.is_api else FORM_BODIES).items():
        yield asked.attack(f"a body of {what}", body=body)
    kept = tuple(each for each in asked.headers if each[0] != "Content-Type")
    for kind in OTHER_TYPES:
        headers = (*kept, ("Content-Type", kind))
        yield asked.attack(f"a body as {kind[:40].decode()}", body=b"a" * 50_000, headers=headers)


def _fields(asked: Asked) -> Iterator[Attack]:
    """Put values into the fields that the table of doors names, one after the other."""
    for what, text in {
        "digits": "9" * 4_301,
        "marks": "a" + "\u0301" * 8_000,
        "a noncharacter": "\ufdd0",
        "quotes": '"' * 40_000,
        "a number for Python alone": "1_0",
        "wide digits": "１２",
        "nothing that is seen": "\u200b",
    }.items():
        for name in asked.sent.get("data", ()):
            yield asked.attack(f"{name} of {what}", body=asked.filled({name: text}), repeats=True)
        for name in asked.sent.get("json", ()):
            for value in (text, [text], {text: text}):
                body = json.dumps({**asked.sent["json"], name: value}).encode()
                yield asked.attack(f"{name} of {what}", body=body)
