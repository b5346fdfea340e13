"""What a request may hold."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from shared.web.middleware.request_limits import MAX_DEPTH, RequestLimits, check_json, measure_depth
from shared.web.problems import BadRequest, TooSlow

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
THINGS = "/ingest/api/v1/things"


async def test_a_body_over_one_megabyte_is_refused_before_it_is_read(caller: httpx.AsyncClient) -> None:
    answer = await caller.post(THINGS, content=b" " * 1_000_001, headers=JSON)

    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too_large")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_body_of_unknown_length_is_counted_as_it_comes(caller: httpx.AsyncClient) -> None:
    sent = 0

    async def without_end() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 3_000_000:
            sent += 100_000
            yield b" " * 100_000

    answer = await caller.post(THINGS, content=without_end(), headers=JSON)

    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too_large")
    assert sent <= 1_100_000


async def test_a_body_over_the_limit_is_refused_for_pages_too(caller: httpx.AsyncClient) -> None:
    answer = await caller.post("/ingest/login", content=b"a" * 1_000_001, headers=FORM)

    assert answer.status_code == 413
    assert "Formularz może mieć najwyżej 160 kB" in answer.text


MULTIPART = "multipart/form-data; boundary=b"
OTHER_TYPES = [
    MULTIPART,
    f"{MULTIPART}; charset=punycode",
    f"{MULTIPART}; charset=unicode_escape",
    "application/x-www-form-urlencoded; charset=iso-8859-2",
    "application/x-www-form-urlencoded; charset=utf-16",
    "application/x-www-form-urlencoded; charset",
    "text/plain",
    "application/json",
    "",
]


@pytest.mark.parametrize("content_type", OTHER_TYPES)
async def test_a_page_takes_no_other_body_than_a_form_in_utf_8(caller: httpx.AsyncClient, content_type: str) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="email"\r\n\r\n\\ud800\r\n--b--\r\n'
    answer = await caller.post("/ingest/login", content=body, headers={"Content-Type": content_type})

    assert answer.status_code == 415
    assert "application/x-www-form-urlencoded" in answer.text


async def test_a_body_of_another_type_is_refused_before_it_is_read(caller: httpx.AsyncClient) -> None:
    sent = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100_000:
            sent += 10_000
            yield b" " * 10_000

    answer = await caller.post("/ingest/login", content=pieces(), headers={"Content-Type": MULTIPART})

    assert (answer.status_code, sent) == (415, 0)


@pytest.mark.parametrize("content_type", ["text/plain", MULTIPART, "application/json; charset=utf-16", "text/json", ""])
async def test_an_api_takes_no_other_body_than_json_in_utf_8(caller: httpx.AsyncClient, content_type: str) -> None:
    answer = await caller.post(THINGS, content=b"{}", headers={"Content-Type": content_type})

    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/unsupported_media_type")


@pytest.mark.parametrize("content_type", ["application/JSON", "application/problem+Json", "application/json;v=1"])
async def test_no_spelling_of_json_is_less_limited(caller: httpx.AsyncClient, content_type: str) -> None:
    answer = await caller.post(THINGS, content=b"[" * 100_000, headers={"Content-Type": content_type})

    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/too_many_values")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-32-be"])
async def test_json_in_another_encoding_than_utf_8_is_not_read(caller: httpx.AsyncClient, encoding: str) -> None:
    nested = ('"\u2200' + "[" * 5_000).encode(encoding)  # one byte of the sign is a quote: the rest looks like a text

    answer = await caller.post(THINGS, content=nested, headers=JSON)

    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/json_invalid")


async def test_an_upload_has_its_own_time_from_when_it_is_read() -> None:
    read = []

    async def route(scope: Scope, receive: Receive, _send: Send) -> None:
        await asyncio.sleep(0.2)  # such as asking who sends it
        read.extend([piece async for piece in Request(scope, receive).stream()])

    def make_body(*pauses: float) -> Receive:
        left = list(pauses)

        async def receive() -> Message:
            await asyncio.sleep(left.pop(0))
            return {"type": "http.request", "body": b"jpeg", "more_body": bool(left)}

        return receive

    headers = [(b"host", b"a"), (b"content-type", b"image/jpeg"), (b"transfer-encoding", b"chunked")]
    path = "/ingest/api/v1/media"
    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": headers}
    limits = RequestLimits(route, upload_seconds=0.1)

    await limits(scope, make_body(0, 0.01, 0.01), unused_send)
    assert b"".join(read) == b"jpeg" * 3
    with pytest.raises(TooSlow):
        await limits(scope, make_body(0, 30), unused_send)


async def unused_send(_message: Message) -> None:
    """Nothing is answered here."""


MANY = {
    "texts in a list": b"[" + b'"a",' * 99_999 + b'"a"]',
    "unknown fields": b"{" + b",".join(b'"f%d":1' % number for number in range(90_000)) + b"}",
    "lists": b"[" + b"[]," * 99_999 + b"[]]",
    "numbers": b"[" + b"1," * 99_999 + b"1]",
    "only quotes": b'"' * 999_999,
}


@pytest.mark.parametrize("what", MANY)
async def test_json_of_too_many_values_is_a_bad_request(caller: httpx.AsyncClient, what: str) -> None:
    answer = await caller.post(THINGS, content=MANY[what], headers=JSON)

    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/too_many_values")


def test_json_as_long_as_a_hundred_events_is_read() -> None:
    texts = dict.fromkeys(("pl", "de", "en"), 'Żagle "na" [Odrze], {2027}' * 300)
    check_json(json.dumps([{"title": texts, "also": ["a"] * 5, "venue": {"lat": 53.43}}] * 30).encode())


@pytest.mark.parametrize("number", [b"1" * 101, b"-" + b"9" * 4_301, b"0." + b"1" * 101, b"1e" + b"9" * 101])
async def test_a_number_of_very_many_digits_is_not_read(caller: httpx.AsyncClient, number: bytes) -> None:
    answer = await caller.post(THINGS, content=b'{"lat": ' + number + b"}", headers=JSON)

    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/json_invalid")


@pytest.mark.parametrize(
    "name", ["Authorization", "If-Match", "Idempotency-Key", "Content-Type", "Origin", "Host", "Transfer-Encoding"]
)
async def test_a_header_that_decides_something_stands_once(caller: httpx.AsyncClient, name: str) -> None:
    answer = await caller.get(THINGS, headers=[(name, "a"), (name, "b")])

    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/repeated_header")
    assert name.lower() in answer.json()["detail"]


async def test_deeply_nested_json_is_a_bad_request(caller: httpx.AsyncClient) -> None:
    answer = await caller.post(THINGS, content=b"[" * 5_000 + b"]" * 5_000, headers=JSON)

    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/too_deep")


@pytest.mark.parametrize("body", [b"{", b"nonsense", b'{"title": "\xff"}', b"[1,]", b'{"lat": NaN}', b"9" * 5000])
async def test_what_is_no_json_is_a_bad_request(caller: httpx.AsyncClient, body: bytes) -> None:
    answer = await caller.post(THINGS, content=body, headers=JSON)

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


async def test_an_address_over_the_limit_is_refused(caller: httpx.AsyncClient) -> None:
    answer = await caller.get(THINGS, params={"county": "3" * 9_000})

    assert (answer.status_code, answer.json()["type"]) == (414, "/problems/address_too_long")


async def test_headers_over_the_limit_are_refused(caller: httpx.AsyncClient) -> None:
    answer = await caller.get(THINGS, headers={"X-Long": "x" * 33_000})

    assert (answer.status_code, answer.json()["type"]) == (431, "/problems/headers_too_large")


async def test_more_headers_than_anybody_needs_are_refused(caller: httpx.AsyncClient) -> None:
    few, many = ({f"x-{number}": "a" for number in range(count)} for count in (90, 101))

    answers = [await caller.get(THINGS, headers=each) for each in (few, many)]

    assert answers[0].status_code != 431
    assert (answers[1].status_code, answers[1].json()["type"]) == (431, "/problems/headers_too_large")


async def test_a_request_without_a_host_is_refused(caller: httpx.AsyncClient) -> None:
    request = caller.build_request("GET", THINGS)
    del request.headers["host"]

    answer = await caller.send(request)

    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/missing_host")


@pytest.mark.parametrize("coding", ["gzip, chunked", "gzip", "chunked, chunked", "identity"])
async def test_a_body_in_another_transfer_coding_is_refused(caller: httpx.AsyncClient, coding: str) -> None:
    answer = await caller.post(THINGS, content=b"{}", headers=JSON | {"Transfer-Encoding": coding})

    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/transfer_coding")


async def test_a_body_in_pieces_is_read_however_that_is_spelled(caller: httpx.AsyncClient) -> None:
    answer = await caller.post(THINGS, content=b"[", headers=JSON | {"Transfer-Encoding": "Chunked"})

    assert answer.json()["type"] == "/problems/json_invalid"


nested = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=20,
)


def true_depth(value: object) -> int:
    match value:
        case list():
            return 1 + max((true_depth(each) for each in value), default=0)
        case dict():
            return 1 + max((true_depth(each) for each in value.values()), default=0)
    return 0


@given(value=nested)
def test_the_depth_of_json_is_that_of_its_values_whatever_its_texts_hold(value: object) -> None:
    wrapped: object = value
    for _ in range(MAX_DEPTH - true_depth(value)):
        wrapped = [wrapped]

    check_json(json.dumps(wrapped).encode())
    check_json(json.dumps(wrapped, ensure_ascii=False).encode())
    with pytest.raises(BadRequest):
        check_json(json.dumps([wrapped]).encode())


def test_brackets_are_counted_where_they_are_open_at_once() -> None:
    assert measure_depth(b"[{},{},[[]]]") == 3


@pytest.mark.parametrize("sign", ["%0a", "%0d%0a", "%00", "%7f", "%1b", "%09"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
async def test_an_address_with_a_control_character_names_nothing(
    caller: httpx.AsyncClient, method: str, sign: str
) -> None:
    for address in (f"{THINGS}/7{sign}", f"{THINGS}{sign}", f"/livez{sign}", f"/ingest/login{sign}", f"/{sign}"):
        answer = await caller.request(method, address)

        assert answer.status_code == 404


@pytest.mark.parametrize("part", ["%ff", "%3f", "%23x", "%2f", "..", "%2e%2e", ";", "%25", "ż", "%e2%80%a8"])
@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
async def test_a_method_that_an_address_does_not_take_is_told_which_it_takes(
    caller: httpx.AsyncClient, method: str, part: str
) -> None:
    answer = await caller.request(method, f"{THINGS}/7{part}")

    assert answer.status_code in {404, 405}
    assert answer.status_code == 404 or answer.headers["allow"] == "GET, HEAD, PUT"
