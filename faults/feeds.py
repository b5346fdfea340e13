"""Feed parsers for the formats that readers poll; quick, because they run many times a second."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from html import unescape
from typing import Any, Final

import msgspec

from faults.history import Feed, ShownEvent
from shared.json_feed import is_event

_COMPONENT = re.compile(r"^BEGIN:VEVENT\r\n(.*?)^END:VEVENT", re.DOTALL | re.MULTILINE)
_PROPERTY = re.compile(r"^(UID|SUMMARY|SEQUENCE|STATUS)[^:\r\n]*:(.*?)\r$", re.MULTILINE)
_ITEM = re.compile(rb"<item>(.*?)</item>", re.DOTALL)
_RSS_TITLE = re.compile(rb"<title>(.*?)</title>", re.DOTALL)
# Of an event's own item; that of a notice ends with ``#rev`` and a number.
_GUID = re.compile(rb"<guid[^>]*>tag:[^:]*:event:([^:<]+):[^:<#]+<")

Entries = Iterator[tuple[str, ShownEvent]]


def _parse_json(body: bytes) -> Entries:
    for item in filter(is_event, msgspec.json.decode(body)["items"]):
        event: Mapping[str, Any] = item["_event"]
        yield _parse_id(event["uid"]), ShownEvent(item["title"], event["revision"], event["status"] == "cancelled")


def _parse_ics(body: bytes) -> Entries:
    for component in _COMPONENT.findall(body.decode().replace("\r\n ", "")):
        found = dict(_PROPERTY.findall(component))
        yield (
            _parse_id(found["UID"]),
            ShownEvent(found["SUMMARY"], int(found["SEQUENCE"]), found.get("STATUS") == "CANCELLED"),
        )


def _parse_rss(body: bytes) -> Entries:
    for item in _ITEM.findall(body):
        guid, title = _GUID.search(item), _RSS_TITLE.search(item)
        if guid and title:
            yield guid[1].decode(), ShownEvent(unescape(title[1].decode()))


def _parse_id(uid: str) -> str:
    return uid.split("@", maxsplit=1)[0]


READERS: Final[Mapping[str, Callable[[bytes], Entries]]] = {"json": _parse_json, "ics": _parse_ics, "rss": _parse_rss}


def parse_feed(extension: str, body: bytes) -> Feed:
    """What it shows by event id: one entry, unless it is doubled."""
    found: defaultdict[str, list[ShownEvent]] = defaultdict(list)
    for event_id, shown in READERS[extension](body):
        found[event_id].append(shown)
    return dict(found)
