"""Commands of the roll-over: list last year's events, make drafts of them, say which do not return, count the rest."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

from services.ingest.draft.model import Draft, Origin
from services.ingest.draft.repository import DraftsFull
from services.ingest.form.mapping import write_form
from services.ingest.rollover.model import Renewal, propose, renew
from services.ingest.rollover.repository import Decline
from services.ingest.rollover.successors import find_successors
from services.ingest.state import State
from services.ingest.submission.model import Submission
from shared.accounts.accounts import Account

JULY: Final = 7
STOPPED: Final = frozenset({"rejected", "withdrawn"})


@dataclass(frozen=True, slots=True)
class LastYearsEvent:
    """An event of the year before and what became of it: a draft, an event of the year, a decline, or nothing yet."""

    submission: Submission
    renewal: Renewal
    draft: Draft | None = None
    successor: Submission | None = None
    decline: Decline | None = None

    @property
    def is_open(self) -> bool:
        return self.draft is None and self.successor is None and self.decline is None


@dataclass(frozen=True, slots=True)
class RolloverCounts:
    """Of the events that were public last year: how many are drafts, sent again, declined, or not renewed."""

    total: int
    drafts: int
    sent: int
    declined: int
    not_renewed: int


@dataclass(frozen=True)
class Rollover:
    """``year`` is the one rolled over into."""

    year: int
    events: Sequence[LastYearsEvent]

    @cached_property
    def open(self) -> list[LastYearsEvent]:
        return [each for each in self.events if each.is_open]

    @cached_property
    def settled(self) -> list[LastYearsEvent]:
        return [each for each in self.events if not each.is_open]

    @cached_property
    def successors(self) -> dict[str, str]:
        """The ids of what was sent for the year, by those of the year before."""
        return {each.submission.id: each.successor.id for each in self.events if each.successor}

    def count(self) -> RolloverCounts:
        return RolloverCounts(
            total=len(self.events),
            drafts=sum(each.draft is not None for each in self.settled),
            sent=sum(each.successor is not None for each in self.settled),
            declined=sum(each.decline is not None for each in self.settled),
            not_renewed=len(self.open),
        )


@dataclass(frozen=True, slots=True)
class RolloverResult:
    """``made`` drafts; ``full`` if there was no room for more."""

    made: int
    full: bool = False


def get_default_year(today: date) -> int:
    """From July on people plan the next year."""
    return today.year + (today.month >= JULY)


async def list_last_year(
    state: State, organisation: str, year: int, submissions: Sequence[Submission] | None = None
) -> Rollover:
    """The events that are public and began in the year before, in their order, with what became of each.

    ``submissions`` are all of the organisation, where they have been read already.
    """
    if submissions is None:
        submissions = [
            each
            for wanted in (year - 1, year)
            async for each in state.submissions.iterate_submissions(organisation, year=wanted)
        ]
    before = [each for each in _list_beginning(submissions, year - 1) if each.live_version is not None]
    if not before:
        return Rollover(year, [])
    after = [each for each in _list_beginning(submissions, year) if each.state not in STOPPED]
    drafts = await state.drafts.list_rolled_over(organisation, year)
    declines = await state.declines.list(organisation, year)
    sent = {each.id: each for each in after}
    made = {key: sent[draft.sent_as] for key, draft in drafts.items() if draft.sent_as in sent}
    taken = {each.id for each in made.values()}
    alike = find_successors(
        (each for each in before if each.id not in drafts), (each for each in after if each.id not in taken)
    )
    return Rollover(year, [_describe(state, each, year, drafts, declines, made | alike) for each in before])


async def renew_events(state: State, account: Account, year: int, ids: Collection[str]) -> RolloverResult:
    """Make drafts of those that are open; what is a draft, was sent or declined stays as it is."""
    rollover, made = await list_last_year(state, account.organisation, year), 0
    for each in rollover.open:
        if each.submission.id not in ids:
            continue
        fields = write_form(renew(each.submission.event, each.renewal))
        if umbrella_id := rollover.successors.get(each.submission.event.part_of or ""):
            fields["part_of"] = [umbrella_id]
        origin = Origin("rollover", each.submission.id, year)
        try:
            await state.drafts.create(account.organisation, fields, origin=origin, by=account)
        except DraftsFull:
            return RolloverResult(made, full=True)
        made += 1
    return RolloverResult(made)


async def find_umbrella(state: State, organisation: str, origin: Origin) -> str | None:
    """Find what a draft of last year's part is part of: what was sent for its year in place of last year's umbrella."""
    before = await state.submissions.find(origin.submission_id, organisation)
    part_of = before.submission.event.part_of if before else None
    if part_of is None or origin.year is None:
        return None
    return (await list_last_year(state, organisation, origin.year)).successors.get(part_of)


async def decline_events(
    state: State, organisation: str, year: int, ids: Collection[str], *, reason: str
) -> list[LastYearsEvent]:
    """Note of those that are open that they do not return; return them."""
    rollover = await list_last_year(state, organisation, year)
    chosen = [each for each in rollover.open if each.submission.id in ids]
    at = state.now()
    await state.declines.put(organisation, [Decline(each.submission.id, year, reason, at) for each in chosen])
    return chosen


async def count_not_renewed(state: State, organisation: str, year: int) -> RolloverCounts:
    """What the board of the curators shows of an organisation."""
    return (await list_last_year(state, organisation, year)).count()


def _list_beginning(submissions: Iterable[Submission], year: int) -> list[Submission]:
    """By id, since one that lasts over New Year was read for both years."""
    found = {each.id: each for each in submissions if each.event.dates.start.startswith(f"{year:04}")}
    return list(found.values())


def _describe(  # noqa: PLR0917 - all that may have become of an event
    state: State,
    submission: Submission,
    year: int,
    drafts: dict[str, Draft],
    declines: dict[str, Decline],
    successors: dict[str, Submission],
) -> LastYearsEvent:
    renewal = propose(submission.event, year, state.region.time_zone)
    draft, successor = drafts.get(submission.id), successors.get(submission.id)
    if successor:
        return LastYearsEvent(submission, renewal, successor=successor)
    if draft:
        return LastYearsEvent(submission, renewal, draft=draft)
    return LastYearsEvent(submission, renewal, decline=declines.get(submission.id))
