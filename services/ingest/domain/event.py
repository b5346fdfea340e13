"""An event as an organisation sends it (design section 5): closed models that say what is wrong with each field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from services.ingest.domain import dates as rules
from services.ingest.domain import fields
from services.ingest.domain.faults import OURS, Fault, NotAcceptable, fault_of, refuse
from services.ingest.domain.fields import Known
from shared.web.locale import gettext_noop

__all__ = ["Event", "EventSent", "Known", "fault", "named", "read_event"]

Event = dict[str, Any]
"""The content of section 5 as it is kept: clean texts, no empty fields, nothing unknown."""


class _Closed(BaseModel):
    """No unknown field, no guessing of types, no change afterwards."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class DatesSent(_Closed):
    """When: both dates (all-day, end inclusive) or both local times; equal times mean that the end is not known.

    ``fold`` says for both ends which of a doubled autumn hour is meant, ``start_fold`` and ``end_fold`` for one.
    """

    certainty: Literal["exact", "provisional", "month", "season"]
    fold: Literal[0, 1] | None = None
    start_fold: Literal[0, 1] | None = None
    end_fold: Literal[0, 1] | None = None
    start: str = Field(description="`2027-08-14`, or local time `2027-08-14T18:00`")
    end: str = Field(description="as `start`; a date is inclusive")
    rrule: fields.NoRules = None
    exdates: fields.NoRules = None
    rdates: fields.NoRules = None

    @field_validator("start")
    @classmethod
    def _start(cls, value: str, info: ValidationInfo) -> str:
        _moment(value, "start_fold", info)
        return value

    @field_validator("end")
    @classmethod
    def _end(cls, value: str, info: ValidationInfo) -> str:
        end = _moment(value, "end_fold", info)
        if "start" in info.data:
            start = rules.read_moment(info.data["start"])
            folds = (_fold(info, "start_fold"), _fold(info, "end_fold"))
            rules.check_order(start, end, fields.known(info).zone, folds=folds)
        return value


def _moment(value: str, fold: str, info: ValidationInfo) -> rules.Moment:
    found = rules.read_moment(value)
    if isinstance(found, datetime):
        if info.data.get("certainty") in {"month", "season"}:
            raise refuse("time_in_span", gettext_noop("Przy miesiącu i porze roku podaj same dni, bez godziny."))
        rules.check_time(found, _fold(info, fold), fields.known(info).zone)
    return found


def _fold(info: ValidationInfo, name: str) -> rules.Fold | None:
    own: rules.Fold | None = info.data.get(name)
    both: rules.Fold | None = info.data.get("fold")
    return own if own is not None else both


class VenueSent(_Closed):
    """Where; a county left out is the organisation's. ``lat`` and ``lon`` are WGS 84 degrees, both or none."""

    name: fields.Name | None = None
    street: fields.Name | None = None
    postcode: fields.Short | None = None
    town: fields.Name
    county: fields.County | None = Field(default=None, validate_default=True, description="4-digit TERYT code")
    lat: float | None = Field(default=None, ge=-90, le=90)
    lon: float | None = Field(default=None, ge=-180, le=180, validate_default=True)

    @field_validator("county")
    @classmethod
    def _some_county(cls, value: str | None, info: ValidationInfo) -> str:
        asked = fields.asked(info)
        if value is None and asked.county is None:
            raise refuse("required", gettext_noop("Wybierz powiat."))
        return value or asked.county or ""

    @field_validator("lon")
    @classmethod
    def _both_or_none(cls, value: float | None, info: ValidationInfo) -> float | None:
        if "lat" in info.data and (info.data["lat"] is None) != (value is None):
            raise refuse("half_position", gettext_noop("Podaj obie współrzędne albo żadnej."))
        return value


class TicketsSent(_Closed):
    """What it costs; ``price`` is free text by language, ``url`` where tickets are sold."""

    free: bool | None = None
    price: dict[fields.Language, fields.Price] | None = None
    url: fields.Address | None = None


