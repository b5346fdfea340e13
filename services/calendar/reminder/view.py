"""View of a reminder: to whom, who is left out and why, and one real mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from services.calendar.board.view import STAGE_LABELS
from services.calendar.reminder.model import Addressee, Obstacle, Plan, Reminder
from shared.event.date_phrases import format_local_time
from shared.i18n.text import Text, _, translate
from shared.mail.model import RenderedMail

OBSTACLES: Final[Mapping[Obstacle, Text]] = {
    "closed": _("the organisation is closed"),
    "nobody": _("nobody has an account"),
    "refused": _("the address refuses mail"),
    "unsubscribed": _("they do not want reminders"),
}


@dataclass(frozen=True, slots=True)
class ReminderLine:
    slug: str
    name: str
    words: str


@dataclass(frozen=True, slots=True)
class ReminderView:
    """``people`` counts the mails; ``recent`` are persons who were just reminded."""

    reached: Sequence[ReminderLine]
    left_out: Sequence[ReminderLine]
    recent: Sequence[ReminderLine]
    people: int


@dataclass(frozen=True, slots=True)
class MailPreview:
    """A mail as it would be sent; ``next`` is the number of the one to show after it."""

    organisations: str
    language: str
    subject: str
    text: str
    position: int
    count: int
    next: int


@dataclass(frozen=True, slots=True)
class SentReminder:
    """A reminder that can still be called back."""

    id: str
    people: int
    leaves: str


def make_view(plan: Plan, lang: str, zone: ZoneInfo) -> ReminderView:
    return ReminderView(
        reached=[
            ReminderLine(each.organisation.slug, each.organisation.name, translate(STAGE_LABELS[each.stage], lang))
            for each in plan.reached
        ],
        left_out=[
            ReminderLine(
                each.standing.organisation.slug,
                each.standing.organisation.name,
                translate(OBSTACLES[each.obstacle], lang),
            )
            for each in plan.left_out
            if each.obstacle in OBSTACLES  # who was just reminded is in the list of these
        ],
        recent=[
            ReminderLine(
                each.addressee.person.id,
                f"{each.addressee.person.name}, {_join_names(each.addressee)}",
                format_local_time(each.at, lang, zone),
            )
            for each in plan.recent
        ],
        people=len(plan.addressees),
    )


def make_preview(mail: RenderedMail, plan: Plan, shown: int, *, language: str = "") -> MailPreview:
    addressee = plan.addressees[shown]
    return MailPreview(
        organisations=_join_names(addressee),
        language=language,
        subject=mail.subject,
        text=mail.text,
        position=shown + 1,
        count=len(plan.addressees),
        next=(shown + 1) % len(plan.addressees),
    )


def _join_names(addressee: Addressee) -> str:
    return ", ".join(each.organisation.name for each in addressee.standings)


def list_sent(reminders: Sequence[Reminder], lang: str, zone: ZoneInfo, *, now: datetime) -> list[SentReminder]:
    """List those that can be called back."""
    return [
        SentReminder(each.id, len(each.people), format_local_time(each.due_at, lang, zone))
        for each in reminders
        if each.can_call_back(now)
    ]
