"""Picture fields of the form, to and from an event's ``images``: numbered from 1, in the order in which they are shown.

What a form may hold of a picture is said once it is sent: a draft may lack all of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from services.ingest.submission.field_errors import make_field_error
from shared.date_input import UnreadableInput, read_day, write_day
from shared.event.model import Image
from shared.event.vocabulary import MAX_IMAGES
from shared.field_error import FieldError
from shared.i18n.languages import LANGUAGES
from shared.i18n.text import gettext_noop

FormValues = Mapping[str, Sequence[str]]

NUMBERS: Final = range(1, MAX_IMAGES + 1)
PARTS: Final = ("media", *(f"alt.{code}" for code in LANGUAGES), "credit", "licence", "valid_until")
NAMES: Final = frozenset(f"images.{number}.{part}" for number in NUMBERS for part in PARTS)
CHOOSER: Final = "picture"
"""The input where files are chosen; they belong to no picture yet."""
CAMERA: Final = "photo"
"""The same, for a telephone's camera."""
PICTURE_BUTTON: Final = "picture_act"
"""What a button does to the pictures: ``add``, or ``remove 3``, ``earlier 3``, ``later 3``, ``focus 3``."""
_MEDIA: Final = re.compile("[0-9a-f]{64}")
_NAME: Final = re.compile(r"images\.([0-9])\.(.+)")

_NOT_SENT: Final = gettext_noop(
    "You chose a picture, but did not send it. Choose it again and press “Send the chosen pictures” first."
)


class NoRoom(Exception):
    """The event has as many pictures as it may."""


class ShownAlready(Exception):
    """The event has this picture already."""


def list_numbers(fields: FormValues) -> list[int]:
    """List the numbers of the pictures that the form has."""
    return [number for number in NUMBERS if get_media(fields, number)]


def get_media(fields: FormValues, number: int) -> str:
    """Return the picture's name; empty if there is none, or what came is no name."""
    found = _get_value(fields, f"images.{number}.media")
    return found if _MEDIA.fullmatch(found) else ""


def parse_pictures(fields: FormValues) -> list[dict[str, Any]]:
    """Make ``images`` as the API takes them; what is unreadable stays as typed."""
    return [_parse_picture(fields, number) for number in list_numbers(fields)]


def write_pictures(images: Iterable[Image]) -> dict[str, str]:
    written: dict[str, str] = {}
    named = (each for each in images if each.media)
    for number, each in zip(NUMBERS, named, strict=False):
        values = {
            "media": each.media,
            **{f"alt.{code}": text for code, text in each.alt.items()},
            "credit": each.credit or "",
            "licence": each.licence or "",
            "valid_until": write_day(each.valid_until) if each.valid_until else "",
        }
        written |= {f"images.{number}.{part}": value for part, value in values.items() if value}
    return written


def find_picture_error(error: FieldError, fields: FormValues) -> FieldError:
    """Place an error at its input: ``images.0.credit`` is of the first picture, whatever its number."""
    index, _, part = error.field.removeprefix("images.").partition(".")
    numbers = list_numbers(fields)
    if not index.isdigit() or int(index) >= len(numbers):
        return replace(error, field=CHOOSER)
    name = f"images.{numbers[int(index)]}.{'alt.pl' if part == 'alt' else part or 'media'}"
    if part == "valid_until" and error.code == "not_a_date":
        try:
            read_day(_get_value(fields, name))
        except UnreadableInput as wrong:
            return make_field_error(name, wrong.code, wrong.text, wrong.values)
    return replace(error, field=name)


def split_name(name: str) -> tuple[int, str] | None:
    """Split the name of an input into the picture's number and the rest: ``images.2.alt.de``."""
    found = _NAME.fullmatch(name)
    return (int(found[1]), found[2]) if found else None


def add_picture(fields: FormValues, media: str) -> dict[str, Sequence[str]]:
    """Put a picture behind the others. Raises NoRoom, ShownAlready."""
    blocks = _list_blocks(fields)
    if any(each["media"] == [media] for each in blocks):
        raise ShownAlready
    if len(blocks) >= MAX_IMAGES:
        raise NoRoom
    return _replace_blocks(fields, [*blocks, {"media": [media]}])


def remove_picture(fields: FormValues, number: int) -> dict[str, Sequence[str]]:
    """The pictures behind it move up."""
    return _replace_blocks(
        fields,
        [block for each, block in zip(list_numbers(fields), _list_blocks(fields), strict=True) if each != number],
    )


def move_picture(fields: FormValues, number: int, by: int) -> dict[str, Sequence[str]]:
    """Move a picture by some places; the others keep their order."""
    numbers, blocks = list_numbers(fields), _list_blocks(fields)
    if number in numbers:
        place = numbers.index(number)
        blocks.insert(min(max(place + by, 0), len(blocks)), blocks.pop(place))
    return _replace_blocks(fields, blocks)


def replace_picture(fields: FormValues, before: str, after: str) -> dict[str, Sequence[str]]:
    """Put another cut in a picture's place; what is said of it stays."""
    changed = {
        f"images.{number}.media": [after] for number in list_numbers(fields) if get_media(fields, number) == before
    }
    return {**fields, **changed}


def _list_blocks(fields: FormValues) -> list[dict[str, Sequence[str]]]:
    return [
        {part: fields[name] for part in PARTS if (name := f"images.{number}.{part}") in fields}
        for number in list_numbers(fields)
    ]


def _replace_blocks(fields: FormValues, blocks: Sequence[Mapping[str, Sequence[str]]]) -> dict[str, Sequence[str]]:
    others = {name: values for name, values in fields.items() if name not in NAMES}
    return others | {
        f"images.{number}.{part}": values
        for number, block in zip(NUMBERS, blocks, strict=False)
        for part, values in block.items()
    }


def _parse_picture(fields: FormValues, number: int) -> dict[str, Any]:
    alt = {code: text for code in LANGUAGES if (text := _get_value(fields, f"images.{number}.alt.{code}"))}
    sent = {
        "media": get_media(fields, number),
        "alt": {"pl": "", **alt},
        "credit": _get_value(fields, f"images.{number}.credit"),
        "licence": _get_value(fields, f"images.{number}.licence"),
        "valid_until": _read_or_keep(_get_value(fields, f"images.{number}.valid_until")),
    }
    return {name: value for name, value in sent.items() if value}


def _read_or_keep(value: str) -> str:
    try:
        return read_day(value)
    except UnreadableInput:
        return value


def _get_value(fields: FormValues, name: str) -> str:
    values = fields.get(name, ())
    return values[-1].replace("\t", " ").strip() if values else ""


def read_last_day(fields: FormValues, number: int) -> date | None:
    """Return the last day on which the picture may be shown; None if there is none, or it is unreadable."""
    try:
        return date.fromisoformat(_read_or_keep(_get_value(fields, f"images.{number}.valid_until")))
    except ValueError:
        return None


def find_unsent_files(fields: FormValues) -> list[FieldError]:
    """Without scripts a chosen file comes only with its own button; with any other the browser sends its name alone."""
    if not any(_get_value(fields, name) for name in (CHOOSER, CAMERA)):
        return []
    return [make_field_error(CHOOSER, "not_sent", _NOT_SENT)]
