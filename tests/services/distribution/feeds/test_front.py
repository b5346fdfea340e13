from __future__ import annotations

import asyncio
import gzip
from dataclasses import replace
from typing import Any

import httpx
import icalendar
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from services.distribution.feeds.cache import Path
from services.distribution.feeds.feed import Feed
from services.distribution.feeds.front import FeedResolver
from services.distribution.state import State
from shared.eventlog.port import Outgoing
from shared.json_feed import read_items
from shared.messages import EventPublished, EventWithdrawn
from tests.services.distribution.builders import ADDRESS, Clock, make_message
from tests.services.distribution.serving import Served, serve
from tests.support.fakes import FakeEventLog

FEED = "/feeds/programme.ics"
FEEDS = (FEED, "/feeds/programme.rss", "/feeds/programme.json")
TYPES = {
    "ics": "text/calendar; charset=utf-8",
    "rss": "application/rss+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}


@pytest.mark.parametrize("path", FEEDS)
async def test_a_feed_comes_with_everything_that_readers_and_caches_need(path: str) -> None:
    async with serve(make_message("a"), now=Clock()) as served:
        cold = await served.client.get(path)
        warm = await served.client.get(path)

    extension = path.rpartition(".")[2]
    assert (cold.status_code, warm.status_code) == (200, 200)
    assert (cold.content, cold.headers) == (warm.content, warm.headers)
    assert dict(warm.headers) == {
        "content-type": TYPES[extension],
        "content-disposition": f'inline; filename="programme.{extension}"',
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
        "content-length": str(len(warm.content)),
        "etag": warm.headers["etag"],
        "cache-control": "public, max-age=300, stale-while-revalidate=600, stale-if-error=86400",
        "vary": "accept-encoding",
        "last-modified": "Mon, 02 Nov 2026 09:59:59 GMT",
        "access-control-allow-origin": "*",
        "access-control-expose-headers": warm.headers["access-control-expose-headers"],
    }


@pytest.mark.parametrize("path", FEEDS)
async def test_gzip_is_the_same_feed_with_its_own_tag(path: str) -> None:
    async with serve(make_message("a")) as served:
        plain = await served.client.get(path)
        async with served.client.stream("GET", path, headers={"accept-encoding": "gzip"}) as answer:
            zipped = b"".join([piece async for piece in answer.aiter_raw()])

    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(zipped) == plain.content
    assert answer.headers["etag"] == plain.headers["etag"][:-1] + '-gz"'


async def test_what_the_client_has_is_not_sent_again() -> None:
    """The matrix of conditional requests, over HTTP."""
    clock = Clock()
    async with serve(make_message("a"), now=clock) as served:
        clock.now += 60
        first = await served.client.get(FEED)
        tag, date = first.headers["etag"], first.headers["last-modified"]

        async def status(**headers: str) -> int:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            return (await served.client.get(FEED, headers=sent)).status_code

        assert await status(if_none_match=tag) == 304
        assert await status(if_none_match=f"W/{tag}") == 304
        assert await status(if_none_match=f'"x", {tag}') == 304
        assert await status(if_none_match="*") == 304
        assert await status(if_none_match='"x"') == 200
        assert await status(if_none_match='"x"', if_modified_since=date) == 200
        assert await status(if_none_match=tag, if_modified_since="Mon, 01 Jan 2001 00:00:00 GMT") == 304
        assert await status(if_modified_since=date) == 304
        assert await status(if_modified_since="Mon, 02 Nov 2026 10:00:00 GMT") == 200
        assert await status(if_modified_since="never") == 200
        assert await status(if_none_match=tag, accept_encoding="gzip") == 200
        assert await status(if_none_match=tag[:-1] + '-gz"', accept_encoding="gzip") == 304

        unchanged = await served.client.get(FEED, headers={"if-none-match": tag})
        assert (unchanged.content, sorted(unchanged.headers)) == (
            b"",
            [
                "access-control-allow-origin",
                "access-control-expose-headers",
                "cache-control",
                "etag",
                "last-modified",
                "vary",
            ],
        )


async def test_several_fields_of_one_name_are_one_list() -> None:
    async with serve(make_message("a")) as served:
        tag = (await served.client.get(FEED)).headers["etag"]
        headers = [("if-none-match", '"x"'), ("if-none-match", tag), ("accept-encoding", "identity")]

        assert (await served.client.get(FEED, headers=headers)).status_code == 304


@pytest.mark.parametrize("name", ["Host", "Authorization", "Origin"])
async def test_a_header_that_decides_stands_once_at_a_feed_warm_or_not(name: str) -> None:
    twice = [(name, "a"), (name, "b")]
    async with serve(make_message("a"), now=Clock()) as served:
        cold = await served.client.get(FEED, headers=twice)
        known = await served.client.get(FEED, headers=[("Sec-Fetch-Site", "none"), ("Origin", "https://a.example")])
        warm = await served.client.get(FEED, headers=twice)

    assert [each.status_code for each in (cold, known, warm)] == [400, 200, 400]
    assert warm.json()["type"] == "/problems/repeated_header"


@pytest.mark.parametrize("path", FEEDS)
async def test_a_feed_refuses_the_heads_that_pages_refuse_warm_or_not(path: str) -> None:
    async with serve(make_message("a"), now=Clock()) as served:
        hostless, coded, many = (served.client.build_request("GET", path) for _ in range(3))
        del hostless.headers["host"]
        coded.headers["transfer-encoding"] = "gzip, chunked"
        many.headers.update({f"x-{number}": "a" for number in range(101)})

        cold = [(await served.client.send(each)).status_code for each in (hostless, coded, many)]
        await served.client.get(path)
        warm = [(await served.client.send(each)).status_code for each in (hostless, coded, many)]

    assert (cold, warm) == ([400, 400, 431], [400, 400, 431])


@pytest.mark.parametrize("path", FEEDS)
async def test_the_head_of_a_request_for_a_feed_is_bounded_warm_or_not(path: str) -> None:
    async with serve(make_message("a"), now=Clock()) as served:
        cold = await served.client.get(path, headers={"x-long": "x" * 33_000})
        await served.client.get(path)
        warm = await served.client.get(path, headers={"x-long": "y" * 33_000})
        long = await served.client.get(f"{path}?{'&' * 9_000}")

    assert [each.status_code for each in (cold, warm, long)] == [431, 431, 414]
    assert {each.headers["content-type"] for each in (cold, warm, long)} == {"application/problem+json"}


@pytest.mark.parametrize(
    "date",
    [
        "Mon, 02 Nov 99999999999 10:00:00 GMT",
        "Mon, 02 Nov 0000 10:00:00 GMT",
        "Mon, 02 Nov 9999 23:59:59 -2359",
        "Fri, 31 Dec 0001 00:00:00 +2359",
        "Mon, 02 Nov 2026 10:00:00 +99999999999999",
        "Mon, 02 Nov 2026 " + "1" * 5_000 + ":00:00 GMT",
        "1" * 20_000,
    ],
)
async def test_a_date_that_no_computer_knows_is_no_date(date: str) -> None:
    async with serve(make_message("a")) as served:
        answers = [await served.client.get(path, headers={"if-modified-since": date}) for path in FEEDS]

    assert {each.status_code for each in answers} <= {200, 304}


class Failing(FeedResolver):
    """A desk that fails in a way that nobody thought of."""

    async def resolve(self, path: str, query_string: str, raw_address: Path) -> Feed:
        raise RuntimeError(path, query_string, raw_address)


async def test_a_failure_of_the_feeds_own_way_out_is_answered_as_any_other() -> None:
    async with serve(make_message("a")) as served:
        state: State = served.front.fastapi.state.service
        failing = Failing(state.resolver.feeds, state.site, state.formats, is_open=state.is_open)
        served.front.resolver = failing
        by_the_way_behind = await served.client.get(FEED)
        served.front.fastapi.state.service = replace(state, resolver=failing)
        by_neither = await served.client.get("/feeds/programme.rss")

    assert by_the_way_behind.status_code == 200
    assert (by_neither.status_code, by_neither.json()["type"]) == (500, "/problems/unexpected")
    assert by_neither.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", FEEDS)
async def test_head_has_the_same_headers_and_no_body(path: str) -> None:
    async with serve(make_message("a")) as served:
        head = await served.client.head(path)
        get = await served.client.get(path)

    assert (head.status_code, head.content, head.headers) == (200, b"", get.headers)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_a_feed_is_only_for_reading(method: str) -> None:
    async with serve(make_message("a")) as served:
        await served.client.get(FEED)
        answer = await served.client.request(method, FEED)

    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/feeds/nobody.ics", 404, "not_found"),
        ("/feeds/programme.xyz", 404, "not_found"),
        ("/feeds/programme", 404, "not_found"),
        ("/feeds/", 404, "not_found"),
        ("/feeds/a/b.ics", 404, "not_found"),
        ("/feeds/programme.ics?county=9999", 400, "unknown_value"),
        ("/feeds/programme.ics?conty=3262", 400, "unknown_filter"),
        ("/feeds/programme.ics?from=2027-02-30", 400, "not_a_date"),
        ("/feeds/programme.ics?from=2027-08-02&to=2027-08-01", 400, "before_from"),
        ("/feeds/programme.ics?lang=xx", 400, "unknown_value"),
    ],
)
async def test_what_there_is_not_is_refused_as_a_problem(path: str, status: int, code: str) -> None:
    async with serve(make_message("a")) as served:
        answers = [await served.client.get(path), await served.client.get(path)]

    for answer in answers:
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == f"/problems/{code}"


