"""Commands on entries. Pages and API decide through them."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from services.calendar.entry.model import Entry
from services.calendar.entry.publication import EntryChange, hide_lapsed_in
from services.calendar.review.model import CuratorAct, check_four_eyes, is_repeat
from services.calendar.state import State
from shared.database.versioned import write_versioned
from shared.event.days import get_local_day


class EntryUnknown(Exception):
    pass


class EntryOutdated(Exception):
    """The entry has changed since it was read; ``review_number`` is its present one."""

    def __init__(self, review_number: int) -> None:
        super().__init__(review_number)
        self.review_number = review_number


class EntryCommand(Protocol):
    """What a curator does to an entry at an instant."""

    def __call__(self, entry: Entry, /, *, now: str) -> EntryChange: ...


async def apply_command(
    state: State, entry_id: str, command: EntryCommand, *, seen: int | None, act: CuratorAct | None = None
) -> Entry:
    """Apply a command to an entry whose review number is ``seen`` (None for any); return the entry after it.

    An ``act`` that the same form has done already changes nothing.

    Raises EntryUnknown, EntryOutdated, OutboxFull; Contended if other writes were first each time.
    """

    def apply(before: Entry) -> tuple[EntryChange, str]:
        now = state.now()
        if seen is not None and seen != before.review_number:
            if act and is_repeat(before, act, seen=seen):
                return (before, ()), now
            raise EntryOutdated(before.review_number)
        day = get_local_day(now, state.region.time_zone).isoformat()
        return hide_lapsed_in(before, command(before, now=now), day, now=now), now

    async def save(before: Entry, change: tuple[EntryChange, str]) -> Entry | None:
        (after, messages), now = change
        if not messages:
            return after
        return after if await state.entries.save(before, after, messages, at=now) else None

    return await write_versioned(partial(get_entry, state, entry_id), apply, save)


async def apply_decision(
    state: State, entry_id: str, command: EntryCommand, *, seen: int | None, act: CuratorAct | None = None
) -> Entry:
    """As :func:`apply_command`, for accepting, rejecting and requesting changes; raises OwnEntry too."""

    def decide(entry: Entry, /, *, now: str) -> EntryChange:
        check_four_eyes(entry, state.edited)
        return command(entry, now=now)

    return await apply_command(state, entry_id, decide, seen=seen, act=act)


async def get_entry(state: State, entry_id: str) -> Entry:
    """Raises EntryUnknown."""
    entry = await state.entries.find(entry_id)
    if entry is None:
        raise EntryUnknown(entry_id)
    return entry
