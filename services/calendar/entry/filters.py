"""Parser of list filters, for pages and API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar, get_args

from services.calendar.entry.model import QueueReason
from services.calendar.entry.selection import EntrySelection
from shared.field_error import FieldError
from shared.i18n.text import Text, _
from shared.messages import ReviewState
from shared.region import Region
from shared.web.problems import BadRequest

STATES: tuple[ReviewState, ...] = get_args(ReviewState)
QUEUE_REASONS: tuple[QueueReason, ...] = get_args(QueueReason)
UNANSWERED = "remark"
"""A kind of case next to the reasons: a remark that nobody has answered, whatever the state of its entry."""

Value = TypeVar("Value")


def read_selection(
    region: Region,
    *,
    state: Iterable[str] = (),
    matter: Iterable[str] = (),
    organisation: Iterable[str] = (),
    county: Iterable[str] = (),
    category: Iterable[str] = (),
    year: int | None = None,
) -> EntrySelection:
    """Raises BadRequest if a filter has a value that it cannot have."""
    errors: list[FieldError] = []
    matters = tuple(matter)
    unanswered = UNANSWERED in matters
    reasons = [each for each in matters if each != UNANSWERED]
    states = () if unanswered else state
    selection = EntrySelection(
        state=_read_values("state", states, {each: each for each in STATES}, _describe_states(), errors),
        unanswered=unanswered,
        queue_reason=_read_values(
            "matter", reasons, {each: each for each in QUEUE_REASONS}, _describe_reason(), errors
        ),
        organisation=tuple(organisation),
        county=_read_values("county", county, {each: each for each in region.counties}, _describe_county(), errors),
        category=_read_values(
            "category", category, {each: each for each in region.categories}, _describe_category(), errors
        ),
        year=year,
    )
    if errors:
        raise BadRequest(code="unknown_filter_value", errors=errors)
    return selection


def _read_values(
    name: str, values: Iterable[str], known: Mapping[str, Value], message: Text, errors: list[FieldError]
) -> tuple[Value, ...]:
    found = tuple(values)
    if any(each not in known for each in found):
        errors.append(FieldError(name, message, "unknown_value"))
    return tuple(known[each] for each in found if each in known)


def _describe_reason() -> Text:
    return _("There is no such kind of case.")


def _describe_states() -> Text:
    return _("Possible states: %(states)s.", states=", ".join(STATES))


def _describe_county() -> Text:
    return _("There is no such county. Give the four-digit TERYT code.")


def _describe_category() -> Text:
    return _("There is no such kind of event.")
