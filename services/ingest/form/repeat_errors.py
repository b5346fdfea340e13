"""Errors of the form's fields for repeats: what is typed but unreadable, and where errors of the dates belong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from typing import Final

from services.ingest.form.repeat_fields import (
    BY_RULE,
    BY_WEEKDAY,
    CHANGES,
    KINDS,
    Fields,
    get_kind,
    get_value,
    is_change_field,
    list_changes,
)
from services.ingest.submission.field_errors import make_field_error
from shared.date_input import UnreadableInput, read_day, read_day_list, read_hour
from shared.event.recurrence import MAX_OCCURRENCES
from shared.field_error import FieldError
from shared.i18n.text import gettext_noop

_COUNT: Final = re.compile(r"[1-9][0-9]{0,4}")
_NO_END = gettext_noop("Say until which day it repeats, or how many times it takes place.")
_TWO_ENDS = gettext_noop("Give either the last day or the number of times, not both.")
_ENDS_EARLY = gettext_noop("This is before the first day (%(day)s). Give a later day.")
_NO_NUMBER = gettext_noop("Give a whole number, for example 10.")
_UNKNOWN = gettext_noop("Choose one of the answers.")
_NO_DATES = gettext_noop("Give the further dates, for example 14.8.2027, 21.8.2027.")
_NO_MOVE = gettext_noop("Give the new day or the new time, or choose another answer.")
_NO_HOURS = gettext_noop("The event has no times. Leave this empty, or say above when the event starts and ends.")
_NOT_ON_THIS_DAY = gettext_noop("The event does not repeat on this day. Remove the change, or change how it repeats.")


def find_repeat_errors(fields: Fields, start: str) -> list[FieldError]:
    """Return the errors by the form's field names, in its order; ``start`` is the event's."""
    kind = get_kind(fields)
    if kind not in KINDS:
        return [make_field_error("repeats", "unknown_value", _UNKNOWN)]
    if kind in {"once", "kept"}:
        return []
    found = list(_find_end_errors(fields, start)) if kind in BY_RULE else []
    further = _find_further_error(fields, start, required=kind == "dates")
    return [*found, *([further] if further else []), *_find_change_errors(fields, start)]


def find_repeat_input(path: str, code: str, fields: Fields) -> str:
    """Return the input of an error within the recurrence, such as ``exceptions.2.date``."""
    kind = get_kind(fields)
    if kind not in BY_RULE | {"dates"}:
        return "repeats"
    first, _, rest = path.partition(".")
    if first in {"exdates", "exceptions"}:
        return _find_change_input(first, rest, fields)
    if first == "rdates" or kind == "dates":
        return "repeats.further"
    if code in {"no_end", "other_form", "too_far", "too_many", "single"}:
        return "repeats.count" if get_value(fields, "repeats.count") else "repeats.until"
    return "repeats.days" if code == "not_first" and kind in BY_WEEKDAY else "repeats"


def explain_repeats(error: FieldError) -> str:
    """The msgid that says an error in the words of the form; empty if its own words do."""
    in_changes = error.field.startswith(("dates.recurrence.exdates.", "dates.recurrence.exceptions."))
    return _NOT_ON_THIS_DAY if in_changes and error.code == "no_occurrence" else ""


def _find_end_errors(fields: Fields, start: str) -> Iterator[FieldError]:
    until, count = get_value(fields, "repeats.until"), get_value(fields, "repeats.count")
    if not until and not count:
        yield make_field_error("repeats.until", "no_end", _NO_END)
    if until and count:
        yield make_field_error("repeats.count", "two_ends", _TWO_ENDS)
    elif until and (error := _find_error("repeats.until", until, read_day)):
        yield error
    elif until and read_day(until) < start[:10]:
        with suppress(ValueError):
            yield make_field_error("repeats.until", "ends_early", _ENDS_EARLY, {"day": date.fromisoformat(start[:10])})
    if count and not _COUNT.fullmatch(count):
        yield make_field_error("repeats.count", "not_a_number", _NO_NUMBER)


def _find_further_error(fields: Fields, start: str, *, required: bool) -> FieldError | None:
    typed = get_value(fields, "repeats.further")
    if error := _find_error("repeats.further", typed, lambda value: read_day_list(value, most=MAX_OCCURRENCES)):
        return error
    if required and {start[:10]}.issuperset(read_day_list(typed, most=MAX_OCCURRENCES)):
        return make_field_error("repeats.further", "no_dates", _NO_DATES)
    return None


def _find_change_errors(fields: Fields, start: str) -> Iterator[FieldError]:
    for day, what in list_changes(fields).items():
        name = f"repeats.{day}"
        if what not in CHANGES:
            yield make_field_error(f"{name}.what", "unknown_value", _UNKNOWN)
        if what == "moved":
            yield from _find_move_errors(fields, name, start)


def _find_move_errors(fields: Fields, name: str, start: str) -> Iterator[FieldError]:
    readers = {"date": read_day, "start": read_hour, "end": read_hour}
    typed = {part: get_value(fields, f"{name}.{part}") for part in readers}
    if not any(typed.values()):
        yield make_field_error(f"{name}.date", "no_move", _NO_MOVE)
    for part, value in typed.items():
        if error := _find_error(f"{name}.{part}", value, readers[part]):
            yield error
        elif value and part != "date" and "T" not in start:
            yield make_field_error(f"{name}.{part}", "no_hours", _NO_HOURS)


def _find_error(name: str, value: str, read: Callable[[str], object]) -> FieldError | None:
    try:
        read(value)
    except UnreadableInput as wrong:
        return make_field_error(name, wrong.code, wrong.text, wrong.values)
    return None


def _find_change_input(listed: str, rest: str, fields: Fields) -> str:
    number, _, part = rest.partition(".")
    days = [day for day, what in list_changes(fields).items() if (what == "left_out") == (listed == "exdates")]
    if not number.isdigit() or int(number) >= len(days):
        return "repeats"
    named = {"start": "date", "end": "end"}.get(part, part if part.startswith("note.") else "what")
    found = f"repeats.{days[int(number)]}.{named}"
    return found if is_change_field(found) else "repeats"
