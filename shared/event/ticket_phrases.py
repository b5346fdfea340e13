"""Whether there are tickets, in every language of feeds: ``phrases.po``. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from shared.event.date_phrases import format_day
from shared.event.model import Tickets
from shared.i18n.text import gettext_noop, load_phrases

AVAILABILITY: Final[Mapping[str, str]] = {
    "available": gettext_noop("Tickets are available."),
    "few_left": gettext_noop("Only a few tickets are left."),
    "sold_out": gettext_noop("Sold out."),
    "registration_required": gettext_noop("Registration is required."),
}
_UNTIL: Final = gettext_noop("until %(when)s")


def describe_availability(tickets: Tickets, language: str) -> str:
    """Return a sentence; nothing if it is not known, or a code of a later release."""
    known = AVAILABILITY.get(tickets.availability or "")
    return load_phrases(language).gettext(known) if known else ""


def describe_deadline(tickets: Tickets, language: str) -> str:
    """Return until when one may register: "until 10 August 2027, 18:00"; nothing if it is not known."""
    if not tickets.registration_until:
        return ""
    day, _, hour = tickets.registration_until.partition("T")
    when = ", ".join(filter(None, (format_day(date.fromisoformat(day), language), hour)))
    return load_phrases(language).gettext(_UNTIL) % {"when": when}