class ContactSent(_Closed):
    """Whom the curator may ask; never published, never leaves this service."""

    name: fields.Name | None = None
    email: fields.Email | None = None
    phone: fields.Phone | None = None


class ProvenanceSent(_Closed):
    """Where an imported event's dates come from: how sure, of which year, which page names it."""

    confidence: Literal["high", "medium", "low"] | None = None
    edition: int | None = Field(default=None, ge=1900, le=2100)
    source: fields.Address | None = None


class EventSent(_Closed):
    """An event as it is sent in."""

    model_config = ConfigDict(title="Event")

    external_id: fields.ExternalId | None = Field(
        default=None, description="your own name for it, unique in your organisation"
    )
    title: fields.Titles = Field(description="by language, with `pl`")
    summary: dict[fields.Language, fields.Summary] | None = None
    description: dict[fields.Language, fields.Description] | None = Field(
        default=None, description="paragraphs parted by blank lines"
    )
    category: fields.CategorySlug
    also: fields.Categories | None = None
    dates: DatesSent
    venue: VenueSent
    website: fields.Address | None = None
    tickets: TicketsSent | None = None
    accessibility: fields.Codes | None = None
    images: fields.NoImages = None
    contact: ContactSent | None = None
    provenance: ProvenanceSent | None = None

    @field_validator("also")
    @classmethod
    def _other_than_category(cls, value: list[str] | None, info: ValidationInfo) -> list[str] | None:
        if value and info.data.get("category") in value:
            raise refuse("repeated", gettext_noop("Ten rodzaj jest już wybrany jako główny. Usuń go stąd."))
        return value


def read_event(body: bytes | Mapping[str, Any], known: Known, *, county: str | None = None) -> Event:
    """Check an event that was sent in, and give it as it is kept.

    Args:
        body: JSON text, or what was read from it.
        known: what the region knows.
        county: the one to take if the venue names none, usually the organisation's.

    Raises:
        NotAcceptable: with every fault that was found.

    """
    asked = fields.Asked(known, county)
    try:
        if isinstance(body, bytes):
            sent = EventSent.model_validate_json(body, context=asked)
        else:
            sent = EventSent.model_validate(body, context=asked)
    except ValidationError as error:
        raise NotAcceptable([fault_of(each) for each in error.errors(include_url=False)]) from None
    return _as_kept(sent, known.zone)


def named(event: Event, external_id: str) -> Event:
    """Give an event the external id by which it is sent; it may repeat that itself.

    Raises:
        NotAcceptable: if it names another, or if no event can be called so.

    """
    try:
        wanted = fields.external_id(external_id)
    except PydanticCustomError as error:
        code, text = error.type.removeprefix(OURS), error.message_template
        raise fault("external_id", code, text, **(error.context or {})) from None
    if event.get("external_id", wanted) != wanted:
        different = gettext_noop("W adresie stoi inny identyfikator niż w treści. Podaj ten sam.")
        raise fault("external_id", "differs", different)
    return {"external_id": wanted, **event}


def fault(field: str, code: str, msgid: str, **values: Any) -> NotAcceptable:  # noqa: ANN401 - a text is filled with anything
    """Make the refusal of one field by a rule that is not about the field alone."""
    return NotAcceptable([Fault(field, code, msgid, values)])


def _as_kept(sent: EventSent, zone: ZoneInfo) -> Event:
    kept = sent.model_dump(exclude_none=True)
    kept["dates"] = _dates_as_kept(kept["dates"], zone)
    if "tickets" in kept:
        kept["tickets"] = _filled(kept["tickets"])
    return _filled(kept)


def _filled(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value or not isinstance(value, dict | list)}


def _dates_as_kept(sent: dict[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """Keep a fold only where it says something: beside a time that comes twice."""
    kept = {name: sent[name] for name in ("certainty", "start", "end")}
    for name in ("start", "end"):
        moment = rules.read_moment(sent[name])
        if isinstance(moment, datetime) and rules.is_doubled(moment, zone):
            kept[f"{name}_fold"] = sent.get(f"{name}_fold", sent.get("fold"))
    return kept
