"""Commands of reminders: plan, send, call back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from services.calendar.board.commands import list_standings
from services.calendar.board.model import select
from services.calendar.call.model import make_call_message
from services.calendar.reminder.mails import make_mail
from services.calendar.reminder.model import (
    DELAY,
    RECENT,
    Addressee,
    Plan,
    Reminder,
    ReminderChoice,
    make_digest,
    make_key,
    plan_reminder,
)
from services.calendar.state import State
from shared.accounts.accounts import Accounts
from shared.accounts.model import Person
from shared.call import Call, find_last_day, parse_call
from shared.clock import write_instant
from shared.jobs.model import Job, JobPolicy
from shared.mail.addresses import AddressState
from shared.mail.model import MAIL_KIND, Mail

SEND_REMINDER: Final = "send_reminder"
"""Kind of job."""
SEND_POLICY: Final = JobPolicy(handler_seconds=600.0)
"""A reminder to thousands is some minutes of rendering."""


class ReminderUnknown(Exception):
    pass


class ReminderGone(Exception):
    """The mails are sent, or were called back before."""


class ReminderDiffers(Exception):
    """Another reminder was sent under this id, or one that was called back."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is the same in all mails of a reminder: its id, its year, the chief's own words."""

    id: str
    year: int
    text: str


async def make_plan(state: State, accounts: Accounts, year: int, choice: ReminderChoice, reminder_id: str) -> Plan:
    """Plan a reminder with an id to the organisations that are chosen; closed ones are left out."""
    standings = await list_standings(state, year, closed=choice.filter is None)
    if choice.filter is None:
        standings = [each for each in standings if each.organisation.slug in choice.slugs]
    else:
        standings = select(standings, choice.filter, state.region.languages.default)
    chosen = {each.organisation.slug for each in standings}
    persons = [
        person
        for person in await accounts.list_members(roles={"editor"})
        if any(each.organisation in chosen for each in person.memberships)
    ]
    since = datetime.fromisoformat(state.now()) - RECENT
    return plan_reminder(
        standings,
        persons,
        await _find_addresses(state, persons),
        recent=await state.reminders.list_reminded(since, besides=reminder_id),
        again=choice.again,
    )


async def send_reminder(state: State, plan: Plan, letter: Letter) -> Reminder:
    """Save a reminder and the job that mails it; a repeat changes nothing. Raises ReminderDiffers."""
    made = _make_reminder(plan, letter, now=datetime.fromisoformat(state.now()))
    found = await state.reminders.find(letter.id) or await _save(state, made, letter)
    if found.digest != made.digest or found.called_back_at:
        raise ReminderDiffers
    return found


async def mail_reminder(state: State, accounts: Accounts, job: Job) -> Mapping[str, Any]:
    """Handle the job of a reminder, when it is due: queue its mails, unless it was called back."""
    reminder = await state.reminders.add(msgspec.convert(job.payload, Reminder))
    if not await state.reminders.let_leave(reminder.id, at=state.now()):
        return {"mails": 0}
    letter = Letter(reminder.id, reminder.year, job.payload["text"])
    call = await find_open_call(state, letter.year)
    addressees = await _list_addressees(state, accounts, reminder)
    return {"mails": sum([await state.mail.queue(write_mail(state, each, letter, call)) for each in addressees])}


def _make_reminder(plan: Plan, letter: Letter, *, now: datetime) -> Reminder:
    organisations = tuple(each.organisation.slug for each in plan.reached)
    people = tuple(each.person.id for each in plan.addressees)
    return Reminder(
        id=letter.id,
        year=letter.year,
        organisations=organisations,
        people=people,
        sent_at=write_instant(now),
        due_at=write_instant(now + DELAY),
        digest=make_digest(letter.text, organisations, people),
    )


async def _save(state: State, made: Reminder, letter: Letter) -> Reminder:
    # The job first: it holds the reminder, and saves it if the process dies between the two.
    payload = msgspec.to_builtins(made) | {"text": letter.text}
    await state.jobs.add(SEND_REMINDER, made.id, payload, due_at=datetime.fromisoformat(made.due_at))
    first = await state.jobs.find(SEND_REMINDER, made.id)
    return await state.reminders.add(msgspec.convert(first.payload, Reminder) if first else made)


async def _list_addressees(state: State, accounts: Accounts, reminder: Reminder) -> Sequence[Addressee]:
    """List whom a reminder reaches now: meanwhile somebody may have left, or an organisation may be closed."""
    chosen, people = frozenset(reminder.organisations), frozenset(reminder.people)
    standings = await list_standings(state, reminder.year, closed=True)
    persons = [each for each in await accounts.list_members(roles={"editor"}) if each.id in people]
    return plan_reminder(
        [each for each in standings if each.organisation.slug in chosen],
        persons,
        await _find_addresses(state, persons),
    ).addressees


async def _find_addresses(state: State, persons: Sequence[Person]) -> Mapping[str, AddressState]:
    """By the person's id; those that take every mail are missing."""
    signer = await state.mail.get_signer()
    keys = {person.id: signer.derive_key(person.email) for person in persons}
    states = await state.mail.addresses.find_many(list(keys.values()))
    return {each: states[key] for each, key in keys.items() if key in states}


def write_mail(state: State, addressee: Addressee, letter: Letter, call: Call | None) -> Mail:
    zone = state.region.time_zone
    return make_mail(
        addressee,
        reminder_id=letter.id,
        year=letter.year,
        text=letter.text,
        deadline=find_last_day(call.deadline_at, zone).isoformat() if call else "",
        days_left=call.days_left(datetime.fromisoformat(state.now()), zone) if call else None,
        ingest_url=state.mail.site.ingest_url,
        default=state.region.languages.default,
    )


async def find_open_call(state: State, year: int) -> Call | None:
    found = await state.calls.find(year)
    call = parse_call(make_call_message(found)) if found else None
    return call if call and call.is_open(datetime.fromisoformat(state.now())) else None


async def call_back(state: State, reminder_id: str) -> int:
    """Call a reminder back before its mails leave; return how many. Raises ReminderUnknown or ReminderGone."""
    reminder = await state.reminders.find(reminder_id)
    if reminder is None:
        raise ReminderUnknown(reminder_id)
    if not reminder.can_call_back(datetime.fromisoformat(state.now())):
        raise ReminderGone
    if not await state.reminders.call_back(reminder_id, at=state.now()):
        raise ReminderGone
    for person in reminder.people:  # an earlier release queued the mails at once
        await state.mail.jobs.remove(MAIL_KIND, make_key(reminder_id, person))
    return len(reminder.people)