async def test_a_misspelt_filter_is_named() -> None:
    async with serve() as served:
        answer = (await served.client.get("/feeds/programme.ics?county=99&county=3262")).json()

    assert [(error["field"], error["code"]) for error in answer["errors"]] == [("county", "unknown_value")]
    assert "3262" in answer["errors"][0]["message"]


async def test_an_office_has_its_feed_in_its_language() -> None:
    async with serve(make_message("a"), make_message("b", title={"pl": "Regaty"}, summary={})) as served:
        answer = await served.client.get("/feeds/pot-berlin.ics")
        polish = await served.client.get("/feeds/pot-berlin.ics?lang=pl")

    summaries = {
        str(event["UID"])[0]: event["SUMMARY"] for event in icalendar.Calendar.from_ical(answer.content).events
    }
    assert {uid: (str(text), text.params["LANGUAGE"]) for uid, text in summaries.items()} == {
        "a": ("Segeltage", "de"),
        "b": ("Regaty", "pl"),
    }
    assert "Titel nur auf Polnisch verfügbar." in answer.text.replace("\r\n ", "")
    assert "SUMMARY;LANGUAGE=pl:Żagle" in polish.text


async def test_an_event_for_one_office_is_nowhere_else() -> None:
    async with serve(make_message("secret", channels=["pot-berlin"]), make_message("open")) as served:
        paths = (
            "/feeds/programme.json",
            "/feeds/pot-wieden.json",
            "/feeds/pot-berlin.json",
            "/api/v1/events",
            "/pl/2027",
        )
        found = [path for path in paths if "secret" in (await served.client.get(path)).text]
        page = await served.client.get("/pl/events/secret")

    assert (found, page.status_code) == (["/feeds/pot-berlin.json"], 404)


