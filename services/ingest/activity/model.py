"""Activity of an organisation in numbers: what is counted, for which years, and what is news. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from shared.accounts.invitations import Invitation
from shared.accounts.model import Person
from shared.date_input import UnreadableInput, read_day
from shared.messages import OrganisationActivity, YearActivity

MAX_YEARS: Final = 5
_YEAR: Final = re.compile(r"(?<![0-9])2[0-9]{3}(?![0-9])")


@dataclass(frozen=True, slots=True)
class PeopleCount:
    """Editors of one organisation: with an account or an open invitation, and those who have logged in."""

    invited: int = 0
    active: int = 0
    last_seen: date | None = None


@dataclass(slots=True)
class EventCount:
    """Drafts and submissions of one organisation by year.

    ``marks`` change with every write of a submission, draft or decline: without a new one nothing needs a second look.
    """

    sent: dict[int, int] = field(default_factory=dict)
    drafts: dict[int, int] = field(default_factory=dict)
    undated_drafts: int = 0
    marks: list[str] = field(default_factory=list)

    def add_draft(self, year: int | None) -> None:
        if year is None:
            self.undated_drafts += 1
        else:
            self.drafts[year] = self.drafts.get(year, 0) + 1


def choose_years(today: date, calls: Collection[int]) -> tuple[int, ...]:
    """This year, the next, and those of calls that are still to come."""
    ahead = {today.year, today.year + 1} | {year for year in calls if year >= today.year}
    return tuple(sorted(ahead)[:MAX_YEARS])


def make_mark(marks: Iterable[str], years: Iterable[int]) -> str:
    return " ".join([*map(str, years), *sorted(marks)])


def find_draft_year(typed: Iterable[str], origin_year: int | None) -> int | None:
    """Return the year of what was typed into the date fields, else that which the draft was rolled over into."""
    for each in typed:
        try:
            day = read_day(each.strip())
        except UnreadableInput:
            found = _YEAR.search(each)
            day = found[0] if found else ""
        if day:
            return int(day[:4])
    return origin_year


def count_people(
    persons: Iterable[Person], invitations: Iterable[Invitation], zone: ZoneInfo
) -> dict[str, PeopleCount]:
    """Count editors by the slug of their organisation; disabled ones do not count."""
    found: dict[str, PeopleCount] = {}
    for person in persons:
        seen = person.last_seen.astimezone(zone).date() if person.last_seen else None
        for each in person.memberships if not person.disabled else ():
            if each.role == "editor":
                found[each.organisation] = _add_person(found.get(each.organisation, PeopleCount()), seen)
    for invitation in invitations:
        if invitation.membership.role == "editor":
            slug = invitation.membership.organisation
            before = found.get(slug, PeopleCount())
            found[slug] = PeopleCount(before.invited + 1, before.active, before.last_seen)
    return found


def _add_person(before: PeopleCount, seen: date | None) -> PeopleCount:
    days = [day for day in (before.last_seen, seen) if day]
    return PeopleCount(before.invited + 1, before.active + (seen is not None), max(days, default=None))


def make_activity(
    organisation: str,
    people: PeopleCount,
    events: EventCount,
    not_renewed: Mapping[int, int],
    years: Iterable[int],
) -> OrganisationActivity:
    """Make the message without its number and its instant."""
    return OrganisationActivity(
        organisation=organisation,
        number=0,
        people_invited=people.invited,
        people_active=people.active,
        last_seen_day=people.last_seen.isoformat() if people.last_seen else None,
        changed_at="",
        undated_drafts=events.undated_drafts,
        years=[
            YearActivity(year, events.drafts.get(year, 0), events.sent.get(year, 0), not_renewed.get(year, 0))
            for year in years
        ],
    )


def is_news(before: OrganisationActivity | None, after: OrganisationActivity) -> bool:
    """Whether the numbers differ; of an organisation that never did anything nothing is told."""
    if before is None:
        nothing = make_activity(
            after.organisation, PeopleCount(), EventCount(), {}, [each.year for each in after.years]
        )
        return after != nothing
    return replace(before, number=0, changed_at="") != after
