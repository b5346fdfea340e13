"""Moves a past edition into another year, and writes it as a submission (design section 5)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from services.import_programme.programme import Edition, Place, ProgrammeEvent

WEEK: Final = timedelta(days=7)
LAST_WEEK: Final = 52
"""Week 53, which most years do not have, becomes this one."""


def demo_year(today: date) -> int:
    """Give the year whose programme is shown in a demonstration: the next calendar year."""
    return today.year + 1


def submission(event: ProgrammeEvent, year: int, *, zone: ZoneInfo) -> dict[str, Any]:
    """Write an event's edition of ``year`` as a submission: JSON of design section 5, with its provenance.

    ``zone`` is the region's; in it no start falls into the hour that is skipped in spring. Fields of which the pack
    knows nothing (contact, tickets, images) are left out.
    """
    proposed: dict[str, Any] = {
        "external_id": f"{event.slug}-{year}",
        "title": dict(event.title),
        "summary": dict(event.summary),
        "category": event.category,
        "dates": _dates(event.edition, year, zone),
        "venue": _venue(event.venue),
        "provenance": {"confidence": event.confidence, "edition": event.edition.year, "source": event.source},
    }
    if event.edition.opens_at and not _one_day(event.edition):
        proposed["description"] = opening_hour(time.fromisoformat(event.edition.opens_at))
    if event.website:
        proposed["website"] = event.website
    return proposed


def programme_of(events: Iterable[ProgrammeEvent], year: int, *, zone: ZoneInfo) -> list[tuple[str, dict[str, Any]]]:
    """Move events into a year: pairs of the organisation that sends and what it sends."""
    return [(event.organisation, submission(event, year, zone=zone)) for event in events]


def roll(edition: Edition, year: int) -> tuple[date, date]:
    """Give the first and last day on which an edition would take place in ``year``.

    A dated edition keeps its length and moves to the same weekday of the same ISO week, but for the turn of the year,
    where weeks do not keep to calendar years: it stays at its own end of the year, week 53 becomes 52, and whatever
    would leave the year is moved back into it by a week. Month and season keep their days of the month; a last day of
    a month stays one.
    """
    if edition.precision == "day":
        return _roll_by_week(edition, year)
    first = _in_year(edition.start, year)
    last = _in_year(edition.end, year + edition.end.year - edition.start.year)
    if (edition.end + timedelta(days=1)).day == 1:
        last = last.replace(day=monthrange(last.year, last.month)[1])
    return first, last


def opening_hour(hour: time) -> dict[str, str]:
    """Say, in every language in which we hold texts, when the first of several days begins."""
    return {
        "pl": f"Początek pierwszego dnia o {hour:%H:%M}.",
        "en": f"Opens on the first day at {_twelve_hours(hour)}.",
        "de": f"Beginn am ersten Tag um {hour:%H:%M} Uhr.",
    }


def _roll_by_week(edition: Edition, year: int) -> tuple[date, date]:
    length = edition.end - edition.start
    crosses_new_year = edition.end.year > edition.start.year
    latest = date(year, 12, 31) - (timedelta() if crosses_new_year else length)
    start = date.fromisocalendar(year, _week(edition.start), edition.start.isoweekday())
    if start.year < year:
        start += WEEK
    while start > latest and (start - WEEK).year == year:
        start -= WEEK
    return start, start + length


def _week(day: date) -> int:
    """Give the ISO week that a day's season stands for, 1 to 52.

    The first days of January may be week 52 or 53 of the year before, the last of December week 1 of the next; taken
    at its word, either would throw an event to the other end of the year.
    """
    week = day.isocalendar().week
    if day.month == 1 and week >= LAST_WEEK:
        return 1
    if day.month == 12 and week == 1:  # noqa: PLR2004 - December
        return LAST_WEEK
    return min(week, LAST_WEEK)


def _in_year(day: date, year: int) -> date:
    """Give the same day of the same month in ``year``; the 29th of February may become the 28th."""
    return day.replace(year=year, day=min(day.day, monthrange(year, day.month)[1]))


def _dates(edition: Edition, year: int, zone: ZoneInfo) -> dict[str, Any]:
    first, last = roll(edition, year)
    if edition.precision != "day":
        return {"certainty": edition.precision, "start": first.isoformat(), "end": last.isoformat()}
    if edition.opens_at and _one_day(edition):
        return {
            "certainty": "provisional",
            **_timed(datetime.combine(first, time.fromisoformat(edition.opens_at)), zone),
        }
    return {"certainty": "provisional", "start": first.isoformat(), "end": last.isoformat()}


def _timed(start: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """Write a start whose end is not known: the same time twice.

    A time in the spring gap comes out of UTC as late as the clocks have been moved; of a doubled autumn hour the first
    is meant.
    """
    there = start.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    written = there.replace(tzinfo=None).isoformat(timespec="minutes")
    doubled = there.utcoffset() != there.replace(fold=1).utcoffset()
    return {"start": written, "end": written} | ({"start_fold": 0, "end_fold": 0} if doubled else {})


def _venue(place: Place) -> dict[str, Any]:
    """Write the venue; the middle of a town is no venue's position and stays in the pack."""
    venue: dict[str, Any] = {"town": place.town, "county": place.county}
    if place.name:
        venue["name"] = place.name
    if place.position == "venue":
        venue |= {"lat": place.lat, "lon": place.lon}
    return venue


def _one_day(edition: Edition) -> bool:
    return edition.start == edition.end


def _twelve_hours(hour: time) -> str:
    """Write a time as the English do: 6 pm, 7:30 pm, 12 noon."""
    if (hour.hour, hour.minute) == (12, 0):
        return "12 noon"
    minutes = f":{hour:%M}" if hour.minute else ""
    return f"{hour.hour % 12 or 12}{minutes} {'am' if hour.hour < 12 else 'pm'}"  # noqa: PLR2004 - noon