async def test_filters_narrow_a_feed_and_its_own_address_says_so() -> None:
    messages = [make_message("a"), make_message("b", venue={"town": "Koszalin", "county": "3261"})]
    async with serve(*messages) as served:
        feed = (await served.client.get("/feeds/programme.json?lang=de&county=3261&county=3261")).json()

    assert [item["_event"]["uid"].partition("@")[0] for item in feed["items"]] == ["b"]
    assert feed["feed_url"] == "https://kalendarium.example.org/feeds/programme.json?lang=de&county=3261"


async def test_two_tags_of_a_language_are_one_feed() -> None:
    async with serve(make_message("a")) as served:
        answers = [await served.client.get(f"/feeds/programme.rss?lang={tag}") for tag in ("de", "DE", "de-at")]

    assert [answer.status_code for answer in answers] == [200] * 3
    assert len({(answer.content, answer.headers["etag"]) for answer in answers}) == 1


async def test_a_feed_follows_what_the_calendar_publishes_and_withdraws() -> None:
    async with serve(make_message("a")) as served:
        first = await served.client.get("/feeds/programme.json")

        await served.say(make_message("a", 2, title={"pl": "Nowe Żagle"}))
        second = await served.until("/feeds/programme.json", "Nowe Żagle")
        await served.say(EventWithdrawn(event_id="a", revision=3, withdrawn_at="2026-12-01T10:00:00Z"))
        third = await served.until("/feeds/programme.json", '"items":[\n\n]')

    assert len({first.headers["etag"], second.headers["etag"], third.headers["etag"]}) == 3


