from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from services.distribution import feeds as module
from services.distribution.feed import Address, Feed
from services.distribution.feeds import FeedNotRendered, Feeds, TooManyNewFeeds
from services.distribution.formats import formats_of
from services.distribution.formats.ical import ICal
from services.distribution.formats.port import Heading
from services.distribution.programme import Programme
from services.distribution.selection import Asked, Selection
from tests.services.distribution.builders import encode, make_imprint, make_message, make_programme, make_withdrawal
from tests.services.distribution.rendering import body_of

PATH = (b"/feeds/programme.ics", b"")


def address(extension: str = "ics", counties: tuple[str, ...] = ()) -> Address:
    return Address(Asked(Selection(counties=counties), "pl"), extension)


def day(number: int) -> Address:
    return Address(Asked(Selection(first=f"2027-01-{number:02}"), "pl"), "ics")


@asynccontextmanager
async def running(feeds: Feeds) -> AsyncIterator[Feeds]:
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


def make_feeds(programme: Programme | None = None, most_bytes: int = 10_000_000) -> Feeds:
    return Feeds(
        programme if programme is not None else make_programme([make_message("a")]),
        formats_of(make_imprint()),
        most_bytes=most_bytes,
    )


def body(feeds: Feeds, feed: Feed) -> bytes:
    found: bytes = feeds.body(feed, feed.plain)["body"]
    return found


async def test_a_feed_never_asked_for_is_rendered_and_found_by_its_path_afterwards() -> None:
    async with running(make_feeds()) as feeds:
        assert feeds.find(PATH) is None

        feed = await feeds.ask(address(), PATH, "programme.ics")

        assert feeds.find(PATH) is feed
        assert b"UID:a@" in body(feeds, feed)


async def test_many_who_ask_at_once_for_a_new_feed_wait_for_one_rendering() -> None:
    async with running(make_feeds()) as feeds:
        found = await asyncio.gather(*(feeds.ask(address(), PATH, "programme.ics") for _ in range(20)))

        assert (len({id(feed) for feed in found}), feeds.blocks.rendered) == (1, 1)


async def test_somebody_who_leaves_does_not_stop_the_rendering_for_the_others() -> None:
    async with running(make_feeds()) as feeds:
        leaver = asyncio.create_task(feeds.ask(address(), PATH, "programme.ics"))
        stayer = asyncio.create_task(feeds.ask(address(), PATH, "programme.ics"))
        await asyncio.sleep(0)
        leaver.cancel()

        assert (await stayer).is_ready


async def test_a_warm_feed_follows_the_programme() -> None:
    programme = make_programme([make_message("a"), make_message("b")])
    async with running(make_feeds(programme)) as feeds:
        feed = await feeds.ask(address(), PATH, "programme.ics")
        before = feed.plain

        programme.publish(encode(make_message("a", 2, title={"pl": "Nowy tytuł"})))
        feeds.touch("a")
        assert feed.plain is before  # still answered until the new one is whole
        await until(lambda: feeds.is_up_to_date and feed.plain is not before)
        assert "Nowy tytuł".encode() in body(feeds, feed)

        programme.withdraw(make_withdrawal("b", 2))
        feeds.touch("b")
        await until(lambda: feeds.is_up_to_date)
        await until(lambda: b"UID:b@" not in body(feeds, feed))


async def test_a_change_outside_a_feed_moves_its_last_modified_without_rendering_it() -> None:
    programme = make_programme([make_message("a")])
    async with running(make_feeds(programme)) as feeds:
        feed = await feeds.ask(address(counties=("3262",)), PATH, "programme.ics")
        before = feed.plain

        programme.publish(encode(make_message("b", 9, venue={"town": "Koszalin", "county": "3261"})))
        feeds.touch("b")
        await until(lambda: feed.plain.changed > before.changed)

        assert (feed.plain.etag, feeds.blocks.rendered) == (before.etag, 1)


