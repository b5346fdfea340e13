from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

import pytest

from services.distribution.feeds import cache as module
from services.distribution.feeds.address import FeedAddress
from services.distribution.feeds.cache import (
    MAX_PATH_BYTES,
    MAX_PATHS,
    MAX_UPDATED,
    FeedCache,
    FeedNotRendered,
    Path,
    TooManyNewFeeds,
)
from services.distribution.feeds.feed import Feed
from services.distribution.formats import create_formats
from services.distribution.formats.ical import ICal
from services.distribution.formats.port import FeedHead
from services.distribution.programme.model import Programme
from services.distribution.programme.selection import Query, Selection
from shared.web.http.last_modified import parse_date
from tests.services.distribution.builders import (
    Clock,
    encode,
    make_message,
    make_programme,
    make_site,
    make_withdrawal,
)
from tests.services.distribution.rendering import body_of

PATH = (b"/feeds/programme.ics", b"")


def address(extension: str = "ics", counties: tuple[str, ...] = ()) -> FeedAddress:
    return FeedAddress(Query(Selection(counties=counties), "pl"), extension)


def day(number: int) -> FeedAddress:
    return FeedAddress(Query(Selection(first=f"2027-01-{number:02}"), "pl"), "ics")


@asynccontextmanager
async def running(feeds: FeedCache) -> AsyncIterator[FeedCache]:
    stop = asyncio.Event()
    task = asyncio.create_task(feeds.run(stop))
    try:
        yield feeds
    finally:
        stop.set()
        await task


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0)


def make_feeds(programme: Programme | None = None, most_bytes: int = 10_000_000, **times: Any) -> FeedCache:  # noqa: ANN401 - of several types
    return FeedCache(
        programme if programme is not None else make_programme([make_message("a")]),
        create_formats(make_site()),
        max_bytes=most_bytes,
        **times,
    )


def date_of(feed: Feed) -> bytes:
    found: bytes = dict(feed.plain.start["headers"])[b"last-modified"]
    return found


def body(feeds: FeedCache, feed: Feed) -> bytes:
    found: bytes = feeds.join_body(feed, feed.plain)["body"]
    return found


async def test_a_feed_never_asked_for_is_rendered_and_found_by_its_path_afterwards() -> None:
    async with running(make_feeds()) as feeds:
        assert feeds.find(PATH) is None

        feed = await feeds.get(address(), PATH, "programme.ics")

        assert feeds.find(PATH) is feed
        assert b"UID:a@" in body(feeds, feed)


async def test_many_who_ask_at_once_for_a_new_feed_wait_for_one_rendering() -> None:
    async with running(make_feeds()) as feeds:
        found = await asyncio.gather(*(feeds.get(address(), PATH, "programme.ics") for _ in range(20)))

        assert (len({id(feed) for feed in found}), feeds.rendered.render_count) == (1, 1)


async def test_somebody_who_leaves_does_not_stop_the_rendering_for_the_others() -> None:
    async with running(make_feeds()) as feeds:
        leaver = asyncio.create_task(feeds.get(address(), PATH, "programme.ics"))
        stayer = asyncio.create_task(feeds.get(address(), PATH, "programme.ics"))
        await asyncio.sleep(0)
        leaver.cancel()

        assert (await stayer).is_ready


async def test_a_warm_feed_follows_the_programme() -> None:
    programme = make_programme([make_message("a"), make_message("b")])
    async with running(make_feeds(programme)) as feeds:
        feed = await feeds.get(address(), PATH, "programme.ics")
        before = feed.plain

        programme.publish(encode(make_message("a", 2, title={"pl": "Nowy tytuł"})))
        feeds.invalidate(["a"])
        assert feed.plain is before  # still answered until the new one is whole
        await until(lambda: feeds.is_up_to_date and feed.plain is not before)
        assert "Nowy tytuł".encode() in body(feeds, feed)

        programme.withdraw(make_withdrawal("b", 2))
        feeds.invalidate(["b"])
        await until(lambda: feeds.is_up_to_date)
        await until(lambda: b"UID:b@" not in body(feeds, feed))


async def warm_feeds(feeds: FeedCache, count: int) -> list[Path]:
    """Ask for feeds from another day on each."""
    days = [str(date(2020, 1, 1) + timedelta(days=number)) for number in range(count)]
    paths = [(b"/feeds/programme.ics", f"from={each}".encode()) for each in days]
    for each, path in zip(days, paths, strict=True):
        await feeds.get(FeedAddress(Query(Selection(first=each), "pl"), "ics"), path, "programme.ics")
    return paths


