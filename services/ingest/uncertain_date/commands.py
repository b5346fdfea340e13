"""Asks the editors of each organisation for the days that are not sure, before a programme closes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from services.ingest.confirmation.model import group_by_organisation
from services.ingest.notification.mails import make_recipient
from services.ingest.state import State
from services.ingest.submission.model import Submission
from services.ingest.uncertain_date.model import ClosingProgramme, is_asked_about, list_closing
from shared.accounts.accounts import Accounts
from shared.accounts.model import Person, Role
from shared.event.date_phrases import format_dates
from shared.jobs.model import Job
from shared.mail.model import Mail

ASK_FOR_DATES: Final = "ask_for_dates"
"""Kind of job."""
MOST: Final = 30
"""Events named in a mail; the others are counted."""
_EDITORS: Final[frozenset[Role]] = frozenset({"editor"})


async def ask_for_dates(state: State, accounts: Accounts, job: Job) -> Mapping[str, Any]:
    """Handle the job of a day: one mail a step to each editor of each organisation with days that are not sure."""
    day, sent = date.fromisoformat(job.key), 0
    closed = await accounts.organisations.get_closed()
    for closing in list_closing(state.calls.list_calls(), day, state.region.time_zone):
        found = await state.submissions.list_uncertain(closing.year)
        uncertain = [each for each in found if is_asked_about(each, closing, day)]
        for slug, submissions in group_by_organisation(uncertain).items():
            if slug not in closed:
                sent += await _ask(state, await accounts.list_members(slug, _EDITORS), submissions, closing)
    return {"mails": sent}


async def _ask(
    state: State, people: Sequence[Person], submissions: Sequence[Submission], closing: ClosingProgramme
) -> int:
    mails = [_make_mail(state, each, submissions, closing) for each in people if not each.disabled]
    return sum([await state.mail.queue(each) for each in mails])


def _make_mail(state: State, person: Person, submissions: Sequence[Submission], closing: ClosingProgramme) -> Mail:
    ingest_url = state.pages.settings.ingest_url
    to = make_recipient(person, state.region.languages.default)
    items = [
        {
            "title": each.event.title["pl"],
            "dates": format_dates(each.event.dates, to.language),
            "url": f"{ingest_url}/ingest/submissions/{each.id}/edit#certainty",
        }
        for each in submissions[:MOST]
    ]
    context = {
        "items": items,
        "more": len(submissions) - len(items),
        "year": closing.year,
        "last_day": closing.last_day.isoformat(),
        "curator": state.region.contact if closing.locked else "",
        "url": f"{ingest_url}/ingest/",
    }
    # Without the last day: a programme whose last day moves asks again only once this mail is forgotten.
    key = f"uncertain-dates:{closing.year}:{closing.step}:{submissions[0].organiser.slug}:{person.id}"
    return Mail(key, "uncertain_dates", to, context, list="confirmations")