@pytest.mark.parametrize("path", FEEDS)
async def test_an_empty_programme_is_still_a_whole_feed(path: str) -> None:
    async with serve() as served:
        answer = await served.client.get(path)

    assert (answer.status_code, len(answer.content) > 200) == (200, True)


async def test_until_the_programme_is_read_nothing_is_answered_for_the_whole() -> None:
    log = FakeEventLog()
    log.away = True
    async with serve(log=log) as served:
        answers = [await served.client.get(path) for path in (*FEEDS, "/pl/", "/api/v1/events", "/readyz")]

    assert [answer.status_code for answer in answers] == [503] * 6
    assert [answer.headers["retry-after"] for answer in answers[:3]] == ["5"] * 3


async def test_feeds_go_on_from_memory_while_the_log_is_away() -> None:
    async with serve(make_message("a"), make_message("b")) as served:
        before = await served.client.get(FEED)
        served.log.away = True
        await asyncio.sleep(0.05)

        warm = await served.client.get(FEED)
        cold = await served.client.get("/feeds/pot-berlin.rss")
        page = await served.client.get("/pl/2027/08")

    assert (warm.content, warm.headers) == (before.content, before.headers)
    assert (cold.status_code, page.status_code) == (200, 200)


async def test_one_poisoned_event_is_reported_and_the_feed_goes_out_without_it() -> None:
    poison = make_message("b", dates={"certainty": "exact", "start": "2027-08-14", "end": "2027-08-01"})
    async with serve(make_message("a"), poison, make_message("c")) as served:
        feed = (await served.client.get("/feeds/programme.json")).json()
        health = (await served.client.get("/readyz")).json()
        metrics = (await served.client.get("/metrics")).text

    assert [item["_event"]["uid"].partition("@")[0] for item in feed["items"]] == ["a", "c"]
    assert health["ok"] is True
    assert "b in json pl: EndsBeforeStart" in health["notes"]["quarantine"]
    assert 'kal_events_quarantined{service="distribution"} 1.0' in metrics


async def test_a_record_that_cannot_be_read_is_skipped_and_named() -> None:
    async with serve(make_message("a")) as served:
        await served.log.send(Outgoing("programme.v1", b"b", b"{}", [("ce_type", EventPublished.TYPE.encode())]))
        await served.log.send(Outgoing("programme.v1", b"c", b"{}", [("ce_type", b"pl.kalendarium.Unknown.v1")]))
        await served.say(make_message("d"))
        await served.until("/feeds/programme.ics", "UID:d@")
        health = (await served.client.get("/readyz")).json()

    assert health["ok"] is True
    assert health["notes"]["skipped"].startswith("2 records could not be read: ")


