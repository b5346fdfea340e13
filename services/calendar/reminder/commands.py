"""Commands of reminders: plan, send, call back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

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
    make_key,
    plan_reminder,
)
from services.calendar.state import State
from shared.accounts.accounts import Accounts
from shared.call import Call, find_last_day, parse_call
from shared.clock import write_instant
from shared.mail.model import MAIL_KIND, Mail


class ReminderUnknown(Exception):
    pass


class ReminderGone(Exception):
    """The mails are sent, or were called back before."""


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
        standings = select(standings, choice.filter)
    chosen = {each.organisation.slug for each in standings}
    persons = [
        person
        for person in await accounts.list_members(roles={"editor"})
        if any(each.organisation in chosen for each in person.memberships)
    ]
    signer = await state.mail.get_signer()
    keys = {person.id: signer.derive_key(person.email) for person in persons}
    states = await state.mail.addresses.find_many(list(keys.values()))
    since = datetime.fromisoformat(state.now()) - RECENT
    return plan_reminder(
        standings,
        persons,
        {each: states[key] for each, key in keys.items() if key in states},
        recent=await state.reminders.list_reminded(since, besides=reminder_id),
        again=choice.again,
    )


async def send_reminder(state: State, plan: Plan, letter: Letter) -> Reminder:
    """Queue a mail to each; a repeat with the same id queues only what is missing. Raises ReminderGone."""
    now = datetime.fromisoformat(state.now())
    reminder = await state.reminders.add(
        Reminder(
            id=letter.id,
            year=letter.year,
            organisations=tuple(each.organisation.slug for each in plan.reached),
            people=tuple(each.person.id for each in plan.addressees),
            sent_at=write_instant(now),
            due_at=write_instant(now + DELAY),
        )
    )
    if reminder.called_back_at:
        raise ReminderGone
    call = await find_open_call(state, letter.year)
    for each in plan.addressees:
        await state.mail.queue(write_mail(state, each, letter, call), due_at=datetime.fromisoformat(reminder.due_at))
    return reminder


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
    """Remove the mails that are not sent yet; return how many. Raises ReminderUnknown or ReminderGone."""
    reminder = await state.reminders.find(reminder_id)
    if reminder is None:
        raise ReminderUnknown(reminder_id)
    if not reminder.can_call_back(datetime.fromisoformat(state.now())):
        raise ReminderGone
    await state.reminders.call_back(reminder_id, at=state.now())
    removed = [await state.mail.jobs.remove(MAIL_KIND, make_key(reminder_id, person)) for person in reminder.people]
    return sum(removed)
