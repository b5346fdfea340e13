"""The same programme comes out of one process on the embedded log and out of three on Kafka, byte for byte.

What must differ between two installations is taken out first: :func:`comparable` says what that is, and nothing else.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Iterator, Mapping
from typing import Final
from uuid import uuid4

import msgspec
import pytest

from deploy.local.ports import LOOPBACK, find_free_port
from services.demo.walkthrough import FORMATS, PublicAddresses
from shared.region import load_region
from shared.settings import CommonSettings
from tests.connected.conftest import StackShown
from tests.support.demonstrations import Demonstrated, demonstrate
from tests.support.running import REGION, together_process

pytestmark = [pytest.mark.connected, pytest.mark.slow, pytest.mark.timeout(600)]

TIMES: Final[Mapping[str, bytes]] = {
    "ics": rb"(?<=\r\n)(DTSTAMP|CREATED|LAST-MODIFIED):[0-9]{8}T[0-9]{6}Z",
    "rss": rb"<(pubDate|lastBuildDate)>[^<]+<",
    "json": rb'"(date_published|date_modified)":"[^"]+"',
}
"""When something was published or last changed; not when an event takes place."""
FEW: Final = 5
FEEDS: Final = ("programme", *load_region(REGION).channels)


@pytest.fixture(scope="module")
def demo_together(mongo_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstrated]:
    """The region's programme in every feed of one process with the embedded log."""
    folder, port, prefix = tmp_path_factory.mktemp("together"), find_free_port(), f"test_{uuid4().hex[:16]}"
    address = f"http://{LOOPBACK}:{port}"
    with together_process(folder, port, mongo_url=mongo_url, database_prefix=prefix):
        settings = CommonSettings(mongo_url=mongo_url, database_prefix=prefix)
        yield asyncio.run(demonstrate(settings, PublicAddresses(address, address, address)))
    shutil.rmtree(folder)


@pytest.mark.parametrize("extension", FORMATS)
@pytest.mark.parametrize("name", FEEDS)
def test_feed_is_the_same_out_of_one_process_and_out_of_three(
    demo_together: Demonstrated, demo_stack: StackShown, name: str, extension: str
) -> None:
    one = comparable(demo_together, name, extension)
    three = comparable(demo_stack.demonstrated, name, extension)
    if extension == "rss":
        one, three = in_both(one, three)

    assert one.splitlines() == three.splitlines()
    assert one == three


def comparable(demonstrated: Demonstrated, name: str, extension: str) -> bytes:
    """Give a feed without what belongs to one installation.

    - An **id** becomes the organisation's own name for the event.
    - An **address** of the installation becomes ``https://here``.
    - A **time** at which something was published or changed is left out (:data:`TIMES`). RSS and JSON show what is
      newest first, so there the order says these times too: their items are put in the order of their ids, those of
      JSON over all pages. What RSS has no room for follows from the times, too (:func:`in_both`).

    iCal lines are unfolded before, because any of these may stand across a fold.
    """
    feed = all_pages(demonstrated, name) if extension == "json" else demonstrated.feed(name, extension).content
    if extension == "ics":
        feed = feed.replace(b"\r\n ", b"")
    for event_id, external_id in demonstrated.names().items():
        feed = feed.replace(event_id.encode(), external_id.encode())
    feed = feed.replace(demonstrated.addresses.base_url.encode(), b"https://here")
    feed = re.sub(TIMES[extension], rb"\1", feed)
    return by_id(feed) if extension == "rss" else feed


def all_pages(demonstrated: Demonstrated, name: str) -> bytes:
    """Give a JSON feed as one document, an item a line, in the order of the organisations' names for them."""
    pages = list(demonstrated.pages(name))
    items = sorted((item for page in pages for item in page["items"]), key=lambda item: str(item["content_text"]))
    head = {name: value for name, value in pages[0].items() if name not in {"items", "next_url"}}
    return b"\n".join(map(msgspec.json.encode, [head, *items]))


def in_both(one: bytes, other: bytes) -> list[bytes]:
    """Leave out of two channels the few items that only one of them has room for."""
    both = set(one.split(b"<item>")) & set(other.split(b"<item>"))
    rest = [[item for item in feed.split(b"<item>") if item not in both] for feed in (one, other)]
    assert max(map(len, rest)) <= FEW
    return [b"<item>".join(item for item in feed.split(b"<item>") if item in both) for feed in (one, other)]


def by_id(rss: bytes) -> bytes:
    """Put the items of a channel in the order of their ids."""
    head, *items = rss.split(b"<item>")
    *whole, last = items
    last, end, tail = last.partition(b"</item>")
    ordered = sorted((*whole, last + end + b"\n"), key=lambda item: re.findall(rb"<guid[^>]*>([^<]+)", item))
    return b"<item>".join((head, *ordered)) + tail
