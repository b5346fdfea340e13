"""RSS 2.0, newest first: one item an event and language, with the ev: module's elements, and one item a notice.

Readers never show a known ``guid`` again, so a cancellation or move is an additional item. They keep guids unique over
all feeds, so a ``guid`` names the language. ``pubDate`` is when the item was published, never the event's date.
``description`` is HTML; in every other element ``&`` and ``<`` are hexadecimal references, the form that most readers
decode (RSS Advisory Board, best practices profile, "character data").
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from html import escape
from typing import Any, Final

from feedgen.entry import FeedEntry
from feedgen.ext.dc import DcEntryExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from services.distribution.formats.notices import build_notice_id, get_notice
from services.distribution.formats.port import MAX_BYTES, FeedHead, Window
from services.distribution.presentation.dates import DayRange, EventTime, TimeToDay
from services.distribution.presentation.localized_event import LocalizedEvent, localize
from services.distribution.presentation.pictures import FEED_TYPE, EventPicture
from services.distribution.presentation.site import Site
from shared.decimals import write_degrees
from shared.messages import EventPublished

TTL_MINUTES: Final = 60
UNKNOWN_LENGTH: Final = "0"
"""Of an enclosure, as the RSS Advisory Board advises where the bytes are not known."""
TAG_YEAR: Final = 2026
"""The year in which the tag: addresses were minted (RFC 4151); it never changes."""

_NAMESPACES: Final = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "ev": "http://purl.org/rss/1.0/modules/event/",
    "georss": "http://www.georss.org/georss",
}
MEDIA: Final = "http://search.yahoo.com/mrss/"
"""Declared where it is used: the head of a feed without pictures stays as it is."""
_DECLARATIONS: Final = "".join(f' xmlns:{name}="{uri}"' for name, uri in _NAMESPACES.items()).encode()
_TAIL: Final = b"</channel>\n</rss>\n"


class Rss:
    extension = "rss"
    content_type = "application/rss+xml; charset=utf-8"
    separator = b""
    window = Window(items=200, bytes=MAX_BYTES, is_paged=False)

    def __init__(self, site: Site) -> None:
        self._site = site

    def render_head(self, heading: FeedHead) -> bytes:
        channel = _build_channel(self._site, heading)
        root = etree.Element("rss", nsmap=_NAMESPACES, version="2.0")
        root.append(channel)
        if self._site.licence:
            etree.SubElement(channel, f"{{{_NAMESPACES['dc']}}}rights").text = self._site.licence.url
        written: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True)
        return _use_hex_references(written.removesuffix(b"</channel></rss>")) + b"\n"

    def render_event(self, message: EventPublished, language: str) -> bytes:
        return _serialize(_build_item(localize(message, language, self._site)))

    def render_notice(self, message: EventPublished, language: str) -> bytes:
        """Raises NoticeMissing: the event has no notice."""
        return _serialize(_build_notice(localize(message, language, self._site)))

    def render_tail(self) -> bytes:
        return _TAIL


def build_guid(event_id: str, language: str, site: Site) -> str:
    """The guid never changes; those of the event's notices begin with it."""
    return f"tag:{site.region.uid_domain},{TAG_YEAR}:event:{event_id}:{language}"


def _build_channel(site: Site, heading: FeedHead) -> Any:  # noqa: ANN401 - lxml has no types
    query = heading.query
    feed = FeedGenerator()
    feed.title(site.build_feed_title(query))
    feed.link(href=site.build_feed_url(query, "rss"), rel="self", type="application/rss+xml")
    feed.link(href=site.build_selection_url(query), rel="alternate")  # the last one becomes the channel's link
    feed.description(site.build_feed_description(query))
    feed.language(query.language)
    feed.ttl(TTL_MINUTES)
    feed.generator("Kalendarium")
    if site.licence:
        feed.rights(f"{site.licence.name} ({site.licence.url})")
    if heading.newest:
        feed.lastBuildDate(heading.newest)
    channel = etree.fromstring(feed.rss_str()).find("channel")
    if not heading.newest:
        channel.remove(channel.find("lastBuildDate"))  # it would be the present moment
    return channel


def _build_item(event: LocalizedEvent) -> Any:  # noqa: ANN401 - lxml has no types
    entry = _create_entry(event, event.headline, at=event.message.changed_at, language=event.body_language)
    entry.guid(build_guid(event.message.event_id, event.language, event.site), permalink=False)
    entry.description(_render_summary(event))
    entry.content(_render_html(event), type="CDATA")
    if event.picture:
        entry.enclosure(event.picture.build_url(), UNKNOWN_LENGTH, FEED_TYPE)
    if event.licence:
        entry.dc.dc_rights(event.licence.url)
    item = entry.rss_entry()
    for name, value in _list_event_elements(event):
        etree.SubElement(item, name).text = value
    if event.picture:
        item.append(_build_media(event.picture))
    return item


