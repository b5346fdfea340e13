"""Asks the editors of an organisation whether its coming events are still right, and confirms them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Final

from services.ingest.confirmation.model import (
    ConfirmationLink,
    LinkInvalid,
    bound_events,
    find_monday,
    group_by_organisation,
    is_asked_about,
    make_token,
    read_token,
)
from services.ingest.state import State
from services.ingest.submission.commands import SubmissionUnknown, change
from services.ingest.submission.model import NewerContent, NothingLive, Submission, confirm
from shared.accounts.accounts import Accounts
from shared.accounts.model import Account, Person, Role, find_membership, make_account
from shared.event.date_phrases import format_dates
from shared.jobs.model import Job
from shared.mail.model import Mail, Recipient

ASK: Final = "ask_still_right"
"""Kind of job."""
SECRET: Final = "confirmations"  # noqa: S105 - its name
_EDITORS: Final[frozenset[Role]] = frozenset({"editor"})


@dataclass(frozen=True, slots=True)
class ConfirmationQuestion:
    """The events that a link asks about, and the person it was sent to, acting for the organisation."""

    account: Account
    submissions: Sequence[Submission]


async def ask(state: State, accounts: Accounts, job: Job) -> Mapping[str, Any]:
    """Handle the job of a day: one mail a week to each editor of each organisation with events in four weeks."""
    # The same question each day of the week: a day on which nothing ran loses none.
    day, sent = find_monday(date.fromisoformat(job.key)), 0
    secret, closed = await accounts.get_secret(SECRET), await accounts.organisations.get_closed()
    coming = filter(is_asked_about, await state.submissions.list_starting(*bound_events(day)))
    open_ones = (each for each in coming if each.organiser.slug not in closed)
    for organisation, submissions in group_by_organisation(open_ones).items():
        for person in await accounts.list_members(organisation, _EDITORS):
            if not person.disabled:
                token = make_token(ConfirmationLink(day, organisation, person.id), secret)
                sent += await state.mail.queue(_make_mail(state, person, submissions, token, day))
    return {"mails": sent}


def _make_mail(state: State, person: Person, submissions: Sequence[Submission], token: str, day: date) -> Mail:
    ingest_url = state.pages.settings.ingest_url
    to = Recipient(person.id, person.email, person.name, person.language or state.region.languages.default)
    items = [
        {
            "title": each.event.title["pl"],
            "dates": format_dates(each.event.dates, to.language),
            "provisional": each.event.dates.certainty != "exact",
            "url": f"{ingest_url}/ingest/submissions/{each.id}/edit",
        }
        for each in submissions
    ]
    context = {"items": items, "url": f"{ingest_url}/ingest/still-right/{token}"}
    key = f"still-right:{day.isoformat()}:{submissions[0].organiser.slug}:{person.id}"
    return Mail(key, "still_right", to, context, list="confirmations")


async def find_question(state: State, accounts: Accounts, token: str) -> ConfirmationQuestion:
    """Raises LinkInvalid: it is no link of ours, it is over, or the person is no editor there any more."""
    link = read_token(token, await accounts.get_secret(SECRET), state.get_today())
    person = await accounts.find_person(link.person)
    membership = find_membership(person.memberships, f"{link.organisation}:editor") if person else None
    if person is None or person.disabled or membership is None:
        raise LinkInvalid
    account = make_account(person, membership, frozenset(), may_change=False)
    found = await state.submissions.list_starting(*bound_events(link.day))
    own = [each for each in found if each.organiser.slug == link.organisation and each.can_be_confirmed]
    return ConfirmationQuestion(account, own)


async def confirm_all(state: State, question: ConfirmationQuestion) -> None:
    """Confirm every event that is still public; repeating it changes nothing."""
    for each in question.submissions:
        with suppress(NothingLive, NewerContent, SubmissionUnknown):  # cancelled, withdrawn or changed meanwhile
            await confirm_one(state, question.account, each.id)


async def confirm_one(state: State, account: Account, submission_id: str) -> None:
    """Raises NothingLive, NewerContent, and as :func:`change`."""
    find = partial(state.submissions.find, submission_id, account.organisation)
    await change(state, account, find, confirm, check=lambda _version: None, key=None)
