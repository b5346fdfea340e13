"""Form fields and section 5, each made of the other.

``fields_of`` writes an event into the form, ``event_of`` reads it back. What is typed is passed on as typed wherever it
cannot be understood, so that the rules of the event say what is wrong with it and the form shows it again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from services.ingest.domain.event import Event
from services.ingest.form import moments

Fields = Mapping[str, Sequence[str]]
"""What a browser sends: the values by the name of their field, as typed."""

BY_LANGUAGE: Final = ("title", "summary", "description")
VENUE: Final = ("name", "street", "postcode", "town", "county")
CONTACT: Final = ("name", "email", "phone")
LISTS: Final = ("also", "accessibility")
ANSWERS: Final = {"yes": True, "no": False}
_NO_SCHEME = re.compile(r"[\w-]+(\.[\w-]+)+(:[0-9]+)?([/?#].*)?")


def event_of(fields: Fields, stored: Event | None = None) -> dict[str, Any]:
    """Make section 5 of what was typed.

    Args:
        fields: the form as sent.
        stored: the event as it is kept, if the form edits one. What the form does not show is taken from it; where
            imported dates come from only as long as the dates stay.

    """
    dates = moments.dates_of(fields)
    sent = {
        "external_id": one(fields, "external_id"),
        "title": {"pl": "", **_texts(fields, "title.")},
        "summary": _texts(fields, "summary."),
        "description": _texts(fields, "description."),
        "category": one(fields, "category"),
        "also": _several(fields, "also", stored),
        "dates": dates,
        "venue": _venue(fields),
        "website": _address(one(fields, "website")),
        "tickets": _tickets(fields),
        "accessibility": _several(fields, "accessibility", stored),
        "contact": _given((name, one(fields, f"contact.{name}")) for name in CONTACT),
    }
    if stored and stored["dates"] == dates and "provenance" in stored:
        sent["provenance"] = stored["provenance"]
    return _given(sent.items())


def fields_of(event: Event) -> dict[str, list[str]]:
    """Write an event into the form."""
    venue, tickets = event["venue"], event.get("tickets", {})
    single = {
        "external_id": event.get("external_id"),
        "category": event["category"],
        "website": event.get("website"),
        "tickets.url": tickets.get("url"),
        "tickets.free": next((word for word, free in ANSWERS.items() if free == tickets.get("free")), None),
        **{f"venue.{name}": venue.get(name) for name in VENUE},
        **{f"venue.{name}": str(venue[name]) for name in ("lat", "lon") if name in venue},
        **{f"contact.{name}": event.get("contact", {}).get(name) for name in CONTACT},
        **{f"{name}.{code}": text for name in BY_LANGUAGE for code, text in event.get(name, {}).items()},
        **{f"tickets.price.{code}": text for code, text in tickets.get("price", {}).items()},
        **moments.fields_of_dates(event["dates"]),
    }
    several = {name: list(event[name]) for name in LISTS if name in event}
    return {name: [value] for name, value in single.items() if value} | several


def one(fields: Fields, name: str) -> str:
    """Give a field's value without blanks around it; empty if it was not sent."""
    values = fields.get(name, ())
    return values[-1].replace("\t", " ").strip() if values else ""


def _several(fields: Fields, name: str, stored: Event | None) -> list[str]:
    """Give the boxes that are ticked; the same ones as before in their former order, which a form cannot show."""
    ticked = [value for value in fields.get(name, ()) if value]
    before: list[str] = (stored or {}).get(name, [])
    return before if sorted(ticked) == sorted(before) else ticked


def _texts(fields: Fields, prefix: str) -> dict[str, str]:
    return _given((name.removeprefix(prefix), one(fields, name)) for name in fields if name.startswith(prefix))


def _venue(fields: Fields) -> dict[str, Any]:
    named = ((name, one(fields, f"venue.{name}")) for name in VENUE)
    placed = ((name, number(one(fields, f"venue.{name}"))) for name in ("lat", "lon"))
    return {name: value for name, value in (*named, *placed) if value != ""}


def _tickets(fields: Fields) -> dict[str, Any]:
    free = ANSWERS.get(one(fields, "tickets.free"))
    known = {} if free is None else {"free": free}
    return known | _given(
        {"price": _texts(fields, "tickets.price."), "url": _address(one(fields, "tickets.url"))}.items()
    )


def number(typed: str) -> float | str:
    """Read a number with a point or a comma; what is none stays as typed."""
    try:
        return float(typed.replace(",", "."))
    except ValueError:
        return typed


def _address(typed: str) -> str:
    """Complete an address that was typed without its beginning, as people say it."""
    return f"https://{typed}" if _NO_SCHEME.fullmatch(typed) else typed


def _given(items: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in items if value not in ("", {}, [])}