def _build_notice(event: LocalizedEvent) -> Any:  # noqa: ANN401 - lxml has no types
    notice = get_notice(event)
    entry = _create_entry(event, event.notice_headline, at=notice.at, language=event.language)
    own = build_guid(event.message.event_id, event.language, event.site)
    entry.guid(build_notice_id(own, notice), permalink=False)
    entry.description(_escape_lines("\n".join(event.build_notice_lines())))
    return entry.rss_entry()


def _create_entry(event: LocalizedEvent, title: str, *, at: str, language: str) -> FeedEntry:
    entry = FeedEntry()
    entry.title(title)
    entry.link(href=event.url)
    entry.pubDate(datetime.fromisoformat(at).astimezone(UTC).replace(microsecond=0))
    for label in event.category_names:
        entry.category(term=label)
    entry.register_extension("dc", DcEntryExtension, atom=False)
    entry.dc.dc_language(language)
    entry.dc.dc_creator(event.organiser)
    return entry


def _serialize(item: Any) -> bytes:  # noqa: ANN401 - lxml has no types
    """Serialize an item without the namespaces that the head declares."""
    root = etree.Element("rss", nsmap=_NAMESPACES)
    root.append(item)
    written: bytes = etree.tostring(item, encoding="utf-8")
    before, opened, cdata = written.replace(_DECLARATIONS, b"", 1).partition(b"<![CDATA[")
    html, closed, after = cdata.partition(b"]]>")
    return b"".join([_use_hex_references(before), opened, html, closed, _use_hex_references(after), b"\n"])


def _list_event_elements(event: LocalizedEvent) -> list[tuple[str, str]]:
    (first, last), venue = event.span, event.content.venue
    start = first.first if isinstance(first, DayRange) else first.start
    elements = {"startdate": start.isoformat(), "enddate": _get_end(last).isoformat()}
    elements |= {"location": event.location, "organizer": event.organiser}
    if event.category_names:
        elements["type"] = event.category_names[0]
    pairs = [(f"{{{_NAMESPACES['ev']}}}{name}", value) for name, value in elements.items()]
    if venue.lat is not None and venue.lon is not None:
        pairs.append((f"{{{_NAMESPACES['georss']}}}point", f"{write_degrees(venue.lat)} {write_degrees(venue.lon)}"))
    return pairs


def _get_end(found: EventTime) -> date:
    """A day, or a time; the start if no end is known."""
    return found.last if isinstance(found, DayRange | TimeToDay) else found.end or found.start


def _build_media(picture: EventPicture) -> Any:  # noqa: ANN401 - lxml has no types
    media = etree.Element(f"{{{MEDIA}}}content", nsmap={"media": MEDIA})
    media.attrib.update({"url": picture.build_url(), "medium": "image", "type": FEED_TYPE})
    if picture.alt:
        etree.SubElement(media, f"{{{MEDIA}}}description", type="plain").text = picture.alt
    if picture.credit:
        etree.SubElement(media, f"{{{MEDIA}}}credit").text = picture.credit
    if picture.licence:
        licence = etree.SubElement(media, f"{{{MEDIA}}}copyright")
        licence.text = picture.licence
        if picture.licence_url:
            licence.set("url", picture.licence_url)
    return media


def _render_summary(event: LocalizedEvent) -> str:
    lines = [*event.status_lines, *event.place_lines, *event.fallback_notes]
    return _escape_lines("\n".join(lines + ([event.summary.value] if event.summary else [])))


def _render_html(event: LocalizedEvent) -> str:
    """Escaping also keeps ``]]>`` from ending the CDATA section."""
    blocks = "\n".join(event.build_lines()).split("\n\n")
    text = [_escape_lines(block) for block in blocks]
    links = [f'<a href="{escape(url)}">{escape(label)}</a>' for label, url in event.links if url != event.url]
    return "".join(f"<p>{each}</p>" for each in [*_render_picture(event), *text, *links])


def _render_picture(event: LocalizedEvent) -> list[str]:
    """Whom to name for it stands among the facts."""
    picture = event.picture
    return [f'<img src="{escape(picture.build_url())}" alt="{escape(picture.alt)}"/>'] if picture else []


def _escape_lines(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br/>")


def _use_hex_references(xml: bytes) -> bytes:
    return xml.replace(b"&amp;", b"&#x26;").replace(b"&lt;", b"&#x3C;").replace(b"&gt;", b"&#x3E;")
