"""Checks of repeats that are sent in: all limits, and what belongs together. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from shared.event.end_hours import lacks_end_hour
from shared.event.model import SPANS, Dates, Recurrence, RecurrenceException
from shared.event.recurrence import (
    MAX_OCCURRENCES,
    MAX_SPAN,
    TOO_MANY,
    InvalidRecurrence,
    Rule,
    list_planned,
    list_rule_starts,
    parse_moment,
    parse_rule,
)
from shared.i18n.text import gettext_noop

_UNTIL_DAY = gettext_noop("The event has days without hours, so give UNTIL as a day too, for example %(example)s.")
_UNTIL_TIME = gettext_noop("The event has hours, so give UNTIL with an hour too, for example %(example)s.")
_FORM = gettext_noop("Write it like the start of the event, for example %(example)s.")
_TOO_FAR = gettext_noop("Repeats are taken for two years, here until %(day)s. Let them end by then.")
_NOT_FIRST = gettext_noop("The first day (%(day)s) is none of the days of the rule. Change one of them.")
_ONCE = gettext_noop("That is a single occurrence. Add another one, or remove the repeats.")
_SPAN = gettext_noop("With a month or a season there are no repeats. Give the days, or remove the repeats.")
_TWICE = gettext_noop("This occurrence is there already. Leave it once.")
_SAME_DAY = gettext_noop("Two occurrences begin on the same day. Give the hour at which they end, or leave one out.")
_BEFORE = gettext_noop("This is before the first occurrence. Give the first one as the start of the event.")
_NO_OCCURRENCE = gettext_noop("There is no occurrence at that time. Give the planned start of one.")
_NO_TIMES = gettext_noop("What moves needs its new start and end.")
_HAS_TIMES = gettext_noop("What is cancelled has no new start and end. Remove them, or give the status moved.")
_ENDS_EARLY = gettext_noop("The end is before the start.")
_FIRST_LEFT_OUT = gettext_noop("The first occurrence cannot be left out. Give the next one as the start of the event.")
_ALL_CANCELLED = gettext_noop("Every occurrence is cancelled. Cancel the whole event instead.")


def check_recurrence(dates: Dates) -> None:
    """Check what was sent against every limit; raises InvalidRecurrence."""
    recurrence = dates.recurrence
    if recurrence is None:
        return
    if dates.certainty in SPANS:
        raise InvalidRecurrence("", "span_repeats", _SPAN)
    _check_form(recurrence, dates.start)
    starts = list(list_rule_starts(dates.start, recurrence.rrule)) if recurrence.rrule else [parse_moment(dates.start)]
    if recurrence.rrule:
        _check_rule(parse_rule(recurrence.rrule), starts, parse_moment(dates.start))
    known = _check_further(recurrence, starts, parse_moment(dates.start))
    _check_left_out(recurrence, known, parse_moment(dates.start))
    _check_days(dates)
    _check_exceptions(recurrence, {start for start, _end in list_planned(dates)}, dates)


def _check_form(recurrence: Recurrence, start: str) -> None:
    """Check that everything is written like the start, and the rule against itself."""
    for path, moment in list_moments(recurrence):
        if len(moment) != len(start) and not (path.endswith(".end") and lacks_end_hour(start, moment)):
            raise InvalidRecurrence(path, "other_form", _FORM, example=start)
        parse_moment(moment, path)
    if recurrence.rrule:
        rule = parse_rule(recurrence.rrule)
        has_hour = "T" in rule.parts.get("UNTIL", "")
        if rule.until and has_hour != ("T" in start):
            text, example = (
                (_UNTIL_DAY, f"{rule.until:%Y%m%d}") if has_hour else (_UNTIL_TIME, f"{rule.until:%Y%m%d}T220000")
            )
            raise InvalidRecurrence("rrule", "other_form", text, example=example)


def list_moments(recurrence: Recurrence) -> Iterator[tuple[str, str]]:
    """List every date in it but the rule's, each with its path."""
    for name in ("rdates", "exdates"):
        yield from ((f"{name}.{number}", moment) for number, moment in enumerate(getattr(recurrence, name)))
    for number, exception in enumerate(recurrence.exceptions):
        named = (("date", exception.date), ("start", exception.start), ("end", exception.end))
        yield from ((f"exceptions.{number}.{name}", moment) for name, moment in named if moment is not None)


