from __future__ import annotations

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.distribution.feeds.address import FeedAddress
from services.distribution.feeds.feed import Feed
from services.distribution.feeds.render_cache import RenderCache
from services.distribution.formats import Format, create_formats
from services.distribution.programme.model import Programme
from services.distribution.programme.selection import Query, Selection
from shared.messages import EventFacets, EventPublished
from tests.services.distribution.builders import encode, make_message, make_programme, make_site, make_withdrawal
from tests.services.distribution.rendering import VERSION, body_of, ready_feed, tell

FORMATS = create_formats(make_site())
EXTENSIONS = tuple(FORMATS)
TOWNS = {"3262": "Szczecin", "3261": "Koszalin"}
Change = tuple[int, int, str, str]


def update(feed: Feed, programme: Programme, blocks: RenderCache) -> int:
    """Bring a feed up to date and count the steps."""
    return sum(1 for _ in feed.update(programme, blocks, lambda _: VERSION))


def new_feed(extension: str, selection: Selection | None = None) -> Feed:
    address = FeedAddress(Query(selection or Selection(), "pl"), extension)
    return Feed(address, FORMATS[extension], f"programme.{extension}")


def apply(programme: Programme, change: Change, revision: int) -> str:
    number, day, county, act = change
    event_id = f"event-{number}"
    if act == "withdraw":
        facets = EventFacets(county, ["maritime"], f"2027-08-{day:02}", f"2027-08-{day:02}")
        programme.withdraw(make_withdrawal(event_id, revision, f"2026-11-02T10:{revision % 60:02d}:30Z", facets))
    else:
        programme.publish(
            encode(
                make_message(
                    event_id,
                    revision,
                    status="cancelled" if act == "cancel" else "confirmed",
                    dates={"certainty": "exact", "start": f"2027-08-{day:02}", "end": f"2027-08-{day:02}"},
                    venue={"town": TOWNS[county], "county": county},
                    title={"pl": f"Zdarzenie {number} {revision}"},
                )
            )
        )
    return event_id


CHANGES = st.lists(
    st.tuples(
        st.integers(0, 2_000),
        st.integers(1, 28),
        st.sampled_from(sorted(TOWNS)),
        st.sampled_from(("publish", "publish", "publish", "cancel", "withdraw")),
    ),
    max_size=80,
)


