"""What the documents of news carry: the newest items, in bytes and number bounded, and all of them over the pages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from services.demo.editions import build_programme
from services.demo.programme import load_programme
from services.distribution.feeds.address import FeedAddress
from services.distribution.feeds.feed import Feed
from services.distribution.feeds.render_cache import RenderCache
from services.distribution.formats import Format, create_formats
from services.distribution.formats.json_feed import JsonFeed
from services.distribution.formats.port import Window
from services.distribution.formats.rss import Rss
from services.distribution.programme.indexed_event import NewsPosition
from services.distribution.programme.model import Programme
from services.distribution.programme.selection import Query, Selection, split_page
from shared.event.fields import get_field
from shared.messages import EventFacets, EventPublished, Notice, Organiser
from tests.services.distribution.builders import (
    PACK,
    encode,
    make_message,
    make_programme,
    make_region,
    make_site,
    make_withdrawal,
)
from tests.services.distribution.rendering import VERSION, body_of, tell

SITE = make_site()
MOST_BYTES = 250_000
HIDDEN = {"certainty": "exact", "start": "2027-08-14", "end": "2027-08-01"}
"""Dates with which an event cannot be shown."""
FIRST = {"certainty": "exact", "start": "2027-08-14", "end": "2027-08-16"}
LATER = {"certainty": "exact", "start": "2027-09-11", "end": "2027-09-13"}
AUGUST = Selection(counties=("3262",), first="2027-08-01", last="2027-08-31")


class FewItems(JsonFeed):
    """JSON Feed in small pages."""

    window = Window(items=4, bytes=4_000, is_paged=True)


class FewNews(Rss):
    """RSS of a few items."""

    window = Window(items=4, bytes=4_000, is_paged=False)


SMALL: Mapping[str, Format] = {"json": FewItems(SITE), "rss": FewNews(SITE)}
REAL = create_formats(SITE)


def make_feed(
    formats: Mapping[str, Format],
    extension: str,
    *,
    after: NewsPosition | None = None,
    selection: Selection | None = None,
) -> Feed:
    address = FeedAddress(Query(selection or Selection(), "pl"), extension, after)
    return Feed(address, formats[extension], f"programme.{extension}")


def update(feed: Feed, programme: Programme, blocks: RenderCache) -> None:
    for _ in feed.update(programme, blocks, lambda _: VERSION):
        pass


def pages(programme: Programme, formats: Mapping[str, Format] = REAL, **how: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - what make_feed takes
    """Follow next_url from the first page."""
    blocks, after = RenderCache(formats), None
    while True:
        feed = make_feed(formats, "json", after=after, **how)
        update(feed, programme, blocks)
        page = json.loads(body_of(feed.plain))
        yield page
        if "next_url" not in page:
            return
        _, after = split_page(urlsplit(page["next_url"]).query)


def ids_of(page: Mapping[str, Any]) -> list[str]:
    return [item["id"].replace("@kalendarium.zrot.pl:pl", "") for item in page["items"]]


def at(minute: int) -> str:
    return f"2026-11-02T{minute // 60:02d}:{minute % 60:02d}:00Z"


def test_items_come_newest_first_and_a_notice_at_its_own_time() -> None:
    notice = Notice("cancelled", 2, at(3))
    messages = [
        make_message("old", changed_at=at(1)),
        make_message("new", changed_at=at(4)),
        make_message("middle", changed_at=at(2)),
        make_message("edited", 5, status="cancelled", changed_at=at(9), notice=notice),
    ]

    assert [ids_of(page) for page in pages(make_programme(messages))] == [
        ["edited", "new", "edited#rev2", "middle", "old"]
    ]


MOVED = Notice("moved", 2, at(5))


@pytest.mark.parametrize(
    ("fields", "ids"),
    [
        ({}, ["a"]),
        ({"dates": LATER, "previous_dates": FIRST, "notice": MOVED}, ["a#rev2"]),
        ({"dates": LATER, "previous_dates": FIRST, "notice": MOVED, "changed_at": at(7)}, ["a#rev2"]),
        ({"dates": FIRST, "previous_dates": LATER, "notice": MOVED}, ["a", "a#rev2"]),
        ({"dates": LATER, "previous_dates": LATER | {"start": "2027-09-04"}, "notice": MOVED}, []),
        ({"dates": LATER, "notice": MOVED}, []),
        ({"dates": LATER, "previous_dates": FIRST, "notice": MOVED, "venue": {"town": "x", "county": "3261"}}, []),
        (
            {"dates": LATER, "previous_dates": FIRST, "status": "cancelled", "notice": Notice("cancelled", 2, at(5))},
            ["a#rev2"],
        ),
    ],
)
def test_who_follows_some_days_is_told_what_moved_out_of_them(fields: dict[str, Any], ids: list[str]) -> None:
    message = make_message("a", 2, **{"changed_at": at(5)} | fields)
    feed = list(pages(make_programme([message]), selection=AUGUST))

    assert [sorted(ids_of(page)) for page in feed] == [ids]


def test_pages_carry_every_item_once_and_end() -> None:
    programme = make_programme(make_message(f"e{number:02}", changed_at=at(number)) for number in range(10))

    found = [ids_of(page) for page in pages(programme, SMALL)]

    assert [each for page in found for each in page] == [f"e{number:02}" for number in reversed(range(10))]
    assert {len(page) for page in found[:-1]} <= {1, 2, 3, 4}


def test_a_page_leads_to_the_next_by_an_address_of_its_own() -> None:
    programme = make_programme(make_message(f"e{number}", changed_at=at(number)) for number in range(9))

    first, second, third = list(pages(programme, SMALL, selection=Selection(counties=("3262",))))

    home = "https://kalendarium.example.org/feeds/programme.json?county=3262"
    assert {page["feed_url"] for page in (first, second, third)} == {home}
    assert first["next_url"].startswith(f"{home}&after=")
    assert second["next_url"] not in {first["next_url"], home}
    assert "next_url" not in third


def test_an_event_that_is_changed_between_two_pages_leaves_the_others_where_they_were() -> None:
    """A keyset cursor: no item is read twice or passed over because another came to the front."""
    programme = make_programme(make_message(f"e{number}", changed_at=at(number)) for number in range(9))
    followed = pages(programme, SMALL)
    first = ids_of(next(followed))

    programme.publish(encode(make_message("e8", 2, changed_at=at(20))))
    programme.publish(encode(make_message("new", changed_at=at(21))))

    assert first + [each for page in followed for each in ids_of(page)] == [f"e{number}" for number in range(8, -1, -1)]


def test_what_cannot_be_shown_leaves_no_gap() -> None:
    messages = [make_message(f"e{number}", changed_at=at(number)) for number in range(9)]
    messages += [make_message(f"x{number}", changed_at=at(number), dates=HIDDEN) for number in range(9)]

    found = list(pages(make_programme(messages), SMALL))

    assert [each for page in found for each in ids_of(page)] == [f"e{number}" for number in range(8, -1, -1)]
    assert all(page["items"] for page in found)


def test_an_item_longer_than_a_page_comes_alone() -> None:
    messages = [make_message(f"e{number}", changed_at=at(number)) for number in range(3)]
    long = make_message("long", changed_at=at(5), description={"pl": "ą" * 5_000})

    assert ids_of(next(pages(make_programme([*messages, long]), SMALL))) == ["long"]


def test_news_are_the_newest_200_items() -> None:
    programme = make_programme(make_message(f"e{number:03}", changed_at=at(number)) for number in range(300))
    feed = make_feed(REAL, "rss")
    update(feed, programme, RenderCache(REAL))

    guids = [each.text for each in etree.fromstring(body_of(feed.plain)).iterfind("channel/item/guid")]

    assert guids == [f"tag:kalendarium.zrot.pl,2026:event:e{number:03}:pl" for number in range(299, 99, -1)]


def region_programme() -> list[EventPublished]:
    """The programme of this repository's region pack, with the names of those who send it, a tenth of it cancelled."""
    region = make_region()
    found = build_programme(load_programme(PACK, region), 2027, zone=region.time_zone)
    return [
        make_message(
            f"01a22780-b755-7383-9398-{number:012}",
            organiser=Organiser(slug, region.organisations[slug].name),
            status="confirmed" if number % 10 else "cancelled",
            event=dict(event),
        )
        for number, (slug, event) in enumerate(found)
    ]


