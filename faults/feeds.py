"""Reads what a feed holds, in the formats that readers poll; quick, because it is done many times a second."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from html import unescape
from typing import Any, Final

import msgspec

from faults.history import Feed, Shown

_COMPONENT = re.compile(r"^BEGIN:VEVENT\r\n(.*?)^END:VEVENT", re.DOTALL | re.MULTILINE)
_PROPERTY = re.compile(r"^(UID|SUMMARY|SEQUENCE|STATUS)[^:\r\n]*:(.*?)\r$", re.MULTILINE)
_ITEM = re.compile(rb"<item>(.*?)</item>", re.DOTALL)
_RSS_TITLE = re.compile(rb"<title>(.*?)</title>", re.DOTALL)
_GUID = re.compile(rb"<guid[^>]*>tag:[^:]*:event:([^:<]+):")

Entries = Iterator[tuple[str, Shown]]


def _json(body: bytes) -> Entries:
    for item in msgspec.json.decode(body)["items"]:
        event: Mapping[str, Any] = item["_event"]
        yield _id(event["uid"]), Shown(item["title"], event["revision"], event["status"] == "cancelled")


def _ics(body: bytes) -> Entries:
    for component in _COMPONENT.findall(body.decode().replace("\r\n ", "")):
        found = dict(_PROPERTY.findall(component))
        yield _id(found["UID"]), Shown(found["SUMMARY"], int(found["SEQUENCE"]), found.get("STATUS") == "CANCELLED")


def _rss(body: bytes) -> Entries:
    for item in _ITEM.findall(body):
        guid, title = _GUID.search(item), _RSS_TITLE.search(item)
        if guid and title:
            yield guid[1].decode(), Shown(unescape(title[1].decode()))


def _id(uid: str) -> str:
    return uid.split("@", maxsplit=1)[0]


READERS: Final[Mapping[str, Callable[[bytes], Entries]]] = {"json": _json, "ics": _ics, "rss": _rss}


def read_feed(extension: str, body: bytes) -> Feed:
    """Read a feed: what it shows under each event's id, which is one thing unless it is doubled."""
    found: defaultdict[str, list[Shown]] = defaultdict(list)
    for event_id, shown in READERS[extension](body):
        found[event_id].append(shown)
    return dict(found)
