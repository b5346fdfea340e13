"""The board: organisations with their numbers for a year, how far each came, views, filters and order. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal

from services.calendar.call.model import YearCall
from shared.accounts.organisations import OrganisationRecord
from shared.event.completeness import Completeness
from shared.i18n.collation import build_collation_key
from shared.messages import OrganisationActivity, YearActivity

Stage = Literal["nothing", "invited", "active", "drafts", "sent", "accepted"]
View = Literal["all", "nothing_sent", "not_active", "drafts_only", "changes_requested", "fewer", "asked"]
Sort = Literal["stage", "name", "county", "drafts", "waiting", "changes", "accepted", "last_year", "contact"]

STAGES: Final[tuple[Stage, ...]] = ("nothing", "invited", "active", "drafts", "sent", "accepted")
VIEWS: Final[tuple[View, ...]] = (
    "all",
    "nothing_sent",
    "not_active",
    "drafts_only",
    "changes_requested",
    "fewer",
    "asked",
)
SORTS: Final[tuple[Sort, ...]] = (
    "stage",
    "name",
    "county",
    "drafts",
    "waiting",
    "changes",
    "accepted",
    "last_year",
    "contact",
)


@dataclass(frozen=True, slots=True)
class EntryCount:
    """An organisation's entries of a year: those that wait, that it should change, that are public or were refused.

    ``last_year`` counts what was public the year before; ``untranslated`` what is public without a title in a language;
    ``texts`` how many of the texts of what is public each language has.
    """

    waiting: int = 0
    changes: int = 0
    accepted: int = 0
    refused: int = 0
    last_year: int = 0
    untranslated: Mapping[str, int] = field(default_factory=dict)
    texts: Sequence[Completeness] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """What the board knows of one organisation; ``asked`` counts requests that it has not answered."""

    organisation: OrganisationRecord
    entries: EntryCount = EntryCount()
    people_invited: int = 0
    people_active: int = 0
    last_seen: date | None = None
    reminded: date | None = None
    drafts: int = 0
    sent: int = 0
    not_renewed: int = 0
    asked: int = 0

    @property
    def stage(self) -> Stage:
        """How far it came: the furthest of all steps."""
        if self.entries.accepted:
            return "accepted"
        if self.sent:
            return "sent"
        if self.drafts:
            return "drafts"
        if self.people_active:
            return "active"
        return "invited" if self.people_invited else "nothing"

    @property
    def last_contact(self) -> date | None:
        return max((day for day in (self.last_seen, self.reminded) if day), default=None)


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """Which organisations are shown and in which order; empty fields do not limit."""

    view: View = "all"
    county: str = ""
    kind: str = ""
    sort: Sort = "stage"
    descending: bool = False


_IN_VIEW: Final[Mapping[View, Callable[[Standing], bool]]] = {
    "all": lambda _each: True,
    "nothing_sent": lambda each: not each.sent,
    "not_active": lambda each: not each.people_active,
    "drafts_only": lambda each: each.stage == "drafts",
    "changes_requested": lambda each: each.entries.changes > 0,
    "fewer": lambda each: each.sent < each.entries.last_year,
    "asked": lambda each: each.asked > 0,
}
_KEYS: Final[Mapping[Sort, Callable[[Standing], Any]]] = {
    "stage": lambda each: STAGES.index(each.stage),
    "name": lambda _each: 0,
    "county": lambda each: each.organisation.county or "",
    "drafts": lambda each: each.drafts,
    "waiting": lambda each: each.entries.waiting,
    "changes": lambda each: each.entries.changes,
    "accepted": lambda each: each.entries.accepted,
    "last_year": lambda each: each.entries.last_year,
    "contact": lambda each: each.last_contact or date.min,
}


def make_standing(
    organisation: OrganisationRecord,
    year: int,
    *,
    activity: OrganisationActivity | None,
    entries: EntryCount,
    asked: int = 0,
    reminded: date | None = None,
    counts_undated: bool = True,
) -> Standing:
    """Join what ingest told and what the calendar has itself, which may be a moment ahead of each other.

    ``counts_undated``: drafts that name no year count for this one.
    """
    known = entries.waiting + entries.changes + entries.accepted + entries.refused
    if activity is None:
        return Standing(organisation, entries, sent=known, asked=asked, reminded=reminded)
    told = next((each for each in activity.years if each.year == year), YearActivity(year))
    return Standing(
        organisation,
        entries,
        people_invited=activity.people_invited,
        people_active=activity.people_active,
        last_seen=date.fromisoformat(activity.last_seen_day) if activity.last_seen_day else None,
        reminded=reminded,
        drafts=told.drafts + (activity.undated_drafts if counts_undated else 0),
        sent=max(told.sent, known),
        not_renewed=told.not_renewed,
        asked=asked,
    )


def select(standings: Iterable[Standing], chosen: BoardFilter, language: str) -> list[Standing]:
    """List those that the filter shows, in its order; equal ones by name."""
    shown = [
        each
        for each in standings
        if _IN_VIEW[chosen.view](each)
        and chosen.county in {"", each.organisation.county}
        and chosen.kind in {"", each.organisation.kind}
    ]
    backwards = chosen.sort == "name" and chosen.descending
    shown.sort(key=lambda each: build_collation_key(each.organisation.name, language), reverse=backwards)
    if chosen.sort != "name":
        shown.sort(key=_KEYS[chosen.sort], reverse=chosen.descending)
    return shown


def count_views(standings: Collection[Standing]) -> dict[View, int]:
    return {view: sum(map(_IN_VIEW[view], standings)) for view in VIEWS}


@dataclass(frozen=True)
class Coverage:
    """Public events by county and month (1 to 12); what began before the year counts in January."""

    counts: Mapping[tuple[str, int], int]
    counties: Sequence[str]

    def get(self, county: str, month: int) -> int:
        return self.counts.get((county, month), 0)

    def sum_county(self, county: str) -> int:
        return sum(self.get(county, month) for month in range(1, 13))

    def sum_month(self, month: int) -> int:
        return sum(self.get(county, month) for county in self.counties)

    def count_gaps(self) -> int:
        return sum(not self.get(county, month) for county in self.counties for month in range(1, 13))


def choose_year(calls: Iterable[YearCall], today: date) -> int:
    """Return the first year whose call still takes events or will, else the last announced, else the next."""
    announced = {each.year: each.terms.deadline_on for each in calls if each.year >= today.year}
    ahead = [year for year, deadline in announced.items() if deadline >= today]
    return min(ahead, default=max(announced, default=today.year + 1))


def choose_undated_year(calls: Collection[YearCall], today: date) -> int:
    """Return the year for which drafts without a date count: of the open call that ends first, else the board's."""
    is_open = (each for each in calls if each.terms.opens_on <= today <= each.terms.deadline_on)
    first = min(is_open, key=lambda call: (call.terms.deadline_on, call.year), default=None)
    return first.year if first else choose_year(calls, today)
