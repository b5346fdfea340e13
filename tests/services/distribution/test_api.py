from __future__ import annotations

from typing import Any

import pytest

from shared.messages import EventWithdrawn
from tests.services.distribution.builders import make_message
from tests.services.distribution.serving import Served, serve

EVENTS = "/api/v1/events"


def dates(day: int) -> dict[str, str]:
    return {"certainty": "exact", "start": f"2027-08-{day:02}", "end": f"2027-08-{day:02}"}


async def everything(served: Served, query: str) -> list[dict[str, Any]]:
    """Follow `next` to the end."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = (await served.client.get(f"{EVENTS}?{query}{cursor}")).json()
        found += page["items"]
        if page["next"] is None:
            return found
        cursor = f"&cursor={page['next']}"


async def test_an_event_is_answered_with_its_public_state() -> None:
    message = make_message("a", 3, title={"pl": "Żagle"}, tickets={"free": True})
    async with serve(message) as served:
        answer = (await served.client.get(f"{EVENTS}/a?lang=de")).json()

    assert answer == {
        "id": "a",
        "uid": "a@kalendarium.zrot.pl",
        "url": "https://kalendarium.example.org/de/events/a",
        "revision": 3,
        "status": "confirmed",
        "organiser": {"slug": "lot-szczecin", "name": "LOT Szczecin"},
        "external_id": "a",
        "published_at": "2026-11-01T10:00:00.123Z",
        "changed_at": "2026-11-02T10:03:00.456Z",
        "previous_dates": None,
        "text": {
            "title": {"value": "Żagle", "language": "pl"},
            "summary": {"value": "Große Segelschiffe.", "language": "de"},
            "description": None,
        },
        "event": message.event,
    }


async def test_pages_follow_the_order_of_the_programme_and_hold_everything_once() -> None:
    messages = [make_message(f"e{number}", dates=dates(28 - number % 20)) for number in range(23)]
    async with serve(*messages) as served:
        listed = await everything(served, "limit=5")

    assert sorted(item["id"] for item in listed) == sorted(message.event_id for message in messages)
    starts = [item["event"]["dates"]["start"] for item in listed]
    assert starts == sorted(starts)


async def test_the_filters_are_those_of_the_feeds() -> None:
    koszalin = make_message("k", venue={"town": "Koszalin", "county": "3261"}, dates=dates(20))
    async with serve(make_message("a"), koszalin) as served:
        queries = ("county=3261", "category=maritime&from=2027-08-17", "to=2027-08-17", "county=3261&county=3262")
        found = [[item["id"] for item in await everything(served, query)] for query in queries]

    assert found == [["k"], ["k"], ["a"], ["a", "k"]]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("county=1", "county"),
        ("conty=3262", "conty"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=x", "limit"),
        ("limit=²", "limit"),
        ("cursor=x", "cursor"),
        ("cursor=%FF", "cursor"),
        ("cursor=WyIiXQ", "cursor"),
        ("from=yesterday", "from"),
        ("lang=xx", "lang"),
    ],
)
async def test_what_means_nothing_is_refused_by_name(query: str, field: str) -> None:
    async with serve(make_message("a")) as served:
        answer = await served.client.get(f"{EVENTS}?{query}")

    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_an_unknown_event_is_not_found_and_a_withdrawn_one_is_gone() -> None:
    gone = EventWithdrawn(event_id="a", revision=2, withdrawn_at="2026-12-01T10:00:00Z")
    async with serve(make_message("a"), gone) as served:
        answers = [await served.client.get(f"{EVENTS}/{each}") for each in ("a", "b")]

    assert [(answer.status_code, answer.json()["type"]) for answer in answers] == [
        (410, "/problems/withdrawn"),
        (404, "/problems/not_found"),
    ]
