"""Shortens and cleans request data that a response repeats. Pure."""

from __future__ import annotations

from typing import Final

from shared.plain_text import UNSHOWABLE

MAX_LENGTH: Final = 100


def echo(text: str, *, max_length: int = MAX_LENGTH) -> str:
    """Replace what UTF-8 or a page cannot carry by U+FFFD."""
    cut = text if len(text) <= max_length else f"{text[: max_length - 1]}…"
    return cut if cut.isprintable() else UNSHOWABLE.sub("\ufffd", cut)
