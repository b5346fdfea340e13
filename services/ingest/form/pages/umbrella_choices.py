"""What the event of a form may be part of."""

from __future__ import annotations

from services.ingest.form.mapping import FormValues, get_value
from services.ingest.form.view import Choices
from services.ingest.state import State
from services.ingest.submission.model import Submission
from services.ingest.submission.umbrella import UmbrellaChoice
from shared.accounts.accounts import Account
from shared.database.client import PyMongoError
from shared.event.date_phrases import format_dates
from shared.i18n.text import _, translate


async def list_umbrellas(
    state: State, account: Account, fields: FormValues, submission: Submission | None, *, lang: str
) -> Choices:
    """List the events of the organisation with their ids; what is chosen already is always there.

    An event that has parts has no choice. A form must be shown again even while the database is away.
    """
    chosen = get_value(fields, "part_of")
    try:
        found = await _list_possible(state, account, submission)
        if chosen and chosen not in {each.id for each in found}:
            present = await state.umbrellas.find_choice(chosen, account.organisation)
            found = [present, *found] if present else found
    except PyMongoError:
        found = []
    choices = [(each.id, f"{each.title} ({format_dates(each.dates, lang)})") for each in found]
    is_listed = not chosen or chosen in dict(choices)
    return choices if is_listed else [(chosen, translate(_("as before"), lang)), *choices]


async def _list_possible(state: State, account: Account, submission: Submission | None) -> list[UmbrellaChoice]:
    if submission and await state.umbrellas.count_parts(submission.id, account.organisation):
        return []
    found = await state.umbrellas.list_choices(account.organisation, since=state.get_today())
    return [each for each in found if submission is None or each.id != submission.id]


async def find_umbrella_title(state: State, submission: Submission) -> str | None:
    """None if it is part of nothing, or the database is away."""
    part_of = submission.event.part_of
    if part_of is None:
        return None
    try:
        found = await state.umbrellas.find_choice(part_of, submission.organiser.slug)
    except PyMongoError:
        return None
    return found.title if found else None
