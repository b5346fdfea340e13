"""Tells the editors of each organisation that pictures of theirs may be shown for three more weeks only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from services.ingest.confirmation.model import group_by_organisation
from services.ingest.lapsing_picture.model import NOTICE, find_end
from services.ingest.notification.mails import make_recipient
from services.ingest.state import State
from services.ingest.submission.model import Submission
from shared.accounts.accounts import Accounts
from shared.accounts.model import Person, Role
from shared.jobs.model import Job
from shared.mail.model import Mail

WARN_OF_LAPSE: Final = "warn_of_lapse"
"""Kind of job."""
MOST: Final = 30
"""Events named in a mail; the others are counted."""
_EDITORS: Final[frozenset[Role]] = frozenset({"editor"})


async def warn_of_lapse(state: State, accounts: Accounts, job: Job) -> Mapping[str, Any]:
    """Handle the job of a day: one mail a last day to each editor of each organisation with such pictures."""
    today, sent = date.fromisoformat(job.key), 0
    closed = await accounts.organisations.get_closed()
    found = await state.submissions.list_lapsing(today.isoformat(), (today + NOTICE).isoformat())
    for slug, submissions in group_by_organisation(found).items():
        if slug in closed:
            continue
        people = [each for each in await accounts.list_members(slug, _EDITORS) if not each.disabled]
        for last_day, lapsing in _group_by_end(submissions, today).items():
            sent += sum([await state.mail.queue(_make_mail(state, each, lapsing, last_day)) for each in people])
    return {"mails": sent}


def _group_by_end(submissions: Sequence[Submission], today: date) -> Mapping[date, list[Submission]]:
    found: dict[date, list[Submission]] = {}
    for each in submissions:
        end = find_end(each, today)
        if end is not None and end >= today:
            found.setdefault(end, []).append(each)
    return found


def _make_mail(state: State, person: Person, submissions: Sequence[Submission], last_day: date) -> Mail:
    ingest_url = state.pages.settings.ingest_url
    to = make_recipient(person, state.region.languages.default)
    items = [
        {"title": each.event.title["pl"], "url": f"{ingest_url}/ingest/submissions/{each.id}/edit#picture-list"}
        for each in submissions[:MOST]
    ]
    context = {
        "items": items,
        "more": len(submissions) - len(items),
        "last_day": last_day.isoformat(),
        "url": f"{ingest_url}/ingest/",
    }
    # By the last day: whichever day of the three weeks the job runs on, the mail comes once.
    key = f"lapsing-pictures:{last_day.isoformat()}:{submissions[0].organiser.slug}:{person.id}"
    return Mail(key, "lapsing_pictures", to, context, list="confirmations")
