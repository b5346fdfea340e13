"""Repeats as an organisation sends them: read, cleaned, and checked across the clock changes of the region."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic_core import PydanticCustomError

from services.ingest.submission import dates as rules
from services.ingest.submission.field_errors import AT, invalid
from shared.event.model import Dates, Recurrence, parse_part, serialize_part
from shared.event.recurrence import InvalidRecurrence, list_planned, write_rule
from shared.event.recurrence_checks import check_recurrence, list_moments
from shared.i18n.text import gettext_noop

_CHANGE = gettext_noop(
    "On %(day)s the clocks change, and %(time)s is skipped or comes twice. Give another hour, or leave that day out."
)


def clean_repeats(sent: Mapping[str, Any], dates: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """Check the repeats of an event with these dates, and write them as they are stored.

    Raises PydanticCustomError, with the path of what is wrong as its value ``at``.
    """
    recurrence = parse_part(sent, Recurrence)
    for path, moment in list_moments(recurrence):
        _locate(path, rules.read_moment, moment)
    try:
        rule = write_rule(recurrence.rrule, zone) if recurrence.rrule else None
        cleaned = parse_part({**sent, "rrule": rule}, Recurrence)
        found = parse_part({**dates, "recurrence": serialize_part(cleaned)}, Dates)
        check_recurrence(found)
    except InvalidRecurrence as error:
        raise invalid(error.code, error.text, **error.values, **{AT: error.path}) from None
    _check_changes(found, zone)
    return serialize_part(cleaned)


def _check_changes(dates: Dates, zone: ZoneInfo) -> None:
    """A start that the clocks skip or repeat means another hour in each calendar program, as the first end may.

    What moves has no fold to choose by.
    """
    if "T" not in dates.start:
        return
    planned = list_planned(dates)
    known = [("", planned[0][1]), *(("", start) for start, _end in planned)]
    for path, written in (*known, *_list_moved(dates.recurrence)):
        if "T" not in written:
            continue
        moment = datetime.fromisoformat(written)
        if rules.find_gap(moment, zone) or rules.is_doubled(moment, zone):
            raise invalid("clock_change", _CHANGE, day=moment.date(), time=f"{moment:%H:%M}", **{AT: path})


def _list_moved(recurrence: Recurrence | None) -> Iterator[tuple[str, str]]:
    moments = list_moments(recurrence) if recurrence else ()
    return (each for each in moments if each[0].endswith((".start", ".end")))


def _locate(path: str, rule: Any, *values: Any) -> None:  # noqa: ANN401 - any rule, with what it checks
    try:
        rule(*values)
    except PydanticCustomError as error:
        raise PydanticCustomError(error.type, error.message_template, {**(error.context or {}), AT: path}) from None
