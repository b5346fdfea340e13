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
    "event",
    [make_event(), make_event(category="nic"), make_event(external_id="zagle-2027"), {}],
    ids=["kept", "refused", "taken", "empty"],
)
async def test_both_ways_answer_the_same(ingest: Ingest, event: dict[str, Any]) -> None:
    if "external_id" in event:
        await post(ingest.lot, LONG, event)

    assert seen(await post(ingest.lot, SHORT, event)) == seen(await post(ingest.lot, LONG, event))


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