async def test_answers_of_feeds_are_counted() -> None:
    async with serve(make_message("a")) as served:
        first = await served.client.get(FEED)
        await served.client.get(FEED, headers={"if-none-match": first.headers["etag"]})
        metrics = (await served.client.get("/metrics")).text

    assert 'kal_feed_answers_total{kind="body",service="distribution"} 1.0' in metrics
    assert 'kal_feed_answers_total{kind="none",service="distribution"} 1.0' in metrics


async def test_what_is_wrapped_round_the_application_behind_costs_a_feed_nothing() -> None:
    paths = []

    def noting(app: ASGIApp) -> ASGIApp:
        async def note(scope: Scope, receive: Receive, send: Send) -> None:
            paths.append(scope["path"])
            await app(scope, receive, send)

        return note

    async with serve(make_message("a")) as served:
        served.front.wrap_behind(noting)
        for path in (FEED, "/feeds/nobody.ics", "/pl/"):
            await served.client.get(path)

    assert paths == ["/feeds/nobody.ics", "/pl/"], "everything but the feed"


async def test_the_feeds_stand_in_the_description_of_the_api() -> None:
    async with serve() as served:
        described = (await served.client.get("/api/v1/openapi.json")).json()

    events = {"/api/v1/events", "/api/v1/events/{event_id}"}
    assert set(described["paths"]) == {*events, "/feeds/{file}", "/media/{file}"}
    names = [each["name"] for each in described["paths"]["/feeds/{file}"]["get"]["parameters"]]
    assert names == ["file", "county", "category", "audience", "setting", "lang", "from", "to", "after"]


@pytest.mark.parametrize("path", FEEDS)
async def test_whence_a_click_came_makes_no_other_feed(path: str) -> None:
    async with serve(make_message("a")) as served:
        plain = await served.client.get(path)
        shared = [await served.client.get(f"{path}?fbclid={number}&county=&utm_source=x") for number in range(30)]
        misspelt = await served.client.get(f"{path}?conty=3262")
        feeds = served.front.resolver.feeds if served.front.resolver else None

    assert {(each.status_code, each.content) for each in shared} == {(200, plain.content)}
    assert feeds is not None
    assert (len(feeds), misspelt.status_code) == (1, 400)


async def test_the_api_ignores_whence_a_click_came_and_empty_values() -> None:
    async with serve(make_message("a")) as served:
        plain = await served.client.get("/api/v1/events")
        shared = await served.client.get("/api/v1/events?gclid=1&utm_id=2&county=&limit=&cursor=&lang=")
        misspelt = await served.client.get("/api/v1/events?conty=3262")

    assert (shared.status_code, shared.content, misspelt.status_code) == (200, plain.content, 400)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        *((feed, 200) for feed in FEEDS),
        ("/feeds/nobody.ics", 404),
        ("/feeds/programme.ics?conty=3262", 400),
        (f"/feeds/programme.ics?{'x' * 9_000}", 414),
        ("/pl/events/a.ics", 200),
        ("/pl/events/nothing.ics", 404),
        ("/pl/events/withdrawn.ics", 200),
        ("/api/v1/events", 200),
        ("/api/v1/events?conty=3262", 400),
        ("/api/v1/events/a", 200),
        ("/api/v1/events/nothing", 404),
        ("/api/v1/nothing", 404),
        ("/api/v1/openapi.json", 200),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_scripts_of_other_sites_read_public_data_and_why_it_is_refused(
    method: str, path: str, status: int
) -> None:
    withdrawal = EventWithdrawn(event_id="withdrawn", revision=2, withdrawn_at="2026-12-01T10:00:00Z")
    async with serve(make_message("a"), withdrawal) as served:
        answer = await served.client.request(method, path)

    assert answer.headers.get_list("access-control-allow-origin") == ["*"]
    assert {"ETag", "Last-Modified", "Retry-After"} <= set(exposed(answer))
    assert answer.status_code == (status if method != "POST" else answer.status_code)
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("path", [*FEEDS, "/pl/events/a.ics", "/api/v1/events", "/api/v1/openapi.json"])
async def test_a_script_may_ask_whether_public_data_has_changed(path: str) -> None:
    asking = {
        "origin": "https://elsewhere.example",
        "access-control-request-method": "GET",
        "access-control-request-headers": "if-none-match",
    }
    async with serve(make_message("a")) as served:
        answer = await served.client.options(path, headers=asking)

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "GET" in answer.headers["access-control-allow-methods"]
    assert "If-None-Match" in answer.headers["access-control-allow-headers"]


