"""HTML as a reader of news shows it."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import NamedTuple


class Shown(NamedTuple):
    """The text that a person reads, and the names of the elements it is made of."""

    text: str
    tags: set[str]


def as_shown(html: str) -> Shown:
    """Show a piece of HTML; a line break is a line feed."""
    reading = _Reading()
    reading.feed(html)
    reading.close()
    return Shown("".join(reading.parts), reading.tags)


class _Reading(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.tags: set[str] = set()

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)
        if tag == "br":
            self.parts.append("\n")
