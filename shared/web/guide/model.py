"""A guide as a page: chapters, and a body made of Markdown. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_LEFT_OUT: Final = re.compile(r"['’“”?]")
_NO_LETTER: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Picture:
    """``width`` and ``height`` in pixels keep its place until it has come."""

    url: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Chapter:
    """``id`` is the same in every language: pages lead to it."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Guide:
    title: str
    chapters: Sequence[Chapter]
    body: Markup


FindPicture = Callable[[str], Picture]
"""Finds a picture by the path that the Markdown names."""


def list_ids(english: str) -> list[str]:
    """Return the id of each chapter, made of its English title."""
    return [_make_id(title.content) for _opening, title in _find_headings(_parse(english), "h2")]


def parse_guide(written: str, *, ids: Sequence[str], find_picture: FindPicture, addresses: Mapping[str, str]) -> Guide:
    """Make a guide of Markdown that begins with its title; ``addresses`` are those of the files that links name.

    Raises KeyError for a link to anything else, ValueError if there are more or fewer chapters than ``ids``.
    """
    title, *tokens = _parse(written)[1:]
    chapters = []
    for chapter_id, (opening, heading) in zip(ids, _find_headings(tokens, "h2"), strict=True):
        opening.attrSet("id", chapter_id)
        chapters.append(Chapter(chapter_id, heading.content))
    for token in tokens:
        token.children = list(_lead(token.children or (), find_picture, addresses)) or None
    parser = _make_parser()
    # Safe: the parser escapes whatever looks like HTML, and the files are ours.
    return Guide(title.content, chapters, Markup(parser.renderer.render(tokens[1:], parser.options, {})))  # noqa: S704


def _lead(children: Iterable[Token], find_picture: FindPicture, addresses: Mapping[str, str]) -> Iterator[Token]:
    """Give links and pictures the addresses that they have on pages; a picture leads to itself, to be seen larger."""
    for each in children:
        if each.type == "image":
            picture = find_picture(str(each.attrs["src"]))
            each.attrs |= {
                "src": picture.url,
                "width": picture.width,
                "height": picture.height,
                "loading": "lazy",
            }
            yield Token("link_open", "a", 1, attrs={"href": picture.url})
            yield each
            yield Token("link_close", "a", -1)
            continue
        if each.type == "link_open":
            each.attrs["href"] = addresses[str(each.attrs["href"])]
        yield each


def _make_parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False})


def _parse(written: str) -> list[Token]:
    return _make_parser().parse(written)


def _find_headings(tokens: Sequence[Token], tag: str) -> Iterator[tuple[Token, Token]]:
    """Find each opening of a heading, and its text."""
    for opening, text in pairwise(tokens):
        if opening.type == "heading_open" and opening.tag == tag:
            yield opening, text


def _make_id(title: str) -> str:
    return _NO_LETTER.sub("-", _LEFT_OUT.sub("", title.lower())).strip("-")
