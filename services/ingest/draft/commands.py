"""Commands on drafts: save what a page typed, choose between texts, fill in, end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from services.ingest.draft.model import (
    Draft,
    DraftTooLarge,
    Origin,
    Seen,
    Typist,
    end,
    list_changed,
    make_draft,
    merge,
    settle,
)
from services.ingest.draft.repository import DraftsFull
from services.ingest.form.mapping import FormValues
from services.ingest.state import State
from services.ingest.submission.commands import OutcomeUnknown
from shared.accounts.accounts import Account
from shared.database.client import PyMongoError, is_unavailable
from shared.database.versioned import Contended, write_versioned

_ID: Final = re.compile(r"[A-Za-z0-9-]{1,64}")
"""What the id of a draft may be; a browser sends it."""

DraftCommand = Callable[[Draft], Draft]


class DraftUnknown(Exception):
    """There is none by this id, or it is another organisation's."""


class DraftEnded(Exception):
    """The draft was sent or discarded."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(draft.id)
        self.draft = draft


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedPage:
    """A form as a browser sends it; ``origin`` is what it edits, for the first save."""

    draft_id: str
    fields: FormValues
    seen: Seen
    by: Typist
    origin: Origin | None = None


def is_draft_id(written: str) -> bool:
    return _ID.fullmatch(written) is not None


async def save(state: State, account: Account, typed: TypedPage) -> Draft:
    """Merge a page into its draft, which the first save makes.

    Raises:
        DraftEnded: if it was sent or discarded.
        DraftTooLarge, DraftsFull: if it cannot be kept.
        OutcomeUnknown: if the database is unavailable.

    """

    async def load() -> Draft | None:
        return await _find(state, account, typed)

    def apply(before: Draft | None) -> Draft:
        if before is None:
            return _make(state, account, typed)
        return merge(_check_open(before), typed.fields, typed.seen, by=typed.by, at=state.now())

    async def write(before: Draft | None, after: Draft) -> Draft | None:
        if before is after:
            return after
        done = await (state.drafts.save(before, after) if before else state.drafts.add(after))
        return after if done else None

    with _report_outage():
        return await write_versioned(load, apply, write)


async def update(state: State, account: Account, typed: TypedPage) -> Draft | None:
    """Merge a page into its draft if it has one that is open; raises as :func:`save`."""
    with _report_outage():
        found = await _find(state, account, typed)
    return await save(state, account, typed) if found and found.ended is None else None


async def try_to_save(state: State, account: Account, typed: TypedPage) -> Draft | None:
    """Save the form that is shown again; None if that is not possible, for the page has what was typed anyway."""
    try:
        return await save(state, account, typed)
    except (DraftEnded, DraftTooLarge, DraftsFull, OutcomeUnknown, Contended):
        return None


async def change(state: State, account: Account, draft_id: str, command: DraftCommand) -> Draft:
    """Raises DraftUnknown, DraftEnded or OutcomeUnknown."""

    async def load() -> Draft:
        found = await state.drafts.find(draft_id, account.organisation)
        if found is None:
            raise DraftUnknown
        return _check_open(found)

    async def write(before: Draft, after: Draft) -> Draft | None:
        return after if before is after or await state.drafts.save(before, after) else None

    with _report_outage():
        return await write_versioned(load, command, write)


async def discard(state: State, account: Account, draft_id: str) -> Draft:
    """Raises as :func:`change`."""
    return await change(state, account, draft_id, lambda draft: end(draft, "discarded", at=state.now()))


async def end_sent(state: State, account: Account, typed: TypedPage, *, sent_as: str, version: int) -> None:
    """End the draft of a form that was sent.

    What another page typed into it at the last moment becomes a draft of a change to what was sent. A form without a
    draft leaves an ended one, so that a save of the same page that comes late makes none. Raises as :func:`save`, and
    as :func:`change`.
    """

    def is_same(draft: Draft) -> bool:
        changed = [draft.typed.get(name) for name in list_changed(draft, typed.fields)]
        return all(field is None or field.by.page == typed.by.page for field in changed)

    with _report_outage():
        found = await _find(state, account, typed)
    if found is None:
        found = await save(state, account, typed)
    if found.ended is None:
        await settle_sent(state, account, found.id, is_same, sent_as=sent_as, version=version)


async def settle_sent(
    state: State, account: Account, draft_id: str, is_same: Callable[[Draft], bool], *, sent_as: str, version: int
) -> Draft:
    """Note that a draft was sent; ``is_same`` tells whether all of it was. Raises as :func:`change`."""

    def apply(draft: Draft) -> Draft:
        return settle(draft, is_same=is_same(draft), sent_as=sent_as, version=version, at=state.now())

    return await change(state, account, draft_id, apply)


async def _find(state: State, account: Account, typed: TypedPage) -> Draft | None:
    found = await state.drafts.find(typed.draft_id, account.organisation)
    if found is None and typed.origin is not None:
        return await state.drafts.find_by_origin(account.organisation, typed.origin)
    return found


def _make(state: State, account: Account, typed: TypedPage) -> Draft:
    return make_draft(
        typed.fields,
        id=typed.draft_id,
        organisation=account.organisation,
        origin=typed.origin,
        by=typed.by,
        at=state.now(),
    )


def _check_open(draft: Draft) -> Draft:
    if draft.ended is not None:
        raise DraftEnded(draft)
    return draft


@contextmanager
def _report_outage() -> Iterator[None]:
    try:
        yield
    except PyMongoError as error:
        if is_unavailable(error):
            raise OutcomeUnknown from error
        raise
