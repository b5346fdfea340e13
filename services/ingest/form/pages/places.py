"""What the buttons of the register of venues do to a draft: choose a place, add the one that is typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.ingest.draft import commands, model
from services.ingest.draft.commands import TypedPage
from services.ingest.draft.model import Draft
from services.ingest.form.mapping import FormValues
from services.ingest.state import State
from services.ingest.submission.field_errors import ValidationFailed
from services.ingest.venue.commands import add_venue
from services.ingest.venue.model import write_form_values, write_words
from services.ingest.venue.place_correction import list_changes
from services.ingest.venue.repository import RegisterFull
from services.ingest.venue.view import ASKED, CHOOSE, Asked, parse_words, read_typed_words
from shared.accounts.accounts import Account
from shared.accounts.organisations import OrganisationClosed

FIND: Final[Mapping[str, Asked]] = {"find": "found", "find-start": "start"}
"""The buttons that ask the register what fits the words of the venue, or of the starting point."""
VENUE_REFUSALS: Final = (ValidationFailed, RegisterFull, OrganisationClosed)
"""After which the form is shown again."""


async def choose_venue(state: State, account: Account, draft: Draft, button: str, typed: TypedPage) -> Draft:
    """Do what a button of the register says: ``place``, ``start`` or ``correct`` with an id, ``add`` or ``add anyway``.

    Raises as :func:`add_venue`, and ValidationFailed, TextsUnseen, DraftEnded, DraftTooLarge.
    """
    act, _space, rest = button.partition(" ")
    for field, word in CHOOSE.items():
        if act == word:
            found = await state.venues.find_staying(rest)
            return await _fill(state, account, draft, write_form_values(found, field), typed) if found else draft
    if act == "correct":
        found = await state.venues.find_staying(rest)
        changes = list_changes(parse_words(typed.fields), found) if found else {}
        return await _fill(state, account, draft, write_words(changes), typed) if changes else draft
    if act == "add":
        words = read_typed_words(typed.fields, state.vocabulary)
        added = await add_venue(state, account, words, again=rest == "anyway")
        return await _fill(state, account, draft, write_form_values(added), typed)
    return draft


def build_asking_url(draft_id: str, asked: Asked, acting: str) -> str:
    """The form with what the register answers; ``acting`` names the organisation, as ``?as=``."""
    start = f"{acting}&" if acting else "?"
    return f"/ingest/drafts/{draft_id}{start}{ASKED}={asked}#{'start-place' if asked == 'start' else 'where'}"


async def _fill(state: State, account: Account, draft: Draft, values: FormValues, typed: TypedPage) -> Draft:
    by, at = typed.by, state.now()
    return await commands.change(
        state, account, draft.id, lambda each: model.fill(each, values, typed.fields, by=by, at=at)
    )