@pytest.mark.parametrize("extension", EXTENSIONS)
@settings(max_examples=25)
@given(before=CHANGES, after=CHANGES)
def test_a_feed_has_the_same_bytes_and_tags_whatever_its_history(
    extension: str, before: list[Change], after: list[Change]
) -> None:
    """One feed lives through every change, one is made from the last state only."""
    programme, blocks = Programme(), RenderCache(FORMATS)
    feed, revision = new_feed(extension, Selection(counties=("3262",))), 0
    for batch in (before, after[: len(after) // 2], after[len(after) // 2 :]):
        for change in batch:
            revision += 1
            event_id = apply(programme, change, revision)
            if feed.is_ready:
                tell(feed, event_id, programme)
        update(feed, programme, blocks)
    fresh = ready_feed(programme, extension, selection=Selection(counties=("3262",)))

    for one, other in ((feed.plain, fresh.plain), (feed.gzipped, fresh.gzipped)):
        assert body_of(one) == body_of(other)
        assert (one.start, one.etag) == (other.start, other.etag)
        assert dict(one.start["headers"])[b"content-length"] == str(len(body_of(one))).encode()


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_gzip_and_plain_hold_the_same(extension: str) -> None:
    feed = ready_feed(make_programme(make_message(f"e{number}") for number in range(300)), extension)

    assert gzip.decompress(body_of(feed.gzipped)) == body_of(feed.plain)


FACETS = EventFacets("3262", ["maritime"], "2027-08-14", "2027-08-16")


@pytest.mark.parametrize("extension", ["ics", "rss"])
@pytest.mark.parametrize(
    ("selection", "facets", "is_told"),
    [
        (Selection(), FACETS, True),
        (Selection(counties=("3262",), categories=("maritime",), first="2027-08-15"), FACETS, True),
        (Selection(counties=("3261",)), FACETS, False),
        (Selection(first="2027-08-17"), FACETS, False),
        (Selection(), None, False),
    ],
)
def test_the_last_change_of_a_feed_is_also_a_withdrawal_from_it(
    extension: str, selection: Selection, facets: EventFacets | None, *, is_told: bool
) -> None:
    """Messages of earlier releases do not say from which feeds an event was withdrawn; their bytes stay."""
    venues = {county: {"town": town, "county": county} for county, town in TOWNS.items()}
    autumn = {"certainty": "exact", "start": "2027-08-16", "end": "2027-10-01"}
    programme = make_programme(make_message(county, venue=venues[county], dates=autumn) for county in venues)
    programme.publish(encode(make_message("newest", 9)))
    programme.withdraw(make_withdrawal("newest", 10, "2026-11-03T10:00:00Z", facets))

    body = body_of(ready_feed(programme, extension, selection=selection).plain)

    told = {"ics": b"LAST-MODIFIED:20261103T100000Z", "rss": b"<lastBuildDate>Tue, 03 Nov 2026 10:00:00 +0000<"}
    assert (told[extension] in body) == is_told


def test_two_renders_from_cold_are_equal() -> None:
    messages = [make_message(f"e{number}") for number in range(50)]
    shuffled = messages[25:] + messages[:25][::-1]

    for extension in EXTENSIONS:
        one, other = (ready_feed(make_programme(each), extension).plain for each in (messages, shuffled))
        assert (body_of(one), one.etag) == (body_of(other), other.etag)


class Counting:
    """A format that counts what it is asked to write."""

    def __init__(self, form: Format) -> None:
        self._form = form
        self.events = 0

        self.extension, self.content_type = form.extension, form.content_type
        self.separator, self.window = form.separator, form.window
        self.render_head, self.render_tail, self.render_notice = form.render_head, form.render_tail, form.render_notice

    def render_event(self, message: EventPublished, language: str) -> bytes:
        self.events += 1
        return self._form.render_event(message, language)


def chunks_of(feed: Feed) -> set[bytes]:
    """The digests of each packed chunk of a feed."""
    return {piece.digest for piece in feed._index.chunks.chunks.values()}  # noqa: SLF001 - what is kept inside


def deflated(before: set[bytes], feed: Feed) -> int:
    """How many chunks are not as they were."""
    return len(chunks_of(feed) - before)


@pytest.mark.parametrize("size", [100, 3_000])
def test_a_change_costs_one_block_and_one_chunk_however_large_the_programme(size: int) -> None:
    counting = Counting(FORMATS["ics"])
    formats = {"ics": counting}
    programme = make_programme(make_message(f"e{number}") for number in range(size))
    blocks = RenderCache(formats)
    feed = Feed(FeedAddress(Query(Selection(), "pl"), "ics"), formats["ics"], "programme.ics")
    update(feed, programme, blocks)
    counting.events, before = 0, chunks_of(feed)

    programme.publish(encode(make_message("e7", 2)))
    feed.pending.add("e7")
    steps = update(feed, programme, blocks)

    assert counting.events == 1
    assert steps == 1  # a block rendered; its chunk is deflated in the last step
    assert deflated(before, feed) == 1


def test_an_event_that_leaves_the_selection_leaves_the_feed() -> None:
    programme, blocks = make_programme([make_message("a"), make_message("b")]), RenderCache(FORMATS)
    feed = new_feed("json", Selection(counties=("3262",)))
    update(feed, programme, blocks)

    programme.publish(encode(make_message("a", 9, venue={"town": "Koszalin", "county": "3261"})))
    feed.pending.add("a")
    update(feed, programme, blocks)

    assert b'"uid":"a@' not in body_of(feed.plain)


def test_old_bytes_are_answered_until_the_new_ones_are_whole() -> None:
    programme, blocks = make_programme([make_message("a")]), RenderCache(FORMATS)
    feed = new_feed("ics")
    update(feed, programme, blocks)
    old = feed.plain

    programme.publish(encode(make_message("a", 2, title={"pl": "Nowe"})))
    feed.pending.add("a")
    steps = feed.update(programme, blocks, lambda _: VERSION)
    next(steps)

    assert feed.plain is old
    assert list(steps) == []
    assert b"SUMMARY;LANGUAGE=pl:Nowe" in body_of(feed.plain)


def test_news_come_newest_first() -> None:
    messages = [make_message("old", 1), make_message("new", 9), make_message("middle", 5)]

    body = body_of(ready_feed(make_programme(messages), "rss").plain).decode()

    assert [body.index(f":event:{each}:") for each in ("new", "middle", "old")] == sorted(
        body.index(f":event:{each}:") for each in ("new", "middle", "old")
    )
