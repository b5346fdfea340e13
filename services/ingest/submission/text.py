"""Text rules of fields, and their errors."""

from __future__ import annotations

from collections.abc import Callable

from pydantic_core import PydanticCustomError

from services.ingest.submission.field_errors import invalid
from shared.i18n.text import gettext_noop
from shared.plain_text import (
    MOST_MARKS,
    TextEmpty,
    TextRefused,
    TextTooLong,
    TextUnshowable,
    normalize_code,
    normalize_line,
    normalize_text,
)

PRICE = 200
NAME = 200
SHORT = 40

Normalize = Callable[[str, int], str]


def clean_text(text: str, limit: int) -> str:
    """Raises PydanticCustomError: ``control_character``, ``empty``, ``too_many_marks`` or ``too_long`` (characters)."""
    return _normalize(normalize_text, text, limit)


def clean_line(text: str, limit: int) -> str:
    return _normalize(normalize_line, text, limit)


def clean_code(text: str, limit: int) -> str:
    return _normalize(normalize_code, text, limit)


def make_line_rule(limit: int) -> Callable[[str], str]:
    return lambda text: clean_line(text, limit)


def make_text_rule(limit: int) -> Callable[[str], str]:
    return lambda text: clean_text(text, limit)


def _normalize(normalize: Normalize, text: str, limit: int) -> str:
    try:
        return normalize(text, limit)
    except TextRefused as refused:
        raise _make_error(refused, limit) from None


def _make_error(refused: TextRefused, limit: int) -> PydanticCustomError:
    match refused:
        case TextEmpty():
            return invalid("empty", gettext_noop("This field is empty. Give a text or leave the field out."))
        case TextTooLong():
            message = gettext_noop("Too long: %(length)s characters, at most %(limit)s.")
            return invalid("too_long", message, length=refused.length, limit=limit)
        case TextUnshowable() if refused.before:
            message = gettext_noop(
                "After “%(before)s” stands the sign %(character)s, which cannot be shown. Delete it or "
                "type this place by hand."
            )
            return invalid("control_character", message, character=refused.sign, before=refused.before)
        case TextUnshowable():
            message = gettext_noop(
                "At the beginning stands the sign %(character)s, which cannot be shown. Delete it or type "
                "this place by hand."
            )
            return invalid("control_character", message, character=refused.sign)
    message = gettext_noop("One letter has more than %(limit)s diacritical marks. Leave only those that are needed.")
    return invalid("too_many_marks", message, limit=MOST_MARKS)
