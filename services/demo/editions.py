"""Moves a past edition into another year, as a submission."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from services.demo.programme import Edition, EditionVenue, ProgrammeEvent
from shared.event.recurrence import WEEKDAYS

WEEK: Final = timedelta(days=7)
# It also stands for week 53, which most years do not have.
LAST_WEEK: Final = 52


def get_demo_year(today: date) -> int:
    # The next calendar year.
    return today.year + 1


def build_reference(slug: str, year: int) -> str:
    """The organisation's name for this edition."""
    return f"{slug}-{year}"


def build_submission(event: ProgrammeEvent, year: int, *, zone: ZoneInfo) -> dict[str, Any]:
    """As JSON for ingest, with its provenance; no start falls into the hour that ``zone`` skips in spring.

    ``part_of`` is the reference of the umbrella event, whose id ingest gives.
    """
    proposed: dict[str, Any] = {
        "external_id": build_reference(event.slug, year),
        "title": dict(event.title),
        "summary": dict(event.summary),
        "category": event.category,
        "dates": _build_dates(event.edition, year, zone),
        "venue": _build_venue(event.venue),
        "provenance": {"confidence": event.confidence, "edition": event.edition.year, "source": event.source},
    }
    if event.website:
        proposed["website"] = event.website
    if event.part_of:
        proposed["part_of"] = build_reference(event.part_of, year)
    if event.tickets:
        proposed["tickets"] = msgspec.to_builtins(event.tickets)
    return proposed


def build_programme(events: Iterable[ProgrammeEvent], year: int, *, zone: ZoneInfo) -> list[tuple[str, dict[str, Any]]]:
    """Pairs of organisation (slug) and submission."""
    return [(event.organisation, build_submission(event, year, zone=zone)) for event in events]


def roll(edition: Edition, year: int) -> tuple[date, date]:
    """First and last day of an edition in ``year``."""
    # A dated edition keeps its length and moves to the same weekday of the same ISO week; at the turn of the year it
    # stays at its own end of the year, week 53 becomes 52, and what would leave the year is moved back by a week. Month
    # and season keep their days of the month, a last day of a month stays one.
    if edition.precision == "day":
        return _roll_by_week(edition, year)
    first = _move_to_year(edition.start, year)
    last = _move_to_year(edition.end, year + edition.end.year - edition.start.year)
    if (edition.end + timedelta(days=1)).day == 1:
        last = last.replace(day=monthrange(last.year, last.month)[1])
    return first, last


def _roll_by_week(edition: Edition, year: int) -> tuple[date, date]:
    length = edition.end - edition.start
    crosses_new_year = edition.end.year > edition.start.year
    latest = date(year, 12, 31) - (timedelta() if crosses_new_year else length)
    start = date.fromisocalendar(year, _get_season_week(edition.start), edition.start.isoweekday())
    if start.year < year:
        start += WEEK
    while start > latest and (start - WEEK).year == year:
        start -= WEEK
    return start, start + length


def _get_season_week(day: date) -> int:
    # The first days of January may be in week 52 or 53 of the year before, the last of December in week 1 of the next;
    # either would move an event to the other end of the year.
    week = day.isocalendar().week
    if day.month == 1 and week >= LAST_WEEK:
        return 1
    if day.month == 12 and week == 1:  # noqa: PLR2004 - December
        return LAST_WEEK
    return min(week, LAST_WEEK)


def _move_to_year(day: date, year: int) -> date:
    # The 29th of February may become the 28th.
    return day.replace(year=year, day=min(day.day, monthrange(year, day.month)[1]))


def _build_dates(edition: Edition, year: int, zone: ZoneInfo) -> dict[str, Any]:
    first, last = roll(edition, year)
    if edition.precision != "day":
        return {"certainty": edition.precision, "start": first.isoformat(), "end": last.isoformat()}
    if is_repeating(edition):
        return {"certainty": "provisional", **_build_repeats(edition, year, zone)}
    if edition.opens_at and _is_one_day(edition):
        return {"certainty": "provisional", **_build_day(first, edition, zone)}
    begins = _build_day(first, edition, zone)
    begins.pop("end_fold", None)
    hours = {"opening_hours": [*msgspec.to_builtins(edition.opening_hours)]} if edition.opening_hours else {}
    return {"certainty": "provisional", **begins, "end": last.isoformat(), **hours}


def is_repeating(edition: Edition) -> bool:
    return bool(edition.repeats or edition.days)


def _build_repeats(edition: Edition, year: int, zone: ZoneInfo) -> dict[str, Any]:
    first, last = roll(edition, year)
    dates = _build_day(first, edition, zone)
    if edition.repeats:
        until = f"{last:%Y%m%d}"
        if "T" in dates["start"]:
            until += f"T{datetime.fromisoformat(dates['start']):%H%M%S}"
        repeats: dict[str, Any] = {"rrule": f"FREQ=WEEKLY;UNTIL={until};BYDAY={WEEKDAYS[first.weekday()]}"}
    else:
        further = [roll(Edition(edition.year, day, day, "day", edition.opens_at), year)[0] for day in edition.days[1:]]
        repeats = {"rdates": [_build_day(day, edition, zone)["start"] for day in further]}
    return dates | {"recurrence": repeats}


def _build_day(day: date, edition: Edition, zone: ZoneInfo) -> dict[str, Any]:
    if not edition.opens_at:
        return {"start": day.isoformat(), "end": day.isoformat()}
    dates = _build_timed(datetime.combine(day, time.fromisoformat(edition.opens_at)), zone)
    if edition.closes_at and "end_fold" not in dates:
        closes = datetime.combine(day, time.fromisoformat(edition.closes_at))
        dates["end"] = max(dates["start"], closes.isoformat(timespec="minutes"))
    return dates


def _build_timed(start: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """The same time twice: the end is not known."""
    # A time in the spring gap is moved as far as the clocks are; of a doubled autumn hour the first is meant.
    there = start.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    written = there.replace(tzinfo=None).isoformat(timespec="minutes")
    doubled = there.utcoffset() != there.replace(fold=1).utcoffset()
    return {"start": written, "end": written} | ({"start_fold": 0, "end_fold": 0} if doubled else {})


def _build_venue(place: EditionVenue) -> dict[str, Any]:
    # The centre of a town is no venue's position and is left out.
    venue: dict[str, Any] = {"town": place.town, "county": place.county}
    if place.name:
        venue["name"] = place.name
    if place.position == "venue":
        venue |= {"lat": place.lat, "lon": place.lon}
    return venue


def _is_one_day(edition: Edition) -> bool:
    return edition.start == edition.end