def long_texts() -> list[EventPublished]:
    """Events with every text at its limit, in letters that take two bytes, and with signs that must be escaped."""
    fields: dict[str, Any] = {
        "title": {"pl": "ż" * get_field("title").limit},
        "summary": {"pl": "<ż&" * (get_field("summary").limit // 3)},
        "description": {"pl": "ż&\n" * (get_field("description").limit // 3)},
    }
    return [make_message(f"01a22780-b755-7383-9398-{number:012}", **fields) for number in range(60)]


WHOLE_REGION = Selection(
    counties=tuple(sorted(make_region().counties)), categories=tuple(sorted(make_region().categories))
)


@pytest.mark.parametrize("messages", [region_programme(), long_texts()], ids=["region", "long texts"])
@pytest.mark.parametrize("language", ["uk", "ja"])
@pytest.mark.parametrize("selection", [Selection(), WHOLE_REGION], ids=["programme", "every filter"])
def test_no_document_of_news_is_longer_than_250_kb(
    messages: list[EventPublished], language: str, selection: Selection
) -> None:
    programme, blocks = make_programme(messages), RenderCache(REAL)
    for extension in ("rss", "json"):
        after: NewsPosition | None = None
        while True:
            address = FeedAddress(Query(selection, language), extension, after)
            feed = Feed(address, REAL[extension], "programme")
            update(feed, programme, blocks)
            body = body_of(feed.plain)
            assert 0 < len(body) <= MOST_BYTES
            next_url = json.loads(body).get("next_url") if extension == "json" else None
            if next_url is None:
                break
            _, after = split_page(urlsplit(next_url).query)


def test_a_place_of_a_page_is_short_enough_for_an_address() -> None:
    programme = make_programme(region_programme() + long_texts())

    addresses = [page["next_url"] for page in pages(programme) if "next_url" in page]

    assert addresses
    assert max(map(len, addresses)) < 256


class Change(NamedTuple):
    """Something that is done to an event; ``ago`` sets its time back, as nobody does but another log."""

    number: int
    county: str
    act: str
    ago: int


ACTS = ("publish", "publish", "cancel", "move", "withdraw", "spoil", "long")
CHANGES = st.lists(
    st.builds(Change, st.integers(0, 25), st.sampled_from(("3262", "3261")), st.sampled_from(ACTS), st.integers(0, 3)),
    max_size=60,
)


def change(programme: Programme, done: Change, revision: int) -> str:
    number, county, act, ago = done
    event_id = f"event-{number}"
    if act == "withdraw":
        facets = EventFacets(county, ["maritime"], "2027-08-14", "2027-08-16")
        programme.withdraw(make_withdrawal(event_id, revision, at(revision * 4 - ago * 7 + 30), facets))
        return event_id
    moment = at(revision * 4 - ago * 7 + 30)
    more: dict[str, Any] = {"dates": HIDDEN} if act == "spoil" else {}
    more |= {"description": {"pl": "długi " * 300}} if act == "long" else {}
    if act == "move":
        more |= {"dates": LATER, "previous_dates": FIRST, "notice": Notice("moved", revision, moment)}
    if act == "cancel":
        more |= {"status": "cancelled", "notice": Notice("cancelled", revision, moment)}
    venue = {"town": "Szczecin", "county": county}
    programme.publish(encode(make_message(event_id, revision, venue=venue, changed_at=moment, **more)))
    return event_id


@pytest.mark.parametrize("extension", ["json", "rss"])
@settings(max_examples=25, deadline=None)
@given(
    before=CHANGES,
    after=CHANGES,
    start=st.integers(0, 120),
    selection=st.sampled_from((Selection(counties=("3262",)), AUGUST)),
)
def test_every_page_has_the_same_bytes_whatever_its_history(
    extension: str, before: list[Change], after: list[Change], start: int, selection: Selection
) -> None:
    """The first page and one somewhere behind it live through every change."""
    place: NewsPosition = (-1_793_577_600_000_000 - start * 60_000_000, 1, "")
    places = (None, place) if extension == "json" else (None,)
    programme, blocks, revision = Programme(), RenderCache(SMALL), 0
    feeds = [make_feed(SMALL, extension, after=each, selection=selection) for each in places]
    for batch in (before, after[: len(after) // 2], after[len(after) // 2 :]):
        for each in batch:
            revision += 1
            event_id = change(programme, each, revision)
            for feed in feeds:
                if feed.is_ready:
                    tell(feed, event_id, programme)
        for feed in feeds:
            while not feed.is_ready or feed.pending:
                update(feed, programme, blocks)

    for feed in feeds:
        fresh = make_feed(SMALL, extension, after=feed.address.after, selection=selection)
        update(fresh, programme, RenderCache(SMALL))
        assert body_of(feed.plain) == body_of(fresh.plain)
        assert (feed.plain.start, feed.gzipped.start) == (fresh.plain.start, fresh.gzipped.start)


@pytest.mark.parametrize("extension", ["json", "rss"])
@settings(max_examples=20, deadline=None)
@given(before=CHANGES, between=st.lists(CHANGES.map(lambda each: each[:3]), min_size=1, max_size=12))
def test_changes_in_the_middle_of_an_update_are_not_lost(
    extension: str, before: list[Change], between: list[list[Change]]
) -> None:
    programme, blocks, revision = Programme(), RenderCache(SMALL), 0
    for each in before:
        revision += 1
        change(programme, each, revision)
    feed = make_feed(SMALL, extension)
    waiting = iter(between)
    for _ in feed.update(programme, blocks, lambda _: VERSION):
        for each in next(waiting, ()):
            revision += 1
            event_id = change(programme, each, revision)
            tell(feed, event_id, programme)
    while feed.pending:
        update(feed, programme, blocks)

    fresh = make_feed(SMALL, extension)
    update(fresh, programme, RenderCache(SMALL))
    assert body_of(feed.plain) == body_of(fresh.plain)


class Counting(JsonFeed):
    """JSON Feed that counts what it writes."""

    written = 0

    def render_event(self, message: EventPublished, language: str) -> bytes:
        self.written += 1
        return super().render_event(message, language)


@pytest.mark.parametrize("size", [300, 3_000])
def test_a_feed_of_news_costs_what_it_shows_however_large_the_programme(size: int) -> None:
    counting = Counting(SITE)
    formats = {"json": counting}
    programme = make_programme(make_message(f"e{number}", changed_at=at(number % 1_000)) for number in range(size))
    blocks, feed = RenderCache(formats), make_feed(formats, "json")
    update(feed, programme, blocks)
    cold, counting.written = counting.written, 0

    programme.publish(encode(make_message("e7", 2, changed_at=at(1_400))))
    feed.pending.add("e7")
    update(feed, programme, blocks)

    assert (cold <= 201, counting.written) == (True, 1)


def test_what_happens_on_the_first_page_does_not_concern_those_behind_it() -> None:
    programme = make_programme(make_message(f"e{number}", changed_at=at(number)) for number in range(9))
    blocks = RenderCache(SMALL)
    first = make_feed(SMALL, "json")
    update(first, programme, blocks)
    _, after = split_page(urlsplit(json.loads(body_of(first.plain))["next_url"]).query)
    second = make_feed(SMALL, "json", after=after)
    update(second, programme, blocks)

    programme.publish(encode(make_message("e8", 2, changed_at=at(20))))

    listing = programme.get("e8")
    assert (first.is_affected_by("e8", listing), second.is_affected_by("e8", listing)) == (True, False)