async def test_requests_come_between_feeds_while_a_small_change_is_brought_into_many() -> None:
    programme = make_programme(make_message(f"e{number}") for number in range(100))
    async with running(make_feeds(programme)) as feeds:
        found = [feed for path in await warm_feeds(feeds, 200) if (feed := feeds.find(path))]
        programme.publish(encode(make_message("e1", 2, title={"pl": "Nowy tytuł"})))
        feeds.invalidate(["e1"])
        left = []
        while not feeds.is_up_to_date:
            await asyncio.sleep(0)
            left.append(sum(bool(feed.pending) for feed in found))

    assert any(0 < each < len(found) for each in left)


async def test_a_change_updates_the_feeds_used_last_and_others_when_they_are_asked_for() -> None:
    programme = make_programme([make_message("a"), make_message("b", venue={"town": "Koszalin", "county": "3261"})])
    async with running(make_feeds(programme)) as feeds:
        elsewhere = await feeds.get(address(counties=("3261",)), PATH, "programme.ics")
        first, second, *_ = paths = await warm_feeds(feeds, MAX_UPDATED + 20)
        used = feeds.find(first)
        programme.publish(encode(make_message("a", 2, title={"pl": "Nowy tytuł"})))
        feeds.invalidate(["a"])
        await until(lambda: feeds.is_up_to_date)

        assert sum(feeds.find(path) is not None for path in paths) == MAX_UPDATED
        assert feeds.find(second) is None
        assert feeds.find(PATH) is elsewhere, "what a change does not concern stays"
        assert used is not None
        assert used is feeds.find(first)
        assert "Nowy tytuł".encode() in body(feeds, used)
        again = await feeds.get(FeedAddress(Query(Selection(first="2020-01-02"), "pl"), "ics"), second, "programme.ics")
        assert "Nowy tytuł".encode() in body(feeds, again)


async def test_a_change_outside_a_feed_leaves_it_as_it_is() -> None:
    clock = Clock()
    programme = make_programme([make_message("a")])
    async with running(make_feeds(programme, now=clock)) as feeds:
        feed = await feeds.get(address(counties=("3262",)), PATH, "programme.ics")
        before = feed.plain

        clock.now += 60
        programme.publish(encode(make_message("b", 9, venue={"town": "Koszalin", "county": "3261"})))
        feeds.invalidate(["b"])
        other = await feeds.get(address(), PATH, "programme.ics")

        assert feed.plain.version.made == before.version.made
        assert (feed.plain.etag, feeds.rendered.render_count) == (before.etag, 2)
        assert other.plain.version.made > before.version.made


async def test_a_date_alone_tells_two_versions_of_one_second_apart() -> None:
    """Accept one, fetch, accept another in the same second, ask with the date of the first."""
    clock = Clock()
    programme = make_programme([make_message("a")])
    async with running(make_feeds(programme, now=clock)) as feeds:
        feed = await feeds.get(address(), PATH, "programme.ics")
        first = date_of(feed)

        clock.now += 0.2
        programme.publish(encode(make_message("b")))
        feeds.invalidate(["b"])
        await until(lambda: b"UID:b@" in body(feeds, feed))
        at_once = feed.plain.is_unchanged(None, first)
        clock.now += 3
        await until(lambda: feed.plain.version.is_settled)

        assert (at_once, feed.plain.is_unchanged(None, first)) == (False, False)
        assert feed.plain.is_unchanged(None, date_of(feed))
        assert parse_date(date_of(feed)) == int(clock.now) - 2


async def test_a_feed_made_again_is_as_old_as_the_programme() -> None:
    clock = Clock()
    async with running(make_feeds(now=clock, made_at=clock.now - 3600)) as feeds:
        feed = await feeds.get(address(), PATH, "programme.ics")

        assert parse_date(date_of(feed)) == int(clock.now) - 3599
        assert feed.plain.is_unchanged(None, date_of(feed))