async def test_feeds_that_nobody_asked_for_longest_make_room() -> None:
    programme = make_programme(make_message(f"e{number}") for number in range(20))
    async with running(make_feeds(programme, most_bytes=60_000)) as feeds:
        for number in range(1, 20):
            path = (b"/feeds/programme.ics", f"from=2027-01-{number:02}".encode())
            body(feeds, await feeds.ask(day(number), path, "programme.ics"))

        assert feeds.weight <= 60_000
        assert 0 < len(feeds) < 19
        assert feeds.find((b"/feeds/programme.ics", b"from=2027-01-01")) is None
        assert feeds.find((b"/feeds/programme.ics", b"from=2027-01-19")) is not None


async def test_feeds_just_made_are_not_those_that_nobody_asked_for_longest() -> None:
    async with running(make_feeds()) as feeds:
        await feeds.ask(day(1), PATH, "programme.ics")
        one = feeds.weight
    async with running(make_feeds(most_bytes=one * 5 // 2)) as feeds:
        await feeds.ask(day(1), PATH, "programme.ics")
        paths = [(b"", b"2"), (b"", b"3")]
        await asyncio.gather(feeds.ask(day(2), paths[0], "programme.ics"), feeds.ask(day(3), paths[1], "programme.ics"))

        assert feeds.find(PATH) is None
        assert all(feeds.find(path) for path in paths)


async def test_a_feed_that_was_dropped_before_it_was_answered_is_not_counted() -> None:
    async with running(make_feeds(most_bytes=1)) as feeds:
        gone = await feeds.ask(day(1), PATH, "programme.ics")
        await feeds.ask(day(2), (b"", b""), "programme.ics")
        assert feeds.find(PATH) is None
        before = feeds.weight

        body(feeds, gone)

        assert (feeds.weight, len(feeds)) == (before, 1)


async def test_a_feed_that_was_dropped_comes_back_with_the_same_tag() -> None:
    async with running(make_feeds(most_bytes=1)) as feeds:
        first = await feeds.ask(day(1), PATH, "programme.ics")
        await feeds.ask(day(2), (b"", b""), "programme.ics")
        assert feeds.find(PATH) is None

        again = await feeds.ask(day(1), PATH, "programme.ics")

        assert again is not first
        assert (again.plain.etag, body(feeds, again)) == (first.plain.etag, body_of(first.plain))


async def test_too_many_new_feeds_at_once_are_refused() -> None:
    feeds = make_feeds()  # nobody renders
    waiting = [
        asyncio.create_task(feeds.ask(Address(Asked(Selection(first=f"2027-{number}"), "pl"), "ics"), PATH, "x"))
        for number in range(module.MOST_WAITING)
    ]
    await asyncio.sleep(0)

    with pytest.raises(TooManyNewFeeds):
        await feeds.ask(address(), PATH, "programme.ics")
    for task in waiting:
        task.cancel()


class Broken(ICal):
    """A format whose head cannot be written."""

    def head(self, heading: Heading) -> bytes:
        raise RuntimeError(heading.asked.language)


async def test_a_feed_that_cannot_be_made_fails_alone() -> None:
    imprint = make_imprint()
    formats = dict(formats_of(imprint)) | {"bad": Broken(imprint)}
    async with running(Feeds(make_programme([make_message("a")]), formats, most_bytes=1_000_000)) as feeds:
        with pytest.raises(FeedNotRendered):
            await feeds.ask(address("bad"), (b"/feeds/programme.bad", b""), "programme.bad")

        assert b"UID:a@" in body(feeds, await feeds.ask(address(), PATH, "programme.ics"))
        assert len(feeds) == 1


async def test_requests_come_between_slices_while_a_large_feed_is_rendered() -> None:
    programme = make_programme(make_message(f"e{number}") for number in range(400))
    async with running(make_feeds(programme)) as feeds:
        turns = 0
        asked = asyncio.create_task(feeds.ask(address(), PATH, "programme.ics"))
        while not asked.done():
            turns += 1
            await asyncio.sleep(0)

        assert turns > 5
