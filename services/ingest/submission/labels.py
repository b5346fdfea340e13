"""Labels of ingest's pages: fields, actions, seasons, groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.ingest.submission.history import Action
from shared.event import fields
from shared.i18n.text import Text, _, gettext_noop
from shared.messages import ReviewState

ACTIONS: Final[Mapping[Action, str]] = {
    "sent": gettext_noop("Version %(version)s sent"),
    "cancelled": gettext_noop("Event cancelled"),
    "withdrawn": gettext_noop("Submission withdrawn"),
    "postponed": gettext_noop("Event postponed"),
    "reinstated": gettext_noop("Postponement taken back"),
    "remarked": gettext_noop("Remark written"),
    "confirmed": gettext_noop("Confirmed: everything is still right"),
    "tickets_available": gettext_noop("Stated at once: tickets are available"),
    "few_tickets_left": gettext_noop("Stated at once: few tickets are left"),
    "sold_out": gettext_noop("Stated at once: sold out"),
    "registration_required": gettext_noop("Stated at once: registration is needed"),
    "availability_unsaid": gettext_noop("Statement about the tickets taken back"),
    "accepted": gettext_noop("Version %(version)s accepted"),
    "changes_requested": gettext_noop("Changes requested in version %(version)s"),
    "rejected": gettext_noop("Version %(version)s rejected"),
    "taken_back_by_curator": gettext_noop("A curator took back what version %(version)s reported"),
    "cancelled_by_curator": gettext_noop("A curator cancelled the event"),
    "withdrawn_by_curator": gettext_noop("A curator withdrew the event"),
    "postponed_by_curator": gettext_noop("A curator postponed the event"),
    "reinstated_by_curator": gettext_noop("A curator took the postponement back"),
}
FIELDS: Final[Mapping[str, Text]] = {
    **{field.name: field.label for field in fields.FIELDS},
    "category": _("Kind of event"),
    "late_code": _("Late code"),
    "also": _("Also fits"),
    "certainty": _("How certain is the date?"),
    "start_date": _("First day"),
    "start_time": _("Starts at"),
    "end_date": _("Last day"),
    "end_time": _("Ends at"),
    "recurrence": _("Repeats"),
    "repeats": _("This event takes place"),
    "repeats.days": _("On these days of the week"),
    "repeats.until": _("Repeats until"),
    "repeats.count": _("Number of times"),
    "repeats.further": _("Further dates"),
    "month": _("Month"),
    "season": _("Season"),
    "start_fold": _("Which of the two start times?"),
    "end_fold": _("Which of the two end times?"),
    "venue.id": _("Place in the register"),
    "venue.name": _("Name of the venue"),
    "venue.street": _("Street and number"),
    "venue.postcode": _("Postcode"),
    "venue.town": _("Town"),
    "venue.county": _("County"),
    "venue.lat": _("Latitude"),
    "venue.lon": _("Longitude"),
    "start_place.id": _("Starting point in the register"),
    "start_place.name": _("Name of the starting point"),
    "start_place.street": _("Starting point: street and number"),
    "start_place.postcode": _("Starting point: postcode"),
    "start_place.town": _("Starting point: town"),
    "start_place.lat": _("Starting point: latitude"),
    "start_place.lon": _("Starting point: longitude"),
    "tickets.free": _("Admission"),
    "tickets.price": _("Prices"),
    "tickets.url": _("Where to buy a ticket"),
    "ages.min": _("From age"),
    "ages.max": _("To age"),
    "tickets.availability": _("Are there tickets?"),
    "tickets.registration_url": _("Where to register"),
    "tickets.registration_until": _("Register until"),
    "picture": _("Pictures"),
    "contact.name": _("First and last name"),
    "contact.email": _("E-mail address"),
    "contact.phone": _("Telephone"),
}
"""By the name of the input, without its language."""
CHANGE_FIELDS: Final[Mapping[str, str]] = {
    "what": gettext_noop("What about %(day)s"),
    "date": gettext_noop("New day instead of %(day)s"),
    "start": gettext_noop("New start instead of %(day)s"),
    "end": gettext_noop("New end instead of %(day)s"),
    "note": gettext_noop("Note about %(day)s"),
}
"""By the part of a change of a single date."""
SEASONS: Final[Mapping[str, str]] = {
    "spring": gettext_noop("spring %(year)s"),
    "summer": gettext_noop("summer %(year)s"),
    "holidays": gettext_noop("July and August %(year)s"),
    "autumn": gettext_noop("autumn %(year)s"),
    "winter": gettext_noop("winter %(year)s/%(next)s"),
}
GROUPS: Final[Mapping[ReviewState, Text]] = {
    "changes_requested": _("To correct"),
    "waiting": _("In review"),
    "accepted": _("In the programme"),
    "rejected": _("Rejected"),
    "withdrawn": _("Withdrawn"),
}
"""What the organisation has to correct is first."""


def get_action_label(what: Action, version: int) -> Text:
    return Text(ACTIONS[what], {"version": version})


def get_season_label(name: str, year: int) -> Text:
    return Text(SEASONS[name], {"year": year, "next": year + 1})
