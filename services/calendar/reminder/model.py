"""A reminder: to whom it goes, who is left out and why, and until when it can be called back. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, Literal

import msgspec

from services.calendar.board.model import BoardFilter, Standing
from shared.accounts.model import Person
from shared.mail.addresses import AddressState
from shared.plain_text import TextEmpty, normalize_text

LIST: Final = "reminders"
DELAY: Final = timedelta(minutes=10)
"""So long a reminder can be called back."""
MAX_TEXT: Final = 1_000
RECENT: Final = timedelta(days=3)
"""Who was reminded since then is left out, unless the chief wants otherwise."""
MAX_CHOSEN: Final = 400
"""Organisations that are ticked one by one: a form has at most 1,000 fields. All of a filter may be more."""
_NOBODY: Final[Mapping[str, str]] = MappingProxyType({})
_ID: Final = re.compile(r"[0-9a-f-]{32,36}")

Obstacle = Literal["closed", "nobody", "refused", "unsubscribed", "reminded"]


class Reminder(msgspec.Struct, frozen=True, kw_only=True):
    """A reminder that was sent; ``people`` are ids, ``organisations`` slugs; instants are RFC 3339 in UTC.

    ``digest`` tells it from another one that is sent under its id; those of an earlier release have none. At
    ``left_at`` its mails began to be queued.
    """

    id: str
    year: int
    organisations: tuple[str, ...]
    people: tuple[str, ...]
    sent_at: str
    due_at: str
    digest: str = ""
    called_back_at: str | None = None
    left_at: str | None = None

    def can_call_back(self, now: datetime) -> bool:
        waits = self.called_back_at is None and self.left_at is None
        return waits and now < datetime.fromisoformat(self.due_at)


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody who gets one mail, about all chosen organisations of which they are an editor."""

    person: Person
    standings: tuple[Standing, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An organisation that gets no mail."""

    standing: Standing
    obstacle: Obstacle


@dataclass(frozen=True, slots=True)
class RecentlyReminded:
    """Somebody who would get a mail and got one at ``at`` (RFC 3339)."""

    addressee: Addressee
    at: str


@dataclass(frozen=True, slots=True)
class Plan:
    """``recent`` are left out, or addressees as well if they are reminded again."""

    addressees: Sequence[Addressee]
    reached: Sequence[Standing]
    left_out: Sequence[LeftOut]
    recent: Sequence[RecentlyReminded] = ()


@dataclass(frozen=True, slots=True)
class ReminderChoice:
    """Organisations by their slugs, or all that a filter of the board shows; ``again``: also who was just reminded."""

    slugs: frozenset[str] = frozenset()
    filter: BoardFilter | None = None
    again: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.slugs and self.filter is None


def is_reminder_id(written: str) -> bool:
    return _ID.fullmatch(written) is not None


def read_text(written: str) -> str:
    """Return the chief's own words, "" for none. Raises TextRefused."""
    try:
        return normalize_text(written, MAX_TEXT)
    except TextEmpty:
        return ""


def plan_reminder(
    standings: Iterable[Standing],
    persons: Collection[Person],
    addresses: Mapping[str, AddressState],
    *,
    recent: Mapping[str, str] = _NOBODY,
    again: bool = False,
) -> Plan:
    """Decide who gets a mail.

    Args:
        standings: of the chosen organisations.
        persons: their editors.
        addresses: the states of those addresses that have one, by the person's id.
        recent: when those were reminded who just were, by the person's id.
        again: whether these are reminded nevertheless.

    """
    editors_of = _group_by_organisation(persons)
    obstacles = {each.id: _find_obstacle(each, addresses) for each in persons}
    held = frozenset() if again else frozenset(recent)
    found: dict[str, list[Standing]] = {}
    reached, left_out = [], []
    for standing in standings:
        editors = editors_of.get(standing.organisation.slug, ())
        mailed = [each for each in editors if obstacles[each.id] is None]
        if standing.organisation.closed:
            left_out.append(LeftOut(standing, "closed"))
        elif not mailed:
            left_out.append(LeftOut(standing, _explain([obstacles[each.id] for each in editors])))
        else:
            for each in mailed:
                found.setdefault(each.id, []).append(standing)
            if all(each.id in held for each in mailed):
                left_out.append(LeftOut(standing, "reminded"))
            else:
                reached.append(standing)
    everybody = [Addressee(each, tuple(found[each.id])) for each in persons if each.id in found]
    return Plan(
        addressees=[each for each in everybody if each.person.id not in held],
        reached=reached,
        left_out=left_out,
        recent=[RecentlyReminded(each, recent[each.person.id]) for each in everybody if each.person.id in recent],
    )


def make_digest(text: str, organisations: Iterable[str], people: Iterable[str]) -> str:
    return hashlib.sha256(msgspec.json.encode((text, sorted(organisations), sorted(people)))).hexdigest()


def make_key(reminder_id: str, person_id: str) -> str:
    """The key of a mail: whoever presses twice sends once."""
    return f"reminder:{reminder_id}:{person_id}"


def _group_by_organisation(persons: Iterable[Person]) -> Mapping[str, Sequence[Person]]:
    """Editors who may log in, by the slugs of their organisations."""
    grouped: dict[str, list[Person]] = {}
    for person in persons:
        slugs = {each.organisation for each in person.memberships if each.role == "editor"}
        for slug in () if person.disabled else slugs:
            grouped.setdefault(slug, []).append(person)
    return grouped


def _find_obstacle(person: Person, addresses: Mapping[str, AddressState]) -> Obstacle | None:
    if person.disabled:
        return "nobody"
    state = addresses.get(person.id)
    if state is None:
        return None
    if state.refused_at:
        return "refused"
    return "unsubscribed" if LIST in state.unsubscribed else None


def _explain(obstacles: Collection[Obstacle | None]) -> Obstacle:
    return "unsubscribed" if "unsubscribed" in obstacles else "refused" if "refused" in obstacles else "nobody"
