"""Judges of news. The W3C's feed validator is in no registry that we install from, so its rules stand here.

:func:`faults_of_rss` is a RELAX NG schema and what a schema cannot say: weekdays, unique ids, sound HTML.
:func:`faults_of_json` is a JSON schema and unique ids.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final

import feedparser
from jsonschema import Draft202012Validator, FormatChecker
from lxml import etree

from tests.feeds.markup import as_shown

HERE: Final = Path(__file__).parent
RSS: Final = etree.RelaxNG(etree.parse(HERE / "rss.rng"))
JSON_FEED: Final = Draft202012Validator(
    json.loads((HERE / "json_feed.schema.json").read_text(encoding="utf-8")), format_checker=FormatChecker()
)
CONTENT: Final = "{http://purl.org/rss/1.0/modules/content/}encoded"
HTML: Final = frozenset({"p", "br", "a", "img"})
"""What may stand in an item's text; a reader's own page is built with it."""
_PLAIN = re.compile(rb"<(title|category|dc:creator|ev:location|ev:organizer|ev:type)>[^<]*&(?!#x(?:26|3C|3E);)")
_RELATIVE = re.compile(r"""(?:href|src)=["'](?!https?://)""")


def faults_of_rss(feed: bytes) -> list[str]:
    """List what is wrong with an RSS feed; nothing, if readers may have it."""
    try:
        tree = etree.fromstring(feed)
    except etree.XMLSyntaxError as error:
        return [str(error)]
    RSS.validate(tree)
    found = [f"{error.line}: {error.message}" for error in RSS.error_log]
    found += [f"&, < and > are hexadecimal references in plain text: {each[0]!r}" for each in _PLAIN.finditer(feed)]
    for element in tree.iter("pubDate", "lastBuildDate"):
        found += _faults_of_date(element.text or "")
    found += _doubled([element.text or "" for element in tree.iter("guid")])
    for element in tree.iterfind("channel/item/description"):
        found += _faults_of_html(element.text or "")
    for element in tree.iter(CONTENT):
        found += _faults_of_html(element.text or "")
    parsed = feedparser.parse(feed)
    return found + ([f"feedparser: {parsed.bozo_exception}"] if parsed.bozo else [])


def faults_of_json(feed: bytes) -> list[str]:
    """List what is wrong with a page of a JSON Feed."""
    page: dict[str, Any] = json.loads(feed)
    found = [f"{error.json_path}: {error.message}" for error in JSON_FEED.iter_errors(page)]
    if page.get("next_url") == page.get("feed_url"):
        found.append("next_url leads to where one is")
    return found + _doubled([str(item.get("id")) for item in page.get("items", [])])


def _doubled(ids: list[str]) -> list[str]:
    return [f"{each} stands twice" for each, count in Counter(ids).items() if count > 1]


def _faults_of_date(written: str) -> Iterator[str]:
    try:
        read = parsedate_to_datetime(written)
    except ValueError as error:
        yield str(error)
        return
    if f"{read:%a}" != written[:3]:
        yield f"{written} is a {read:%A}"


def _faults_of_html(html: str) -> Iterator[str]:
    if foreign := as_shown(html).tags - HTML:
        yield f"these do not belong into an item: {sorted(foreign)}"
    if relative := _RELATIVE.search(html):
        yield f"an address is not absolute: {relative[0]}"
