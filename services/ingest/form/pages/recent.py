"""Venues and the contact of last time, which one click puts into the form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.ingest.form.mapping import CONTACT, VENUE, FormValues, get_value, write_form
from services.ingest.state import State
from services.ingest.submission.content import SubmittedEvent
from shared.accounts.accounts import Account

LOOKED_AT: Final = 20
MAX_VENUES: Final = 3
PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "venue": tuple(f"venue.{name}" for name in (*VENUE, "lat", "lon")),
    "contact": tuple(f"contact.{name}" for name in CONTACT),
}


@dataclass(frozen=True, slots=True)
class RecentChoice:
    """``value`` is what the button sends: the part of the form, and the submission to take it from."""

    value: str
    text: str


@dataclass(frozen=True, slots=True)
class RecentChoices:
    venues: Sequence[RecentChoice] = ()
    contacts: Sequence[RecentChoice] = ()


async def list_recent(state: State, account: Account, fields: FormValues) -> RecentChoices:
    """List what the latest submissions name and this form does not."""
    latest = await state.submissions.list_latest(account.organisation, limit=LOOKED_AT)
    venues = _choose("venue", latest, fields)
    return RecentChoices(venues[:MAX_VENUES], _choose("contact", latest, fields)[:1])


def make_values(event: SubmittedEvent, part: str) -> FormValues:
    """Make the values of one part; what the event lacks is emptied."""
    written = write_form(event)
    return {name: written.get(name, []) for name in PARTS[part]}


def _choose(part: str, latest: Sequence[tuple[str, SubmittedEvent]], fields: FormValues) -> list[RecentChoice]:
    found: dict[str, RecentChoice] = {}
    for submission_id, event in latest:
        values = make_values(event, part)
        text = _describe(part, event)
        if text and any(get_value(fields, name) != get_value(values, name) for name in values):
            found.setdefault(text, RecentChoice(f"{part} {submission_id}", text))
    return list(found.values())


def _describe(part: str, event: SubmittedEvent) -> str:
    if part == "venue":
        return ", ".join(each for each in (event.venue.name, event.venue.town) if each)
    contact = event.contact
    return ", ".join(each for each in (contact.name, contact.email or contact.phone) if each) if contact else ""
