"""Blocks inside spans, which HTML does not allow."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Final

BLOCKS: Final = frozenset({"p", "form", "div", "ul"})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.spans = 0
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "span":
            self.spans += 1
        elif tag in BLOCKS and self.spans:
            self.found.append(f"{tag} {dict(attrs)}")

    def handle_endtag(self, tag: str) -> None:
        if tag == "span":
            self.spans -= 1


def list_blocks_in_spans(page: str) -> list[str]:
    reader = _Reader()
    reader.feed(page)
    return reader.found
