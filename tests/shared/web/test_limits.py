"""What a request may hold."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.web.limits import MAX_DEPTH, check_json, depth
from shared.web.problems import BadRequest

JSON = {"Content-Type": "application/json"}
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
    answer = await caller.post("/ingest/login", content=b"a" * 1_000_001)

    assert answer.status_code == 413
    assert "Za dużo danych" in answer.text


async def test_deeply_nested_json_is_a_bad_request(caller: httpx.AsyncClient) -> None:
    answer = await caller.post(THINGS, content=b"[" * 100_000 + b"]" * 100_000, headers=JSON)

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
    assert depth(b"[{},{},[[]]]") == 3
