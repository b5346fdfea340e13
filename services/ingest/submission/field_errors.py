"""Field errors: codes and texts of validation."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any, Self

from babel.dates import format_date
from pydantic_core import ErrorDetails, PydanticCustomError

from shared.event.fields import FIELDS
from shared.field_error import FieldError
from shared.i18n.languages import get_locale
from shared.i18n.text import DEFAULT, Text, gettext_noop


class Day(Text):
    """A day inside a text, in words of the reader's language; alone it reads as Polish."""

    __slots__ = ("day",)

    day: date

    def __new__(cls, day: date) -> Self:
        made = super().__new__(cls, format_date(day, "long", locale=get_locale(DEFAULT)))
        made.day = day
        return made

    def in_language(self, language: str) -> str:
        return format_date(self.day, "long", locale=get_locale(language))


MAX_ERRORS = 50


class ValidationFailed(Exception):
    """``errors`` are in the order of the fields; beyond :data:`MAX_ERRORS` they are counted in ``more``."""

    def __init__(self, errors: Sequence[FieldError], *, more: int = 0) -> None:
        super().__init__(", ".join(f"{error.field}: {error.code}" for error in errors))
        self.errors = tuple(errors)
        self.more = more


def invalid(code: str, text: str, **values: Any) -> PydanticCustomError:  # noqa: ANN401 - a text is filled with anything
    """Make the error by which a field's rule rejects its value; the model adds the path."""
    return PydanticCustomError(CODE_PREFIX + code, text, values or None)


CODE_PREFIX = "ours."
"""Prefix of our codes inside the model, where pydantic has its own, such as ``too_long``."""

AT = "at"
"""The value of an error that says where it is, below the field that found it."""

NOT_JSON = ("not_json", gettext_noop("This is not valid JSON. Send one object, written in UTF-8."))

_PYDANTIC_ERRORS: Mapping[str, tuple[str, str]] = {
    "missing": ("required", gettext_noop("This field is required.")),
    "extra_forbidden": ("unknown_field", gettext_noop("There is no such field. Check the spelling or remove it.")),
    "string_type": ("wrong_type", gettext_noop("This must be a text.")),
    "bool_type": ("wrong_type", gettext_noop("This must be true or false.")),
    "int_type": ("wrong_type", gettext_noop("This must be a whole number.")),
    "int_from_float": ("wrong_type", gettext_noop("This must be a whole number.")),
    "float_type": ("wrong_type", gettext_noop("This must be a number, for example 53.43.")),
    "finite_number": ("wrong_type", gettext_noop("This must be a number, for example 53.43.")),
    "list_type": ("wrong_type", gettext_noop("This must be a list.")),
    "dict_type": ("wrong_type", gettext_noop('This must be an object, for example {"pl": "…"}.')),
    "model_type": ("wrong_type", gettext_noop("This must be an object with fields.")),
    "model_attributes_type": ("wrong_type", gettext_noop("This must be an object with fields.")),
    "string_unicode": ("control_character", gettext_noop("The text holds a character that cannot be written.")),
    "literal_error": ("unknown_value", gettext_noop("Allowed values: %(expected)s.")),
    "greater_than_equal": ("out_of_range", gettext_noop("Give a number not below %(ge)s.")),
    "less_than_equal": ("out_of_range", gettext_noop("Give a number not above %(le)s.")),
    "too_long": ("too_many", gettext_noop("There are %(actual_length)s items, at most %(max_length)s are taken.")),
    "json_invalid": NOT_JSON,
    "json_type": NOT_JSON,
}

_REQUIRED_TEXTS: Mapping[str, str] = {
    **{field.name: field.required for field in FIELDS if field.required},
    "title.pl": gettext_noop("Give a title in Polish."),
    "dates.certainty": gettext_noop("Choose how certain the date is."),
    "dates.start": gettext_noop("Give the first day."),
    "dates.end": gettext_noop("Give the last day; for an event of one day the same as the first."),
    "venue.town": gettext_noop("Give the town."),
    "venue.county": gettext_noop("Choose a county."),
    "images.alt.pl": gettext_noop("Say in Polish what the picture shows."),
    "images.credit": gettext_noop("Say who made the picture, or who owns the rights in it."),
    "images.licence": gettext_noop("Choose the licence of the picture."),
}
_ITEM = re.compile(r"(?<=images\.)[0-9]+\.")


def convert_error(error: ErrorDetails) -> FieldError:
    """Keep code and text of our own errors, replace pydantic's."""
    below = error.get("ctx", {}).get(AT)
    place = ".".join([*(str(part) for part in error["loc"] if part != "[key]"), *([below] if below else [])])
    code, text = _PYDANTIC_ERRORS.get(error["type"], (error["type"].removeprefix(CODE_PREFIX), error["msg"]))
    place += ".pl" if code == "required" and place.endswith(".alt") else ""
    kind = _ITEM.sub("", place)
    if code == "empty" and kind in _REQUIRED_TEXTS:
        code = "required"
    if code == "required":
        text = _REQUIRED_TEXTS.get(kind, text)
    if code == "required" and place == "title":
        place = "title.pl"
    return make_field_error(place, code, text, error.get("ctx", {}))


def make_field_error(field: str, code: str, msgid: str, values: Mapping[str, Any] = MappingProxyType({})) -> FieldError:
    """Fill the text with values; a date becomes a day in words."""
    params = {name: Day(value) if isinstance(value, date) else value for name, value in values.items()}
    return FieldError(field, Text(msgid, params), code)


def reword(error: FieldError, msgid: str) -> FieldError:
    """Replace the text, keep what fills it."""
    params = error.message.params if isinstance(error.message, Text) else {}
    return replace(error, message=Text(msgid, params))
