"""Hides the links of a mail that let somebody in, and puts them back for sending. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape, unescape
from typing import Final

from shared.mail.model import RenderedMail

HIDDEN: Final = "[…]"
"""What is shown instead of a link."""
_LINK: Final = re.compile(r"https?://[^\s\"<>\ue000\ue001]+")
_MARK: Final = re.compile("\ue000([0-9]{1,4})\ue001")
"""Private-use characters, which no text of ours holds: rendering strips them."""


def hide_links(rendered: RenderedMail) -> tuple[RenderedMail, tuple[str, ...]]:
    """Give the mail with marks for its links, and the links."""
    links: dict[str, int] = {}

    def mark(link: str) -> str:
        return f"\ue000{links.setdefault(link, len(links))}\ue001"

    subject = _LINK.sub(lambda found: mark(found[0]), rendered.subject)
    text = _LINK.sub(lambda found: mark(found[0]), rendered.text)
    html = _LINK.sub(lambda found: mark(unescape(found[0])), rendered.html)
    return RenderedMail(subject, text, html), tuple(links)


def restore_links(rendered: RenderedMail, links: tuple[str, ...]) -> RenderedMail:
    """The opposite of :func:`hide_links`; a mark without its link becomes :data:`HIDDEN`."""
    return replace(
        rendered,
        subject=_fill(rendered.subject, links),
        text=_fill(rendered.text, links),
        html=_fill(rendered.html, tuple(map(escape, links))),
    )


def _fill(text: str, links: tuple[str, ...]) -> str:
    def find(mark: re.Match[str]) -> str:
        number = int(mark[1])
        return links[number] if number < len(links) else HIDDEN

    return _MARK.sub(find, text)
