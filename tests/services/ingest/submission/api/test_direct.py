"""The short way of new submissions answers as the long one does."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.services.ingest.builders import make_event
from tests.services.ingest.conftest import Ingest

API = "/ingest/api/v1/submissions"
SHORT, LONG = "application/json", "application/json; charset=utf-8"


async def post(client: httpx.AsyncClient, kind: str, event: dict[str, Any], **headers: str) -> httpx.Response:
    return await client.post(API, content=json.dumps(event).encode(), headers={"Content-Type": kind, **headers})


def seen(response: httpx.Response) -> tuple[int, dict[str, str], dict[str, Any]]:
    """An answer without what is different each time."""
    body = response.json()
    own = str(body.pop("id", "")), body.pop("request_id", "")
    headers = {name: value for name, value in response.headers.items() if name != "x-request-id"}
    if "location" in headers:
        headers["location"] = headers["location"].removesuffix(own[0])
    return response.status_code, dict(sorted(headers.items())), body


@pytest.mark.parametrize(
    ("event", "is_there"),
    [
        (make_event(), False),
        (make_event(), True),
        (make_event(category="nic"), False),
        (make_event(external_id="zagle-2027"), True),
        ({}, False),
    ],
    ids=["kept", "sent already", "refused", "taken", "empty"],
)
async def test_both_ways_answer_the_same(ingest: Ingest, event: dict[str, Any], *, is_there: bool) -> None:
    if is_there:
        await post(ingest.lot, LONG, event)

    short = await post(ingest.lot, SHORT, event)
    if not is_there:
        await ingest.database["submissions"].delete_many({})

    assert seen(short) == seen(await post(ingest.lot, LONG, event))


async def test_both_ways_admit_the_same(ingest: Ingest) -> None:
    for client in (ingest.nobody, ingest.curator):
        assert seen(await post(client, SHORT, make_event())) == seen(await post(client, LONG, make_event()))


async def test_a_repeat_by_the_other_way_is_known(ingest: Ingest) -> None:
    key = {"Idempotency-Key": "formularz-17"}

    first, again = await post(ingest.lot, SHORT, make_event(), **key), await post(ingest.lot, LONG, make_event(), **key)
    other = await post(ingest.lot, SHORT, make_event(also=None), **key)

    assert (first.content, first.headers["location"]) == (again.content, again.headers["location"])
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency_key_reused")
    assert await ingest.database["submissions"].count_documents({}) == 1


async def test_parameters_are_refused_also_here(ingest: Ingest) -> None:
    response = await ingest.lot.post(f"{API}?dry_run=1", json=make_event())

    assert response.status_code == 400


@pytest.mark.parametrize("kind", [SHORT, LONG])
async def test_two_keys_are_no_key_on_either_way(ingest: Ingest, kind: str) -> None:
    editor, curator = ingest.lot.headers["Authorization"], ingest.curator.headers["Authorization"]
    for keys in ((editor, curator), (curator, editor), (editor, editor)):
        headers = [("Content-Type", kind), *(("Authorization", each) for each in keys)]
        answer = await ingest.nobody.post(API, json=make_event(), headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/repeated_header")

    assert await ingest.database["submissions"].count_documents({}) == 0
