"""What templates in ``parts/`` are given, as far as several services give it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from shared.remarks import REMARK_LIMIT
from shared.web.pages.layout import Link


@dataclass(frozen=True, slots=True)
class Tag:
    """For ``tag.html``; ``text`` replaces the kind's own word."""

    kind: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class FactLine:
    """``lang`` is empty where it is the page's."""

    text: str
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """For ``facts.html``; ``lang`` is that of the lines that are strings, empty where it is the page's."""

    label: str
    lines: Sequence[str | FactLine] = ()
    lang: str = ""
    links: Sequence[Link] = ()


@dataclass(frozen=True, slots=True)
class ErrorLink:
    """A line of ``errors.html``; ``id`` is the input's."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A probable slip for ``questions`` of ``messages.html``; ``label`` is the field's, ``id`` the input's, if any."""

    label: str
    text: str
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadItem:
    """For ``thread.html``; an "event" has no paragraphs."""

    side: Literal["ours", "theirs", "inner", "event"]
    instant: str
    when: str
    who: str = ""
    what: str = ""
    paragraphs: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RemarkForm:
    """For ``thread.html``; ``key`` becomes the remark's id, so that a form sent twice adds one."""

    id: str
    action: str
    key: str
    label: str
    hint: str
    button: str
    text: str = ""
    error: str = ""
    limit: int = REMARK_LIMIT


def split_paragraphs(text: str) -> list[str]:
    return [each for each in text.split("\n") if each]
