"""Commands on entries. Pages and API decide through them."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from services.calendar.entry.model import Entry
from services.calendar.entry.publication import EntryChange
from services.calendar.state import State
from shared.database.versioned import write_versioned
from shared.i18n.text import _
from shared.web.etag import format_etag
from shared.web.problems import NotFound, Stale


class EntryCommand(Protocol):
    """What a curator does to an entry at an instant."""

    def __call__(self, entry: Entry, /, *, now: str) -> EntryChange: ...


async def apply_command(state: State, entry_id: str, command: EntryCommand, *, seen: int | None) -> Entry:
    """Apply a command to an entry whose review number is ``seen`` (None for any); return the entry after it.

    Raises NotFound, Stale, OutboxFull; Contended if other writes were first each time.
    """

    def apply(before: Entry) -> tuple[EntryChange, str]:
        if seen not in {None, before.review_number}:
            raise make_stale(before)
        now = state.now()
        return command(before, now=now), now

    async def save(before: Entry, change: tuple[EntryChange, str]) -> Entry | None:
        (after, messages), now = change
        return after if await state.entries.save(before, after, messages, at=now) else None

    return await write_versioned(partial(get_entry, state, entry_id), apply, save)


async def get_entry(state: State, entry_id: str) -> Entry:
    """Raises NotFound if there is no entry with this id."""
    entry = await state.entries.find(entry_id)
    if entry is None:
        raise NotFound
    return entry


def make_stale(entry: Entry) -> Stale:
    detail = _("This entry has changed since it was opened. Read it once more and decide.")
    return Stale(detail, headers={"ETag": format_etag(entry.review_number)})
