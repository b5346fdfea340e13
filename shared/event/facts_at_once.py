"""Facts at once: structured facts of a public event that may change before a curator has looked. Pure.

Never a text that people write: exceptions' notes, prices and venues in words wait for a curator (decision 0037).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final, Literal, get_args

from shared.event.model import Event, serialize_part

Fact = Literal["dates", "status", "availability", "venue"]
"""``status``: single occurrences cancelled or moved. ``venue``: it and the starting point, as accepted before."""
FACTS: Final[tuple[Fact, ...]] = get_args(Fact)
FIELDS: Final[dict[Fact, str]] = {"dates": "dates", "status": "dates", "availability": "tickets", "venue": "venue"}
"""The field of the event in which a fact lies."""

_DATES: Final = ("certainty", "start", "end", "start_fold", "end_fold")
_RULE: Final = ("rrule", "rdates", "exdates")
_EXCEPTION: Final = ("date", "status", "start", "end")
_AVAILABILITY: Final = ("availability", "registration_until")


def find_changed_facts(accepted: Event, proposed: Event) -> tuple[Fact, ...] | None:
    """Return the facts in which two contents differ; None if they differ in anything else."""
    before, after = _part(accepted), _part(proposed)
    if before["rest"] != after["rest"]:
        return None
    return tuple(fact for fact in FACTS if before[fact] != after[fact])


def agree_on(one: Event, other: Event, facts: Collection[str]) -> bool:
    before, after = _part(one), _part(other)
    return all(before[fact] == after[fact] for fact in FACTS if fact in facts)


def _part(event: Event) -> dict[str, Any]:
    """Part a content into its facts, and the rest."""
    rest = serialize_part(event)
    dates, tickets = dict(rest.pop("dates")), dict(rest.pop("tickets", {}))
    repeats = dict(dates.pop("recurrence", {}))
    exceptions = [dict(each) for each in repeats.pop("exceptions", [])]
    facts: dict[str, Any] = {
        "dates": [_take(dates, _DATES), _take(repeats, _RULE)],
        "status": [_take(each, _EXCEPTION) for each in exceptions],
        "availability": _take(tickets, _AVAILABILITY),
        "venue": [rest.pop("venue"), rest.pop("start_place", None)],
    }
    notes = [(facts["status"][number]["date"], each) for number, each in enumerate(exceptions) if each]
    return {**facts, "rest": [rest, dates, repeats, notes, tickets]}


def _take(part: dict[str, Any], names: Collection[str]) -> dict[str, Any]:
    return {name: part.pop(name) for name in names if name in part}