@pytest.mark.parametrize("path", ["/", "/pl/", "/pl/events/a", "/readyz", "/metrics", "/feeds", "/pl/events/a.icsx"])
async def test_pages_and_health_answer_no_other_origin(path: str) -> None:
    async with serve(make_message("a")) as served:
        answers = [
            await served.client.get(path, headers={"origin": "https://elsewhere.example"}),
            await served.client.options(path, headers={"access-control-request-method": "GET"}),
        ]

    assert [name for answer in answers for name in answer.headers if name.startswith("access-control-")] == []


async def test_scripts_of_other_sites_learn_that_the_programme_is_not_read_yet() -> None:
    log = FakeEventLog()
    log.away = True
    async with serve(log=log) as served:
        answers = [await served.client.get(path) for path in (FEED, "/api/v1/events", "/pl/events/a.ics")]

    assert {(each.status_code, each.headers.get("access-control-allow-origin")) for each in answers} == {(503, "*")}


@pytest.mark.parametrize("coding", ["identity", "gzip"])
async def test_the_file_of_an_event_is_sent_again_only_when_something_changed(coding: str) -> None:
    clock, path = Clock(), "/pl/events/a.ics"
    async with serve(make_message("a", description={"pl": "Długi opis. " * 50}), now=clock) as served:
        clock.now += 60

        async def ask(**headers: str) -> httpx.Response:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            return await served.client.get(path, headers={"accept-encoding": coding} | sent)

        first = await ask()
        tag, date = first.headers["etag"], first.headers["last-modified"]
        known = [await ask(if_none_match=tag), await ask(if_modified_since=date)]
        await served.say(make_message("a", 2, title={"pl": "Nowe Żagle"}))
        await served.until(path, "Nowe")
        changed = [await ask(if_none_match=tag), await ask(if_modified_since=date)]

    assert first.headers.get("content-encoding", "identity") == coding
    assert first.headers["cache-control"].startswith("public, max-age=300")
    assert [each.status_code for each in known] == [304, 304]
    assert [each.status_code for each in changed] == [200, 200]


def exposed(answer: httpx.Response) -> list[str]:
    return answer.headers["access-control-expose-headers"].split(", ")


DATA = "/feeds/programme.json"
MANY = [
    make_message(f"e{number:03}", changed_at=f"2026-11-02T10:{number // 60:02}:{number % 60:02}Z")
    for number in range(205)
]


async def second_page(served: Served) -> str:
    """Give the path of the page that the first one leads to."""
    first = (await served.client.get(DATA)).json()
    return str(first["next_url"]).removeprefix(ADDRESS)


