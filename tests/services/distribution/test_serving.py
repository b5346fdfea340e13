from __future__ import annotations

import asyncio
import gzip

import icalendar
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.eventlog.port import Outgoing
from shared.messages import EventPublished, EventWithdrawn
from tests.fakes import FakeEventLog
from tests.services.distribution.builders import make_message
from tests.services.distribution.serving import serve

FEED = "/feeds/programme.ics"
FEEDS = (FEED, "/feeds/programme.rss", "/feeds/programme.json")
TYPES = {
    "ics": "text/calendar; charset=utf-8",
    "rss": "application/rss+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}


@pytest.mark.parametrize("path", FEEDS)
async def test_a_feed_comes_with_everything_that_readers_and_caches_need(path: str) -> None:
    async with serve(make_message("a")) as served:
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
        "last-modified": "Mon, 02 Nov 2026 10:01:00 GMT",
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
    """Check 6 of standards.md section 6: the conditional matrix, over HTTP."""
    async with serve(make_message("a")) as served:
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
        assert await status(if_modified_since="Mon, 02 Nov 2026 10:00:59 GMT") == 200
        assert await status(if_modified_since="never") == 200
        assert await status(if_none_match=tag, accept_encoding="gzip") == 200
        assert await status(if_none_match=tag[:-1] + '-gz"', accept_encoding="gzip") == 304

        unchanged = await served.client.get(FEED, headers={"if-none-match": tag})
        assert (unchanged.content, sorted(unchanged.headers)) == (
            b"",
            ["cache-control", "etag", "last-modified", "vary"],
        )


async def test_several_fields_of_one_name_are_one_list() -> None:
    async with serve(make_message("a")) as served:
        tag = (await served.client.get(FEED)).headers["etag"]
        headers = [("if-none-match", '"x"'), ("if-none-match", tag), ("accept-encoding", "identity")]

        assert (await served.client.get(FEED, headers=headers)).status_code == 304


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
    """Invariant 4, the gate."""
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


async def test_a_feed_follows_what_the_calendar_publishes_and_withdraws() -> None:
    async with serve(make_message("a")) as served:
        first = await served.client.get("/feeds/programme.json")

        await served.say(make_message("a", 2, title={"pl": "Nowe Żagle"}))
        second = await served.until("/feeds/programme.json", "Nowe Żagle")
        await served.say(EventWithdrawn(event_id="a", revision=3, withdrawn_at="2026-12-01T10:00:00Z"))
        third = await served.until("/feeds/programme.json", '"items":[\n\n]')

    assert len({first.headers["etag"], second.headers["etag"], third.headers["etag"]}) == 3
    assert third.headers["last-modified"] == "Tue, 01 Dec 2026 10:00:00 GMT"


@pytest.mark.parametrize("path", FEEDS)
async def test_an_empty_programme_is_still_a_whole_feed(path: str) -> None:
    """Check 8 of standards.md section 6: never an empty 200."""
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
    """Invariant 7, within one process."""
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
    """Check 7 of standards.md section 6."""
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

    assert set(described["paths"]) == {"/api/v1/events", "/api/v1/events/{event_id}", "/feeds/{file}"}
    names = [each["name"] for each in described["paths"]["/feeds/{file}"]["get"]["parameters"]]
    assert names == ["file", "county", "category", "lang", "from", "to"]
