"""Umbrella and parts of an entry under review: what its page says of them, and which parts stop with it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from services.calendar.entry.model import (
    Entry,
    get_live_status,
    get_postponing_side,
    get_public_event,
    get_review_state,
)
from services.calendar.entry.publication import EntryChange
from services.calendar.entry.view import EventTitle, get_title
from services.calendar.review import model as review_model
from services.calendar.review.commands import EntryUnknown, apply_command
from services.calendar.review.model import NoPostponement, NothingToWithdraw, NotLive
from services.calendar.state import State
from shared.event.date_phrases import format_dates
from shared.event.days import get_span
from shared.event.model import Event

StopRule = Callable[..., EntryChange]


@dataclass(frozen=True, slots=True)
class RelatedEntry:
    """An umbrella or a part; ``tag`` is the kind of its tag."""

    title: EventTitle
    url: str
    when: str
    tag: str


@dataclass(frozen=True, slots=True)
class RelatedEntries:
    """``is_missing``: there is an umbrella that this curator does not see here.

    ``stands_alone``: the umbrella is not public. ``is_outside``: it takes place on days on which the umbrella does not.
    """

    umbrella: RelatedEntry | None = None
    parts: Sequence[RelatedEntry] = ()
    is_missing: bool = False
    stands_alone: bool = False
    is_outside: bool = False

    def __bool__(self) -> bool:
        return bool(self.umbrella or self.parts or self.is_missing)


async def make_parts(state: State, entry: Entry, lang: str, make_address: Callable[[str], str]) -> RelatedEntries:
    """``make_address`` gives the address of the page of an entry."""
    part_of = entry.event.part_of
    if part_of is None or part_of == entry.id:
        found = await state.entries.list_parts(entry)
        return RelatedEntries(parts=[_make_related(each, lang, make_address) for each in found])
    umbrella = await state.entries.find(part_of)
    if umbrella is None:
        return RelatedEntries(is_missing=True)
    return RelatedEntries(
        umbrella=_make_related(umbrella, lang, make_address),
        stands_alone=get_live_status(umbrella) in {None, "withdrawn"},
        is_outside=_is_outside(entry.event, umbrella.event),
    )


async def read_umbrella_titles(state: State, entry: Entry, lang: str) -> Mapping[str, str]:
    """Read the titles of the umbrellas that the entry's versions name, by id."""
    named = {entry.event.part_of, entry.live.event.part_of if entry.live else None}
    ids = [each for each in named if each]
    found = await state.entries.find_many(ids) if ids else {}
    return {entry_id: get_title(each.event, lang).text for entry_id, each in found.items()}


def _make_related(entry: Entry, lang: str, make_address: Callable[[str], str]) -> RelatedEntry:
    event, status = get_public_event(entry) or entry.event, get_live_status(entry)
    postponed = get_postponing_side(entry) is not None
    return RelatedEntry(
        title=get_title(event, lang),
        url=make_address(entry.id),
        when=format_dates(event.dates, lang),
        tag="cancelled" if status == "cancelled" else "postponed" if postponed else get_review_state(entry),
    )


def _is_outside(part: Event, umbrella: Event) -> bool:
    (first, last), (opens, closes) = get_span(part.dates), get_span(umbrella.dates)
    return first < opens or last > closes


async def list_stoppable(state: State, umbrella: Entry, rule: StopRule) -> list[Entry]:
    """List the parts that can be cancelled, postponed, reinstated or withdrawn with their umbrella."""
    return [each for each in await state.entries.list_parts(umbrella) if _can_stop(each, rule)]


def list_choices(parts: Sequence[Entry], lang: str) -> list[tuple[str, str]]:
    """Their ids, with title and dates."""
    return [(each.id, _name_choice(get_public_event(each) or each.event, lang)) for each in parts]


def _name_choice(event: Event, lang: str) -> str:
    return f"{get_title(event, lang).text} ({format_dates(event.dates, lang)})"


async def stop_parts(
    state: State, umbrella: Entry, rule: StopRule, chosen: Collection[str], *, by: str, comment: str | None
) -> int:
    """Stop the chosen parts, each by a command of its own; return how many.

    What has stopped meanwhile stays so, and repeating it is harmless. Raises OutboxFull, Contended.
    """
    stopped = 0
    for part in await list_stoppable(state, umbrella, rule) if chosen else ():
        if part.id in chosen:
            with suppress(NotLive, NoPostponement, NothingToWithdraw, EntryUnknown):
                await apply_command(state, part.id, partial(rule, by=by, comment=comment), seen=None)
                stopped += 1
    return stopped


def _can_stop(part: Entry, rule: StopRule) -> bool:
    status, side = get_live_status(part), get_postponing_side(part)
    possible: dict[StopRule, bool] = {
        review_model.cancel: status == "confirmed",
        review_model.postpone: status == "confirmed" and side is None,
        review_model.reinstate: side == "curator",
        review_model.withdraw: part.proposal is not None or status in {"confirmed", "cancelled"},
    }
    return possible.get(rule, False)
