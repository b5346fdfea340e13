"""Roll-over: what an event of one year proposes for another, and why. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from services.ingest.rollover.feasts import Feast, find_free_movable, find_named, is_free_fixed
from services.ingest.rollover.shift import WEEK, get_days, move_days, move_span, move_to_year, shift_by_week
from services.ingest.submission.content import SubmittedEvent
from shared.event.edition_numbers import raise_titles
from shared.event.model import SPANS, Dates, Texts

Rule = Literal["weekday", "span", "movable", "fixed"]
"""By what the dates were moved: weekday and week, as a span, with a feast, or not at all in the calendar."""

SHORT: Final = timedelta(days=5)
"""A longer event touches many days off without depending on one."""
FAR_FROM_FEAST: Final = timedelta(days=60)
"""An event so far from the feast in its title is not about its date: "Letni karnawał"."""
MUCH_LATER: Final = 4
"""Days after last year's date from which a week earlier would be nearer to it."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """``doubtful`` asks to check the day; ``feast_day`` is that of the ``feast`` in the year.

    Without a feast, ``feast_day`` is a fixed day off on which the event began. ``week`` is the ISO week of the first
    day. ``titles`` are those of the year; ``names_old_year``: another text names the year before.
    """

    dates: Dates
    rule: Rule
    titles: Texts
    week: int
    doubtful: bool = False
    feast: Feast | None = None
    feast_day: date | None = None
    names_old_year: bool = False
    earlier: Dates | None = None
    """The same a week earlier, where that is nearer to last year's date."""


@dataclass(frozen=True, slots=True)
class _Move:
    first: date
    rule: Rule = "weekday"
    doubtful: bool = False
    feast: Feast | None = None
    feast_day: date | None = None


def propose(event: SubmittedEvent, year: int, zone: ZoneInfo) -> Renewal:
    """Propose the dates and titles in ``year``; an event of that year stays as it is."""
    first, last = get_days(event.dates)
    move = _find_move(event, first, last, year)
    return Renewal(
        dates=_move_dates(event.dates, move, year, zone),
        rule=move.rule,
        titles=raise_titles(event.title, since=first.year, year=year),
        week=move.first.isocalendar().week,
        doubtful=move.doubtful,
        feast=move.feast,
        feast_day=move.feast_day,
        names_old_year=first.year != year and _names_year(event, first.year),
        earlier=_find_earlier(event.dates, first, move, zone),
    )


def renew(event: SubmittedEvent, proposal: Renewal) -> SubmittedEvent:
    """The event as a proposal for another year; its own identifier only if it names the year."""
    before, year = event.dates.start[:4], proposal.dates.start[:4]
    external_id = event.external_id
    if external_id and before != year:
        external_id = external_id.replace(before, year) if external_id.count(before) == 1 else None
    tickets = replace(event.tickets, availability=None, registration_until=None)
    return replace(
        event,
        title=proposal.titles,
        dates=proposal.dates,
        tickets=tickets,
        external_id=external_id,
        provenance=None,
        part_of=None,  # it is part of the umbrella of its own year
    )


def _move_dates(dates: Dates, move: _Move, year: int, zone: ZoneInfo) -> Dates:
    if dates.start.startswith(f"{year:04}"):
        return dates
    return move_span(dates, year) if move.rule == "span" else move_days(dates, move.first, zone)


def _find_move(event: SubmittedEvent, first: date, last: date, year: int) -> _Move:
    if event.dates.certainty in SPANS:
        return _Move(move_to_year(first, year), "span")
    if first.year == year:
        return _Move(first)
    return _find_move_of_days(list(event.title.values()), first, last, year)


def _find_move_of_days(titles: Sequence[str], first: date, last: date, year: int) -> _Move:
    by_week = shift_by_week(first, last, year)
    named = find_named(titles)
    for feast in named:
        offset = (first - feast.find_day(first.year)).days
        if offset in feast.window:
            day = feast.find_day(year)
            return _Move(
                _keep_in_year(day + timedelta(days=offset), year),
                "movable" if feast.movable else "fixed",
                doubtful=True,
                feast=feast,
                feast_day=day,
            )
    if _is_all_free(first, last):
        return _Move(move_to_year(first, year), "fixed", doubtful=True)
    near = next((each for each in named if abs(first - each.find_day(first.year)) <= FAR_FROM_FEAST), None)
    if near is None and last - first < SHORT:
        near = find_free_movable(first, last)
    if near:
        return _Move(by_week, doubtful=True, feast=near, feast_day=near.find_day(year))
    if last - first < SHORT and is_free_fixed(first):
        return _Move(by_week, doubtful=True, feast_day=move_to_year(first, year))
    return _Move(by_week)


def _names_year(event: SubmittedEvent, year: int) -> bool:
    texts = (*event.summary.values(), *event.description.values(), *event.tickets.price.values())
    return any(re.search(rf"(?<![0-9]){year}(?![0-9])", each) for each in texts)


def _keep_in_year(day: date, year: int) -> date:
    """What begins before a feast at the turn of the year stays in the year."""
    return min(max(day, date(year, 1, 1)), date(year, 12, 31))


def _is_all_free(first: date, last: date) -> bool:
    days = (last - first).days + 1
    return days <= SHORT.days and all(is_free_fixed(first + timedelta(days=each)) for each in range(days))


def _find_earlier(dates: Dates, first: date, move: _Move, zone: ZoneInfo) -> Dates | None:
    later = (move.first - move_to_year(first, move.first.year)).days
    if move.rule != "weekday" or later < MUCH_LATER or (move.first - WEEK).year != move.first.year:
        return None
    return move_days(dates, move.first - WEEK, zone)
