"""RSS 2.0: one item an event and language, newest notice first, with what the ev: module says of events.

A ``guid`` names the language too, because readers keep guids unique over all feeds (standards.md 2.1); ``pubDate`` is
when the notice was published, never the event's date.
"""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import Any, Final

from feedgen.entry import FeedEntry
from feedgen.ext.dc import DcEntryExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from services.distribution.formats.dates import AllDay
from services.distribution.formats.imprint import Imprint
from services.distribution.formats.port import Heading
from services.distribution.formats.reading import Reading, read
from shared.messages import EventPublished

TTL_MINUTES: Final = 60
TAG_YEAR: Final = 2026
"""The year in which the tag: addresses were minted (RFC 4151); it never changes."""

_NAMESPACES: Final = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "ev": "http://purl.org/rss/1.0/modules/event/",
    "georss": "http://www.georss.org/georss",
}
_DECLARATIONS: Final = "".join(f' xmlns:{name}="{uri}"' for name, uri in _NAMESPACES.items()).encode()
_TAIL: Final = b"</channel>\n</rss>\n"


class Rss:
    """The format of news readers."""

    extension = "rss"
    content_type = "application/rss+xml; charset=utf-8"
    joiner = b""
    newest_first = True

    def __init__(self, imprint: Imprint) -> None:
        self._imprint = imprint

    def head(self, heading: Heading) -> bytes:
        """Write the channel's own elements."""
        channel = _channel(self._imprint, heading)
        root = etree.Element("rss", nsmap=_NAMESPACES, version="2.0")
        root.append(channel)
        written: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True)
        return written.removesuffix(b"</channel></rss>") + b"\n"

    def block(self, message: EventPublished, language: str) -> bytes:
        """Write one item; its namespaces are those that the head declares."""
        item = _item(read(message, language, self._imprint))
        root = etree.Element("rss", nsmap=_NAMESPACES)
        root.append(item)
        written: bytes = etree.tostring(item, encoding="utf-8")
        return written.replace(_DECLARATIONS, b"", 1) + b"\n"

    def tail(self) -> bytes:
        """Close the channel."""
        return _TAIL


def guid(event_id: str, language: str, imprint: Imprint) -> str:
    """Name an event's notice in a language, for ever."""
    return f"tag:{imprint.region.uid_domain},{TAG_YEAR}:event:{event_id}:{language}"


def _channel(imprint: Imprint, heading: Heading) -> Any:  # noqa: ANN401 - lxml has no types
    asked = heading.asked
    feed = FeedGenerator()
    feed.title(imprint.feed_title(asked))
    feed.link(href=imprint.feed_url(asked, "rss"), rel="self", type="application/rss+xml")
    feed.link(href=imprint.selection_page(asked), rel="alternate")  # the last one becomes the channel's link
    feed.description(imprint.feed_description(asked))
    feed.language(asked.language)
    feed.ttl(TTL_MINUTES)
    feed.generator("Kalendarium")
    if heading.newest:
        feed.lastBuildDate(heading.newest)
    channel = etree.fromstring(feed.rss_str()).find("channel")
    if not heading.newest:
        channel.remove(channel.find("lastBuildDate"))  # it would be the present moment
    return channel


def _item(reading: Reading) -> Any:  # noqa: ANN401 - lxml has no types
    entry = FeedEntry()
    entry.title(reading.headline)
    entry.link(href=reading.page)
    entry.guid(guid(reading.message.event_id, reading.language, reading.imprint), permalink=False)
    entry.pubDate(datetime.fromisoformat(reading.message.changed_at).astimezone(UTC).replace(microsecond=0))
    entry.description(_short(reading))
    entry.content(_html(reading), type="CDATA")
    for label in reading.categories:
        entry.category(term=label)
    entry.register_extension("dc", DcEntryExtension, atom=False)
    entry.dc.dc_language(reading.body_language)
    entry.dc.dc_creator(reading.organiser)
    item = entry.rss_entry()
    for name, value in _event_elements(reading):
        etree.SubElement(item, name).text = value
    return item


def _event_elements(reading: Reading) -> list[tuple[str, str]]:
    """Say when and where in the words of the ev: and georss modules; days are inclusive as people say them."""
    found, venue = reading.when, reading.event.venue
    if isinstance(found, AllDay):
        start, end = found.first.isoformat(), found.last.isoformat()
    else:
        start, end = found.start.isoformat(), (found.end or found.start).isoformat()
    elements = {"startdate": start, "enddate": end, "location": reading.place, "organizer": reading.organiser}
    if reading.categories:
        elements["type"] = reading.categories[0]
    pairs = [(f"{{{_NAMESPACES['ev']}}}{name}", value) for name, value in elements.items()]
    if venue.lat is not None and venue.lon is not None:
        pairs.append((f"{{{_NAMESPACES['georss']}}}point", f"{round(venue.lat, 6)} {round(venue.lon, 6)}"))
    return pairs


def _short(reading: Reading) -> str:
    """Say when, where and what in a few lines."""
    lines = [*reading.notices, reading.place, *reading.fallback_notes]
    return "\n".join(lines + ([reading.summary.value] if reading.summary else []))


def _html(reading: Reading) -> str:
    """Write everything as paragraphs. Escaping also keeps ``]]>`` from ending the CDATA section."""
    blocks = "\n".join(reading.lines()).split("\n\n")
    text = [escape(block, quote=False).replace("\n", "<br/>") for block in blocks]
    links = [f'<a href="{each}">{each}</a>' for each in map(escape, reading.links)]
    return "".join(f"<p>{each}</p>" for each in [*text, *links])