@pytest.mark.parametrize("coding", ["identity", "gzip"])
async def test_a_later_page_comes_with_everything_that_the_first_one_has(coding: str) -> None:
    async with serve(*MANY, now=Clock()) as served:
        headers = {"accept-encoding": coding}
        first = await served.client.get(DATA, headers=headers)
        page = await served.client.get(await second_page(served), headers=headers)
        head = await served.client.head(str(page.url), headers=headers)

    own = {"etag", "content-length"}
    assert {name: value for name, value in page.headers.items() if name not in own} == {
        name: value for name, value in first.headers.items() if name not in own
    }
    assert page.headers["etag"] != first.headers["etag"]
    assert (head.headers, head.content) == (page.headers, b"")
    assert page.headers.get("content-encoding", "identity") == coding
    assert [item["title"] for item in page.json()["items"]] == ["Żagle"] * (205 - len(first.json()["items"]))


@pytest.mark.parametrize("coding", ["identity", "gzip"])
async def test_a_later_page_is_sent_again_only_when_it_changed(coding: str) -> None:
    clock = Clock()
    async with serve(*MANY, now=clock) as served:
        path = await second_page(served)

        async def ask(**headers: str) -> httpx.Response:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            return await served.client.get(path, headers={"accept-encoding": coding} | sent)

        known = (await ask()).headers
        clock.now += 60
        by_tag = await ask(if_none_match=known["etag"])
        await served.say(make_message("e204", 2, changed_at="2026-11-02T11:00:00Z"))
        await served.until(DATA, "T11:00:00Z")
        elsewhere = await ask(if_none_match=known["etag"])
        by_date = await ask(if_modified_since=(await ask()).headers["last-modified"])
        await served.say(make_message("e001", 2, changed_at="2026-11-02T12:00:00Z"))
        await served.until(DATA, "T12:00:00Z")
        for _ in range(100):
            if (left := await ask(if_none_match=known["etag"])).status_code == 200:
                break
            await asyncio.sleep(0.01)

    assert [(each.status_code, each.content) for each in (by_tag, by_date, elsewhere)] == [(304, b"")] * 3
    assert by_tag.headers["access-control-allow-origin"] == "*"
    assert (left.status_code, "e001" in left.text) == (200, False)


@pytest.mark.parametrize(
    "query",
    [
        "after=x",
        "after=W10",
        "after=WzEsMV0",
        "after=WzEsMSwxXQ",
        "after=%00",
        "after=a&after=b",
        "after=" + "A" * 4_000,
    ],
)
async def test_a_page_that_nobody_led_to_is_refused(query: str) -> None:
    async with serve(make_message("a")) as served:
        answer = await served.client.get(f"{DATA}?{query}")

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "after")


@pytest.mark.parametrize("path", [FEED, "/feeds/programme.rss", "/api/v1/events"])
async def test_only_json_feeds_have_pages(path: str) -> None:
    async with serve(make_message("a")) as served:
        answer = await served.client.get(f"{path}?after=WzEsMSwieCJd")

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "after")


async def test_a_feed_is_read_to_its_end_though_it_changes_meanwhile() -> None:
    asked: list[str] = []
    async with serve(*MANY) as served:

        async def ask(address: str) -> dict[str, Any]:
            asked.append(address)
            page: dict[str, Any] = (await served.client.get(address)).json()
            if len(asked) == 1:
                await served.say(make_message("e000", 2, changed_at="2026-11-02T12:00:00Z"))
                await served.until(DATA, "T12:00:00Z")
            return page

        items = await read_items(ask, DATA)

    assert {item["_event"]["uid"].partition("@")[0] for item in items.values()} == {each.event_id for each in MANY}
    assert (len(items), len(asked), asked[0], asked[-1]) == (205, 3, DATA, DATA)


async def test_a_page_behind_everything_is_an_empty_feed_and_one_without_a_place_the_first() -> None:
    async with serve(make_message("a")) as served:
        behind = await served.client.get(f"{DATA}?after=WzEsMSwieCJd")
        first = await served.client.get(f"{DATA}?after=")
        plain = await served.client.get(DATA)

    assert (behind.status_code, behind.json()["items"], "next_url" in behind.json()) == (200, [], False)
    assert first.content == plain.content
