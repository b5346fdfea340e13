"""Mapping between form values and events.

What cannot be parsed is passed on as typed, so that validation reports it and the form shows it again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from services.ingest.form import date_fields, opening_fields, picture_fields
from services.ingest.form.repeat_fields import is_change_field, write_repeats
from services.ingest.submission.content import SubmittedEvent
from shared.date_input import UnreadableInput, read_day, read_hour, write_day
from shared.decimals import write_decimal
from shared.event.fields import FIELDS, Field, get_field_value
from shared.event.model import StartPlace, Venue, serialize_part
from shared.i18n.languages import LANGUAGES
from shared.plain_text import normalize_dashes

FormValues = Mapping[str, Sequence[str]]
"""What a browser sends: values by field name, as typed."""

BY_LANGUAGE: Final = tuple(field.name for field in FIELDS if field.per_language)
VENUE: Final = ("id", "name", "street", "postcode", "town", "county")
START_PLACE: Final = ("id", "name", "street", "postcode", "town")
POSITION: Final = ("lat", "lon")
CONTACT: Final = ("name", "email", "phone")
LISTS: Final = ("also", "accessibility", "audience", "setting")
AGES: Final = ("min", "max")
NAMES: Final = frozenset(
    {
        "external_id",
        "category",
        "licence",
        "part_of",
        "tickets.url",
        "tickets.free",
        *LISTS,
        *date_fields.NAMES,
        *picture_fields.NAMES,
        *opening_fields.NAMES,
    }
    | {f"venue.{name}" for name in (*VENUE, *POSITION)}
    | {f"start_place.{name}" for name in (*START_PLACE, *POSITION)}
    | {f"contact.{name}" for name in CONTACT}
    | {f"ages.{name}" for name in AGES}
    | {"tickets.availability", "tickets.registration_url", "tickets.registration_until"}
    | {each.name for each in FIELDS if each.is_plain and not each.per_language}
    | {f"{name}.{code}" for name in (*BY_LANGUAGE, "tickets.price") for code in LANGUAGES}
)
"""The names of all fields of the form."""
ANSWERS: Final = {"yes": True, "no": False}
_NUMBER = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,400})?")  # a float may have as many digits
_AGE = re.compile(r"[0-9]{1,3}")
_NO_SCHEME = re.compile(r"[\w-]+(\.[\w-]+)+(:[0-9]+)?([/?#].*)?")


def parse_form(
    fields: FormValues, stored: SubmittedEvent | None = None, *, registry: Sequence[Field] = FIELDS
) -> dict[str, Any]:
    """Make an event, as the API takes it, of form values.

    What the form does not show is taken from the stored event; its provenance only while the dates stay.
    """
    dates = _parse_dates(fields, stored) | opening_fields.parse_opening_hours(fields)
    sent: dict[str, Any] = {
        "external_id": get_value(fields, "external_id"),
        **{each.name: _parse_plain(fields, each) for each in registry if each.is_plain},
        "category": get_value(fields, "category"),
        **{name: _parse_list(fields, name, stored) for name in LISTS},
        "dates": dates,
        "venue": _parse_place(fields, "venue", VENUE),
        "start_place": _parse_place(fields, "start_place", START_PLACE),
        "tickets": _parse_tickets(fields),
        "ages": _drop_empty((name, read_age(get_value(fields, f"ages.{name}"))) for name in AGES),
        "part_of": get_value(fields, "part_of"),
        "images": picture_fields.parse_pictures(fields),
        "licence": get_value(fields, "licence"),
        "contact": _drop_empty((name, get_value(fields, f"contact.{name}")) for name in CONTACT),
    }
    if stored and stored.provenance and serialize_part(stored.dates) == dates:
        sent["provenance"] = serialize_part(stored.provenance)
    return _drop_empty(sent.items())


def write_form(event: SubmittedEvent, *, registry: Sequence[Field] = FIELDS) -> dict[str, list[str]]:
    tickets = event.tickets
    ages = {"min": event.ages.min, "max": event.ages.max}
    single = {
        "external_id": event.external_id,
        "category": event.category,
        "licence": event.licence,
        "part_of": event.part_of,
        "tickets.url": tickets.url,
        "tickets.availability": tickets.availability,
        "tickets.registration_url": tickets.registration_url,
        "tickets.registration_until": write_moment(tickets.registration_until or ""),
        "tickets.free": next((word for word, free in ANSWERS.items() if free == tickets.free), None),
        **_write_place("venue", VENUE, event.venue),
        **(_write_place("start_place", START_PLACE, event.start_place) if event.start_place else {}),
        **{f"ages.{name}": str(age) for name, age in ages.items() if age is not None},
        **{f"contact.{name}": getattr(event.contact, name) for name in CONTACT if event.contact},
        **{name: text for each in registry if each.is_plain for name, text in _write_plain(event, each).items()},
        **{f"tickets.price.{code}": text for code, text in tickets.price.items()},
        **date_fields.write_dates(event.dates),
        **picture_fields.write_pictures(event.images),
    }
    several = {name: list(getattr(event, name)) for name in LISTS if getattr(event, name)}
    several |= opening_fields.write_opening_hours(event.dates.opening_hours)
    return {name: [value] for name, value in single.items() if value} | several | write_repeats(event.dates)


def get_value(fields: FormValues, name: str) -> str:
    """Return the last value, stripped; empty if it was not sent."""
    values = fields.get(name, ())
    return values[-1].replace("\t", " ").strip() if values else ""


def is_field(name: str) -> bool:
    return name in NAMES or is_change_field(name)


def _parse_dates(fields: FormValues, stored: SubmittedEvent | None) -> dict[str, Any]:
    """Repeats that stay as they are keep their own rule, where the form writes another one with the same meaning."""
    parsed = date_fields.parse_dates(fields)
    if stored is None or stored.dates.recurrence is None:
        return parsed
    written = {name: [value] for name, value in date_fields.write_dates(stored.dates).items()}
    is_same = parsed == date_fields.parse_dates(written | write_repeats(stored.dates))
    return parsed | {"recurrence": serialize_part(stored.dates.recurrence)} if is_same else parsed


def _parse_plain(fields: FormValues, field: Field) -> dict[str, str] | str:
    if field.per_language:
        texts = _parse_texts(fields, f"{field.name}.")
        return {"pl": "", **texts} if field.required else texts
    value = get_value(fields, field.name)
    return _complete_address(value) if field.kind == "address" else value


def _write_plain(event: SubmittedEvent, field: Field) -> dict[str, str]:
    value = get_field_value(event, field)
    if not field.per_language:
        return {field.name: value}
    return {f"{field.name}.{code}": text for code, text in (value or {}).items()}


def _parse_list(fields: FormValues, name: str, stored: SubmittedEvent | None) -> list[str]:
    """Return the ticked boxes; an unchanged selection in its former order, which a form cannot show."""
    ticked = [value for value in fields.get(name, ()) if value]
    before: list[str] = getattr(stored, name) if stored else []
    return before if sorted(ticked) == sorted(before) else ticked


def _parse_texts(fields: FormValues, prefix: str) -> dict[str, str]:
    return _drop_empty(
        (name.removeprefix(prefix), get_value(fields, name)) for name in fields if name.startswith(prefix)
    )


def _parse_place(fields: FormValues, place: str, words: Sequence[str]) -> dict[str, Any]:
    named = ((name, get_value(fields, f"{place}.{name}")) for name in words)
    placed = ((name, read_number(get_value(fields, f"{place}.{name}"))) for name in POSITION)
    return {name: value for name, value in (*named, *placed) if value != ""}


def _write_place(name: str, words: Sequence[str], place: Venue | StartPlace) -> dict[str, str]:
    written = {word: getattr(place, word) for word in words}
    written |= {each: write_decimal(getattr(place, each)) for each in POSITION if getattr(place, each) is not None}
    return {f"{name}.{word}": value for word, value in written.items()}


def _parse_tickets(fields: FormValues) -> dict[str, Any]:
    free = ANSWERS.get(get_value(fields, "tickets.free"))
    known = {} if free is None else {"free": free}
    return known | _drop_empty(
        {
            "price": _parse_texts(fields, "tickets.price."),
            "url": _complete_address(get_value(fields, "tickets.url")),
            "availability": get_value(fields, "tickets.availability"),
            "registration_url": _complete_address(get_value(fields, "tickets.registration_url")),
            "registration_until": read_moment(get_value(fields, "tickets.registration_until")),
        }.items()
    )


def read_number(value: str) -> float | str:
    """Read a number with a point or a comma; anything else stays as typed."""
    plain = normalize_dashes(value).replace(",", ".")
    return float(plain) if _NUMBER.fullmatch(plain) else value


def read_moment(value: str) -> str:
    """Read a typed day, with or without an hour behind it; anything else stays as typed."""
    for day, hour in ((value, ""), value.rpartition(" ")[::2]):
        try:
            found = (read_day(day.strip().removesuffix(",")), read_hour(hour))
        except UnreadableInput:
            continue
        return "T".join(filter(None, found))
    return value


def write_moment(moment: str) -> str:
    """Write ``2027-08-10T18:00`` as ``10.08.2027 18:00``."""
    day, _, hour = moment.partition("T")
    return " ".join(filter(None, (write_day(day), hour))) if day else ""


def read_age(value: str) -> int | str:
    """Read an age in years; anything else stays as typed."""
    return int(value) if _AGE.fullmatch(value) else value


def _complete_address(value: str) -> str:
    """Add the scheme to an address that was typed without one."""
    return f"https://{value}" if _NO_SCHEME.fullmatch(value) else value


def _drop_empty(items: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in items if value not in ("", {}, [])}