async def test_feeds_that_nobody_asked_for_longest_make_room() -> None:
    programme = make_programme(make_message(f"e{number}") for number in range(20))
    async with running(make_feeds(programme, most_bytes=60_000)) as feeds:
        for number in range(1, 20):
            path = (b"/feeds/programme.ics", f"from=2027-01-{number:02}".encode())
            body(feeds, await feeds.get(day(number), path, "programme.ics"))

        assert feeds.size <= 60_000
        assert 0 < len(feeds) < 19
        assert feeds.find((b"/feeds/programme.ics", b"from=2027-01-01")) is None
        assert feeds.find((b"/feeds/programme.ics", b"from=2027-01-19")) is not None


async def test_feeds_just_made_are_not_those_that_nobody_asked_for_longest() -> None:
    async with running(make_feeds()) as feeds:
        await feeds.get(day(1), PATH, "programme.ics")
        one = feeds.size
    async with running(make_feeds(most_bytes=one * 5 // 2)) as feeds:
        await feeds.get(day(1), PATH, "programme.ics")
        paths = [(b"", b"2"), (b"", b"3")]
        await asyncio.gather(feeds.get(day(2), paths[0], "programme.ics"), feeds.get(day(3), paths[1], "programme.ics"))

        assert feeds.find(PATH) is None
        assert all(feeds.find(path) for path in paths)


async def test_a_feed_that_was_dropped_before_it_was_answered_is_not_counted() -> None:
    async with running(make_feeds(most_bytes=1)) as feeds:
        gone = await feeds.get(day(1), PATH, "programme.ics")
        await feeds.get(day(2), (b"", b""), "programme.ics")
        assert feeds.find(PATH) is None
        before = feeds.size

        body(feeds, gone)

        assert (feeds.size, len(feeds)) == (before, 1)


async def test_a_feed_that_was_dropped_comes_back_with_the_same_tag() -> None:
    async with running(make_feeds(most_bytes=1)) as feeds:
        first = await feeds.get(day(1), PATH, "programme.ics")
        await feeds.get(day(2), (b"", b""), "programme.ics")
        assert feeds.find(PATH) is None

        again = await feeds.get(day(1), PATH, "programme.ics")

        assert again is not first
        assert (again.plain.etag, body(feeds, again)) == (first.plain.etag, body_of(first.plain))


async def test_too_many_new_feeds_at_once_are_refused() -> None:
    feeds = make_feeds()  # nobody renders
    waiting = [
        asyncio.create_task(feeds.get(FeedAddress(Query(Selection(first=f"2027-{number}"), "pl"), "ics"), PATH, "x"))
        for number in range(module.MAX_WAITING)
    ]
    await asyncio.sleep(0)

    with pytest.raises(TooManyNewFeeds):
        await feeds.get(address(), PATH, "programme.ics")
    for task in waiting:
        task.cancel()


async def test_spellings_of_an_address_are_few_short_and_weighed() -> None:
    async with running(make_feeds(make_programme([make_message("a")]))) as feeds:
        feed = await feeds.get(address(), PATH, "programme.ics")
        before = feeds.size
        for number in range(200):
            await feeds.get(address(), (b"/feeds/programme.ics", b"&" * number), "programme.ics")
        await feeds.get(address(), (b"/feeds/programme.ics", b"&" * MAX_PATH_BYTES), "programme.ics")

    assert len(feed.paths) == MAX_PATHS
    assert max(len(path) + len(query) for path, query in feed.paths) <= MAX_PATH_BYTES
    assert feeds.size - before > 200 * (MAX_PATHS - 1)


class Broken(ICal):
    """A format whose head cannot be written."""

    def render_head(self, heading: FeedHead) -> bytes:
        raise RuntimeError(heading.query.language)


async def test_a_feed_that_cannot_be_made_fails_alone() -> None:
    site = make_site()
    formats = dict(create_formats(site)) | {"bad": Broken(site)}
    async with running(FeedCache(make_programme([make_message("a")]), formats, max_bytes=1_000_000)) as feeds:
        with pytest.raises(FeedNotRendered):
            await feeds.get(address("bad"), (b"/feeds/programme.bad", b""), "programme.bad")

        assert b"UID:a@" in body(feeds, await feeds.get(address(), PATH, "programme.ics"))
        assert len(feeds) == 1


async def test_requests_come_between_slices_while_a_large_feed_is_rendered() -> None:
    programme = make_programme(make_message(f"e{number}") for number in range(400))
    async with running(make_feeds(programme)) as feeds:
        turns = 0
        asked = asyncio.create_task(feeds.get(address(), PATH, "programme.ics"))
        while not asked.done():
            turns += 1
            await asyncio.sleep(0)

        assert turns > 5