def _check_rule(rule: Rule, starts: Sequence[datetime], first: datetime) -> None:
    if first not in starts[:1]:
        raise InvalidRecurrence("rrule", "not_first", _NOT_FIRST, day=first.date())
    if len(starts) > MAX_OCCURRENCES:
        raise InvalidRecurrence("rrule", "too_many", TOO_MANY, limit=MAX_OCCURRENCES)
    if len(starts) == 1 and rule.count == 1:  # Outlook refuses a whole feed for such a rule
        raise InvalidRecurrence("rrule", "single", _ONCE)
    limit = first + MAX_SPAN
    if (rule.count and len(starts) < rule.count) or (rule.until and rule.until.date() > limit.date()):
        raise InvalidRecurrence("rrule", "too_far", _TOO_FAR, day=limit.date())


def _check_further(recurrence: Recurrence, starts: Sequence[datetime], first: datetime) -> set[datetime]:
    """Return the starts of the rule and the further ones."""
    known, limit = set(starts), first + MAX_SPAN
    for number, written in enumerate(recurrence.rdates):
        moment, path = parse_moment(written), f"rdates.{number}"
        if moment in known:
            raise InvalidRecurrence(path, "repeated", _TWICE)
        if moment < first:
            raise InvalidRecurrence(path, "before_start", _BEFORE)
        if moment > limit:
            raise InvalidRecurrence(path, "too_far", _TOO_FAR, day=limit.date())
        known.add(moment)
    if len(known) > MAX_OCCURRENCES:
        raise InvalidRecurrence("rdates", "too_many", TOO_MANY, limit=MAX_OCCURRENCES)
    if len(known) == 1:
        raise InvalidRecurrence("", "single", _ONCE)
    return known


def _check_left_out(recurrence: Recurrence, known: set[datetime], first: datetime) -> None:
    left = set(known)
    for number, written in enumerate(recurrence.exdates):
        moment, path = parse_moment(written), f"exdates.{number}"
        if moment not in known:
            raise InvalidRecurrence(path, "no_occurrence", _NO_OCCURRENCE)
        if moment not in left:
            raise InvalidRecurrence(path, "repeated", _TWICE)
        if moment == first:
            raise InvalidRecurrence(path, "first_left_out", _FIRST_LEFT_OUT)
        left.remove(moment)
    if len(left) == 1:
        raise InvalidRecurrence("exdates", "single", _ONCE)


def _check_days(dates: Dates) -> None:
    """Occurrences without an hour of their end are told apart by their day."""
    if lacks_end_hour(dates.start, dates.end):
        days = [start[:10] for start, _end in list_planned(dates)]
        if len(set(days)) < len(days):
            raise InvalidRecurrence("", "repeated", _SAME_DAY)


def _check_exceptions(recurrence: Recurrence, planned: set[str], dates: Dates) -> None:
    seen: set[str] = set()
    for number, each in enumerate(recurrence.exceptions):
        path = f"exceptions.{number}"
        if each.date in seen:
            raise InvalidRecurrence(f"{path}.date", "repeated", _TWICE)
        if each.date not in planned:
            raise InvalidRecurrence(f"{path}.date", "no_occurrence", _NO_OCCURRENCE)
        seen.add(each.date)
        _check_exception(each, path, parse_moment(dates.start))
    if all(each.status == "cancelled" for each in recurrence.exceptions) and len(seen) == len(planned):
        raise InvalidRecurrence("exceptions", "all_cancelled", _ALL_CANCELLED)


def _check_exception(exception: RecurrenceException, path: str, first: datetime) -> None:
    if exception.status == "cancelled":
        if exception.start or exception.end:
            raise InvalidRecurrence(f"{path}.status", "has_times", _HAS_TIMES)
        return
    if exception.start is None or exception.end is None:
        raise InvalidRecurrence(f"{path}.{'end' if exception.start else 'start'}", "required", _NO_TIMES)
    if exception.end < exception.start[: len(exception.end)]:
        raise InvalidRecurrence(f"{path}.end", "before_start", _ENDS_EARLY)
    if abs(parse_moment(exception.start) - first) > MAX_SPAN:
        raise InvalidRecurrence(f"{path}.start", "too_far", _TOO_FAR, day=(first + MAX_SPAN).date())
