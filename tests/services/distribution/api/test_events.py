from __future__ import annotations

from typing import Any

import httpx
import pytest

from shared.messages import EventWithdrawn
from tests.services.distribution.builders import Clock, make_evenings, make_message
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
        "licence": None,
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
        ("limit=1_0", "limit"),
        (f"limit=000000050{'0' * 4_301}", "limit"),
        ("cursor=x", "cursor"),
        ("cursor=%FF", "cursor"),
        ("cursor=WyIiXQ", "cursor"),
        ("audience=cats", "audience"),
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


@pytest.mark.parametrize("path", [EVENTS, f"{EVENTS}?lang=de&limit=1", f"{EVENTS}/a", f"{EVENTS}/a?lang=de"])
@pytest.mark.parametrize("coding", ["identity", "gzip"])
async def test_a_partner_is_sent_what_has_changed_and_nothing_else(path: str, coding: str) -> None:
    clock = Clock()
    async with serve(make_message("a"), make_message("b"), now=clock) as served:
        clock.now += 60

        async def ask(**headers: str) -> httpx.Response:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            return await served.client.get(path, headers={"accept-encoding": coding} | sent)

        first = await ask()
        tag, date = first.headers["etag"], first.headers["last-modified"]
        known = [await ask(if_none_match=tag), await ask(if_modified_since=date)]
        await served.say(make_message("a", 2, title={"pl": "Nowe Żagle"}))
        await served.until(f"{EVENTS}/a", "Nowe")
        changed = [await ask(if_none_match=tag), await ask(if_modified_since=date)]

    assert first.headers["cache-control"] == "public, max-age=60"
    assert first.headers.get("content-encoding", "identity") == coding
    assert [(each.status_code, each.content) for each in known] == [(304, b"")] * 2
    assert {(each.headers["etag"], each.headers["last-modified"]) for each in known} == {(tag, date)}
    assert [each.status_code for each in changed] == [200, 200]
    assert {each.headers["etag"] for each in changed} != {tag}


async def test_the_revision_is_the_tag_of_an_event_in_every_coding_and_language() -> None:
    async with serve(make_message("a", 3)) as served:
        answers = [
            await served.client.get(f"{EVENTS}/a{query}", headers={"accept-encoding": coding})
            for query in ("", "?lang=de")
            for coding in ("identity", "gzip")
        ]
        known = await served.client.get(f"{EVENTS}/a", headers={"accept-encoding": "gzip", "if-none-match": '"3"'})

    assert {answer.headers["etag"] for answer in answers} == {'W/"3"'}
    assert known.status_code == 304


async def test_a_list_in_gzip_has_a_tag_of_its_own() -> None:
    async with serve(make_message("a")) as served:
        plain = await served.client.get(EVENTS)
        packed = await served.client.get(EVENTS, headers={"accept-encoding": "gzip"})

    assert packed.headers["etag"] == plain.headers["etag"].removesuffix('"') + '-gz"'
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"


async def test_an_event_that_repeats_is_answered_with_its_occurrences() -> None:
    async with serve(make_evenings("a"), make_message("b")) as served:
        answer = (await served.client.get(f"{EVENTS}/a?lang=pl")).json()
        other = (await served.client.get(f"{EVENTS}/b")).json()

    assert [(each["start"], each["status"]) for each in answer["occurrences"]] == [
        ("2027-10-16T18:00:00+02:00", "planned"),
        ("2027-10-23T18:00:00+02:00", "cancelled"),
        ("2027-10-31T17:00:00+01:00", "moved"),
        ("2027-11-06T18:00:00+01:00", "planned"),
    ]
    assert "occurrences" not in other


async def test_days_find_an_event_that_repeats_only_where_it_takes_place() -> None:
    async with serve(make_evenings("a")) as served:
        found = [
            len((await served.client.get(f"{EVENTS}?from={day}&to={day}")).json()["items"])
            for day in ("2027-10-16", "2027-10-20", "2027-10-23", "2027-10-30", "2027-10-31")
        ]

    assert found == [1, 0, 0, 0, 1]
