"""A hostile request, as data: what is sent to which service, and how it may be answered."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args
from urllib.parse import quote_plus

from tests.access.doors import Service
from tests.access.house import Person

Headers = tuple[tuple[str, bytes], ...]

FORM_TYPE: Final = (("Content-Type", b"application/x-www-form-urlencoded"),)
JSON_TYPE: Final = (("Content-Type", b"application/json"),)
SERVICES: Final[tuple[Service, ...]] = get_args(Service)
ANY_REFUSAL: Final = frozenset({400, 401, 403, 404, 405, 406, 409, 410, 412, 413, 414, 415, 422, 428, 429, 431})
ANY: Final = ANY_REFUSAL | {200, 201, 204, 302, 303, 304, 308}
"""Whatever is no fault of ours."""


@dataclass(frozen=True)
class Attack:
    """A hostile request.

    In ``target``, headers and body stand ``<serial>`` for a number that is another one each time, ``<csrf>`` for the
    token of the session, and other names in such brackets for ids (:class:`tests.security.hostile.ground.Ground`).

    Attributes:
        what: how a failure calls it.
        service: who is asked.
        target: path and query as they go over the wire.
        who: as whom it is sent; nobody if None.
        way: by what they are known.
        statuses: how it may be answered.
        repeats: whether its answer may hold what it says at full length: a form that is refused keeps what was typed.
        is_raw: whether ``body`` is all that is sent, head included.

    """

    what: str
    service: Service
    method: str
    target: bytes
    headers: Headers = ()
    body: bytes = b""
    who: Person | None = None
    way: Literal["key", "session"] = "session"
    statuses: frozenset[int] = field(default=ANY)
    repeats: bool = False
    is_raw: bool = False


def get(
    what: str,
    target: str,
    *statuses: int,
    headers: Mapping[str, bytes] | Headers = (),
    who: Person | None = None,
    method: str = "GET",
) -> Attack:
    way: Literal["key", "session"] = "key" if "/api/" in target else "session"
    allowed = frozenset(statuses or ANY)
    return Attack(what, _service(target), method, target.encode(), _pairs(headers), who=who, way=way, statuses=allowed)


def send(
    what: str,
    target: str,
    body: object,
    *statuses: int,
    headers: Mapping[str, bytes] | Headers = (),
    who: Person | None = "owner",
    method: str = "POST",
) -> Attack:
    """A request to an API; ``body`` is JSON, or written as JSON."""
    written = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = _pairs(headers)
    typed = given if any(name == "Content-Type" for name, _value in given) else (*JSON_TYPE, *given)
    allowed = frozenset(statuses or ANY)
    return Attack(what, _service(target), method, target.encode(), typed, written, who, "key", allowed)


def fill(
    what: str,
    target: str,
    fields: bytes | Mapping[str, str] | Iterable[tuple[str, str]],
    *statuses: int,
    headers: Mapping[str, bytes] | Headers = (),
    who: Person | None = "owner",
    repeats: bool = False,
) -> Attack:
    """A form; with somebody's token if somebody sends it."""
    body = fields if isinstance(fields, bytes) else form(fields)
    if who and not isinstance(fields, bytes):
        body += b"&csrf=<csrf>"
    given = _pairs(headers)
    typed = given if any(name == "Content-Type" for name, _value in given) else (*FORM_TYPE, *given)
    allowed = frozenset(statuses or ANY)
    return Attack(what, _service(target), "POST", target.encode(), typed, body, who, statuses=allowed, repeats=repeats)


def raw(what: str, service: Service, request: bytes, *statuses: int) -> Attack:
    """Bytes as they are."""
    return Attack(what, service, "", b"", body=request, statuses=frozenset(statuses), is_raw=True)


def form(fields: Mapping[str, str] | Iterable[tuple[str, str]]) -> bytes:
    """Write a form, with the brackets of what is filled in later left as they are."""
    pairs = fields.items() if isinstance(fields, Mapping) else fields
    return "&".join(f"{quote_plus(name)}={quote_plus(value, safe='<>')}" for name, value in pairs).encode()


def _pairs(headers: Mapping[str, bytes] | Headers) -> Headers:
    return tuple(headers.items()) if isinstance(headers, Mapping) else headers


def _service(target: str) -> Service:
    """Tell who is asked by an address."""
    first = target.split("/", maxsplit=2)[1]
    return next((each for each in SERVICES if each == first), "distribution")
