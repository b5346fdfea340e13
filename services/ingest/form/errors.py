"""Placement of validation errors in the form: by input instead of path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.ingest.form.date_fields import find_errors
from services.ingest.form.mapping import BY_LANGUAGE, LISTS, FormValues, get_value
from services.ingest.form.opening_fields import find_opening_input
from services.ingest.form.picture_fields import CHOOSER, find_picture_error
from services.ingest.form.repeat_errors import explain_repeats, find_repeat_input
from services.ingest.submission.field_errors import make_field_error, reword
from shared.field_error import FieldError
from shared.i18n.text import gettext_noop

_NO_SPAN = {
    "month": gettext_noop("Choose a month."),
    "season": gettext_noop("Choose a season."),
}
_WHOLE = {
    "images": CHOOSER,
    "tickets": "tickets.free",
    "tickets.price": "tickets.price.pl",
    "venue": "venue.town",
    "start_place": "start_place.name",
    "ages": "ages.min",
}
"""Where an error of several inputs is shown."""
_FOLLOWING = ("dates.end", "dates.recurrence", "dates.opening_hours")
"""What cannot be right where the first day is wrong."""
_TIMES = {"skipped_hour", "doubled_hour"}
_NO_DEADLINE = gettext_noop("Give a day, or a day and a time, for example 10.08.2027 18:00.")
_DOUBLED = gettext_noop("%(time)s comes twice on %(day)s, because the clocks change. Choose below which one you mean.")


def place_errors(errors: Sequence[FieldError], fields: FormValues) -> list[FieldError]:
    """Return the errors in the order of the form, each with the name of the input where it is shown.

    Errors of typed days and hours replace those of the dates made from them. An error that follows from another (no
    last day and no repeats where there is no first day) is left out.
    """
    typed_errors = find_errors(fields)
    if typed_errors:
        errors = [error for error in errors if not _is_about_dates(error)]
    start_is_wrong = any(error.field in {"dates", "dates.start"} for error in errors)
    placed = [
        _place_error(error, fields) for error in errors if not (error.field.startswith(_FOLLOWING) and start_is_wrong)
    ]
    place = next((number for number, error in enumerate(placed) if not _is_before_dates(error)), len(placed))
    ordered = [*placed[:place], *typed_errors, *placed[place:]]
    return [
        error for number, error in enumerate(ordered) if error.field not in {each.field for each in ordered[:number]}
    ]


def find_input(field: str, certainty: str) -> str:
    """Return the input of an event's field, which depends on the certainty."""
    if certainty in _NO_SPAN and field.startswith("dates."):
        return certainty
    return _map_to_input(FieldError(field, "", ""))


def _is_about_dates(error: FieldError) -> bool:
    return error.field == "dates" or (error.field.startswith("dates.") and error.field != "dates.certainty")


def _is_before_dates(error: FieldError) -> bool:
    texts = {*BY_LANGUAGE} - {"arrival"}
    return error.field.partition(".")[0] in {*texts, "external_id", "category", "part_of", "also", "certainty"}


def _place_error(error: FieldError, fields: FormValues) -> FieldError:
    certainty = get_value(fields, "certainty")
    if error.field in {"dates", "dates.start", "dates.end"} and certainty in _NO_SPAN:
        if error.code == "field_locked":
            return replace(error, field=certainty)
        return make_field_error(certainty, error.code, _NO_SPAN[certainty])
    if error.field.startswith("images."):
        return find_picture_error(error, fields)
    if error.field.startswith("dates.opening_hours"):
        return replace(error, field=find_opening_input(error.field, fields))
    if error.code == "doubled_hour":
        error = reword(error, _DOUBLED)
    if error.field.startswith("dates.recurrence"):
        path = error.field.removeprefix("dates.recurrence").removeprefix(".")
        words = explain_repeats(error)
        return replace(reword(error, words) if words else error, field=find_repeat_input(path, error.code, fields))
    if (error.field, error.code) == ("tickets.registration_until", "not_a_date"):
        error = reword(error, _NO_DEADLINE)
    return replace(error, field=_map_to_input(error))


def _map_to_input(error: FieldError) -> str:
    first, _, rest = error.field.partition(".")
    if first in BY_LANGUAGE:
        return f"{first}.{rest or 'pl'}"
    if first in LISTS:
        return first
    if first == "dates":
        return _map_to_date_input(rest, error.code)
    return _WHOLE.get(error.field, error.field)


def _map_to_date_input(name: str, code: str) -> str:
    if name == "certainty":
        return "certainty"
    if name.startswith("recurrence"):
        return "repeats"
    if name.startswith("opening_hours"):
        return find_opening_input(f"dates.{name}", {})
    which = "end" if name.startswith("end") else "start"
    return f"{which}_time" if code in _TIMES else f"{which}_date"
