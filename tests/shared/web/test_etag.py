"""Numbers in ``ETag`` and ``If-Match``."""

from __future__ import annotations

import httpx
import pytest

THING = "/ingest/api/v1/things/7"


async def test_a_number_is_a_strong_etag(caller: httpx.AsyncClient) -> None:
    assert (await caller.get(THING)).headers["etag"] == '"7"'


@pytest.mark.parametrize("expected", ['"7"', "*", ' "7" '])
async def test_the_number_that_was_read_goes_on(caller: httpx.AsyncClient, expected: str) -> None:
    assert (await caller.put(THING, headers={"If-Match": expected})).status_code == 200


@pytest.mark.parametrize(
    "expected", ['"6"', 'W/"7"', "7", '"', '""', '"x"', '"-7"', '"٧"', '"+7"', '"1_0"', f'"{"9" * 4_301}"']
)
async def test_any_other_is_stale_and_tells_the_present_one(caller: httpx.AsyncClient, expected: str) -> None:
    answer = await caller.put(THING, headers={b"If-Match": expected.encode()})

    assert (answer.status_code, answer.json()["type"]) == (412, "/problems/stale")


async def test_a_stale_number_is_told_the_present_one(caller: httpx.AsyncClient) -> None:
    assert (await caller.put(THING, headers={"If-Match": '"6"'})).headers["etag"] == '"7"'


async def test_a_number_is_required(caller: httpx.AsyncClient) -> None:
    answer = await caller.put(THING)

    assert (answer.status_code, answer.json()["type"]) == (428, "/problems/precondition_missing")


async def test_several_numbers_are_a_bad_request(caller: httpx.AsyncClient) -> None:
    assert (await caller.put(THING, headers={"If-Match": '"6", "7"'})).status_code == 400
