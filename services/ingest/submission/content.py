"""Event validation: closed pydantic models that report every error by field."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace
from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    create_model,
    field_validator,
)
from pydantic_core import PydanticCustomError

from services.ingest.submission import dates as rules
from services.ingest.submission import field_types
from services.ingest.submission.closed_model import ClosedModel
from services.ingest.submission.field_errors import (
    AT,
    CODE_PREFIX,
    MAX_ERRORS,
    ValidationFailed,
    convert_error,
    invalid,
    make_field_error,
)
from services.ingest.submission.field_types import Vocabulary
from services.ingest.submission.place_types import StartPlaceSent, VenueSent
from services.ingest.submission.repeats import clean_repeats
from shared.event.end_hours import lacks_end_hour
from shared.event.fields import FIELDS
from shared.event.fields import Field as EventField
from shared.event.model import SPANS, Certainty, Dates, EventPart, parse_part, serialize_part
from shared.event.model import Event as PublicEvent
from shared.event.opening_hours import DAYS, MAX_ROWS, InvalidOpeningHours, check_opening_hours, sort_days
from shared.event.recurrence import MAX_EXCEPTIONS, MAX_OCCURRENCES, MAX_RULE
from shared.event.vocabulary import MAX_IMAGES, Availability
from shared.i18n.text import gettext_noop

__all__ = [
    "Contact",
    "EventSent",
    "SubmittedEvent",
    "Vocabulary",
    "compute_fingerprint",
    "invalid_field",
    "parse_event",
    "read_event",
    "read_external_id",
    "set_external_id",
    "write_event",
]


class Contact(EventPart, frozen=True, omit_defaults=True):
    """The contact for curators; never published, never leaves this service."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


class SubmittedEvent(PublicEvent, frozen=True, omit_defaults=True, kw_only=True):
    """The content as it is stored: clean texts, no unknown fields."""

    contact: Contact | None = None


_canonical = msgspec.json.Encoder(order="deterministic").encode


class RecurrenceExceptionSent(ClosedModel):
    """One occurrence that is not as planned; one that moved has its new start and end."""

    date: str = Field(description="its planned start, written like the event's start")
    status: Literal["cancelled", "moved"]
    start: str | None = None
    end: str | None = None
    note: dict[field_types.LanguageCode, field_types.Name] | None = Field(default=None, description="why, by language")


class RecurrenceSent(ClosedModel):
    """Repeats: at most 400 occurrences within two years, the event's start and end are the first of them.

    Each begins and ends at the hours of the first one, also across a clock change.
    """

    rrule: str | None = Field(
        default=None,
        description="RFC 5545: FREQ from DAILY to YEARLY, with COUNT or UNTIL. UNTIL is a day where the event has no "
        "hours, else a local time or one in UTC (`…Z`). `FREQ=WEEKLY;COUNT=10`",
        json_schema_extra={"maxLength": MAX_RULE},
    )
    rdates: list[str] | None = Field(
        default=None, max_length=MAX_OCCURRENCES, description="starts of further occurrences"
    )
    exdates: list[str] | None = Field(
        default=None,
        max_length=MAX_EXCEPTIONS,
        description="starts that are left out, as if they had never been planned; what is called off is an exception",
    )
    exceptions: list[RecurrenceExceptionSent] | None = Field(default=None, max_length=MAX_EXCEPTIONS)


class OpeningHoursSent(ClosedModel):
    """When it is open on some days of the week, while it lasts."""

    days: list[str] = Field(max_length=len(DAYS), description="`mon` to `sun`")
    opens: str = Field(description="`10:00`")
    closes: str = Field(description="later than `opens`, at most `24:00`")


class DatesSent(ClosedModel):
    """When: both dates (all-day, end inclusive), both local times, or a time and then a date.

    A time and then a date: it begins at that hour and ends on that day. Equal times mean that the end is not known.
    ``fold`` says for both ends which of a doubled autumn hour is meant, ``start_fold`` and ``end_fold`` for one.
    """

    certainty: Certainty
    fold: field_types.FoldNumber | None = None
    start_fold: field_types.FoldNumber | None = None
    end_fold: field_types.FoldNumber | None = None
    start: str = Field(description="`2027-08-14`, or local time `2027-08-14T18:00`")
    end: str = Field(description="as `start`, or a date if the hour is not known; a date is inclusive")
    recurrence: RecurrenceSent | None = None
    opening_hours: list[OpeningHoursSent] | None = Field(
        default=None, max_length=MAX_ROWS, description="of what runs for days or weeks, without hours of its own"
    )
    rrule: field_types.NoRules = None
    exdates: field_types.NoRules = None
    rdates: field_types.NoRules = None

    @field_validator("start")
    @classmethod
    def _check_start(cls, value: str, info: ValidationInfo) -> str:
        _check_moment(value, "start_fold", info)
        return value

    @field_validator("end")
    @classmethod
    def _check_end(cls, value: str, info: ValidationInfo) -> str:
        end = _check_moment(value, "end_fold", info)
        if "start" in info.data:
            start = rules.read_moment(info.data["start"])
            folds = (_get_fold(info, "start_fold"), _get_fold(info, "end_fold"))
            rules.check_order(start, end, field_types.get_vocabulary(info).zone, folds=folds)
        return value

    @field_validator("recurrence")
    @classmethod
    def _check_recurrence(cls, value: RecurrenceSent | None, info: ValidationInfo) -> RecurrenceSent | None:
        sent = value.model_dump(exclude_defaults=True) if value else {}
        known: dict[str, Any] = {name: info.data.get(name) for name in ("certainty", "start", "end")}
        if not sent or None in known.values():  # what is wrong with these is told already
            return None
        cleaned = clean_repeats(sent, known, field_types.get_vocabulary(info).zone)
        return RecurrenceSent.model_validate(cleaned, context=info.context)

    @field_validator("opening_hours")
    @classmethod
    def _check_opening_hours(
        cls, value: list[OpeningHoursSent] | None, info: ValidationInfo
    ) -> list[OpeningHoursSent] | None:
        known: dict[str, Any] = {name: info.data.get(name) for name in ("certainty", "start", "end")}
        if not value or None in known.values():  # what is wrong with these is told already
            return None
        sorted_rows = [{**each.model_dump(), "days": sort_days(each.days)} for each in value]
        repeats = info.data.get("recurrence")
        recurrence = {"recurrence": repeats.model_dump(exclude_none=True)} if repeats else {}
        try:
            check_opening_hours(parse_part({**known, **recurrence, "opening_hours": sorted_rows}, Dates))
        except InvalidOpeningHours as error:
            raise invalid(error.code, error.text, **error.values, **({AT: error.path} if error.path else {})) from None
        return [OpeningHoursSent.model_validate(each) for each in sorted_rows]


def _check_moment(value: str, fold: str, info: ValidationInfo) -> rules.Moment:
    found = rules.read_moment(value)
    if isinstance(found, datetime):
        if info.data.get("certainty") in SPANS:
            raise invalid("time_in_span", gettext_noop("With a month or a season give days alone, without a time."))
        rules.check_time(found, _get_fold(info, fold), field_types.get_vocabulary(info).zone)
    return found


def _get_fold(info: ValidationInfo, name: str) -> rules.Fold | None:
    own: rules.Fold | None = info.data.get(name)
    both: rules.Fold | None = info.data.get("fold")
    return own if own is not None else both


class TicketsSent(ClosedModel):
    """What it costs; ``price`` is free text by language, ``url`` where tickets are sold."""

    free: bool | None = None
    price: dict[field_types.LanguageCode, field_types.Price] | None = None
    url: field_types.WebAddress | None = None
    availability: Availability | None = None
    registration_url: field_types.WebAddress | None = None
    registration_until: str | None = Field(
        default=None, description="`2027-08-10`, or local time `2027-08-10T18:00`; the last on which one may register"
    )

    @field_validator("registration_until")
    @classmethod
    def _check_deadline(cls, value: str | None, info: ValidationInfo) -> str | None:
        found = None if value is None else rules.read_moment(value)
        if isinstance(found, datetime):
            rules.check_time(found, 0, field_types.get_vocabulary(info).zone)
        return value


class AgesSent(ClosedModel):
    """Of the children that it is for, in years, both inclusive."""

    min: field_types.Age | None = None
    max: field_types.Age | None = None

    @field_validator("max")
    @classmethod
    def _check_order(cls, value: int | None, info: ValidationInfo) -> int | None:
        youngest = info.data.get("min")
        if value is not None and youngest is not None and value < youngest:
            raise invalid("below_youngest", gettext_noop("The oldest are younger than the youngest. Swap the ages."))
        return value


class ImageSent(ClosedModel):
    """A picture that was sent in before, with what must be said of it before anybody may show it."""

    media: field_types.MediaName = Field(description="as `POST /ingest/api/v1/media` answered: a SHA-256")
    alt: field_types.Alt = Field(description="what is to be seen, by language, with `pl`")
    credit: field_types.Name = Field(description="whom to name: the photographer, the owner of the rights")
    licence: field_types.PictureLicenceCode = Field(description="on what terms others may show it")
    valid_until: str | None = Field(
        default=None, description="`2028-12-31`: the last day on which it may be shown; without one for ever"
    )

    @field_validator("valid_until")
    @classmethod
    def _check_last_day(cls, value: str | None) -> str | None:
        if value is not None and isinstance(rules.read_moment(value), datetime):
            raise invalid("not_a_date", gettext_noop("Give a day without a time, for example 2028-12-31."))
        return value


class ContactSent(ClosedModel):
    """Whom the curator may ask; never published, never leaves this service."""

    name: field_types.Name | None = None
    email: field_types.EmailAddress | None = None
    phone: field_types.PhoneNumber | None = None


class ProvenanceSent(ClosedModel):
    """Where an imported event's dates come from: how sure, of which year, which page names it."""

    confidence: Literal["high", "medium", "low"] | None = None
    edition: int | None = Field(default=None, ge=1900, le=2100)
    source: field_types.WebAddress | None = None


class _EventSent(ClosedModel):
    """An event as it is sent in."""

    model_config = ConfigDict(title="Event")

    @field_validator("also", check_fields=False)
    @classmethod
    def _exclude_category(cls, value: list[str] | None, info: ValidationInfo) -> list[str] | None:
        if value and info.data.get("category") in value:
            raise invalid("repeated", gettext_noop("This kind is the main one already. Remove it here."))
        return value

    @field_validator("ages", check_fields=False)
    @classmethod
    def _require_children(cls, value: AgesSent | None, info: ValidationInfo) -> AgesSent | None:
        children = "audience" not in info.data or "children" in (info.data["audience"] or ())
        if value is not None and value != AgesSent() and not children:
            raise invalid("not_for_children", gettext_noop("Ages are those of children. Choose “For children” too."))
        return value


Images: Any = Annotated[list[ImageSent], Field(max_length=MAX_IMAGES), AfterValidator(field_types.check_images)]

FIELD_TYPES: Mapping[str, Any] = {
    "external_id": field_types.ExternalId,
    "title": field_types.Titles,
    "category": field_types.CategorySlug,
    "also": field_types.CategorySlugs,
    "dates": DatesSent,
    "venue": VenueSent,
    "start_place": StartPlaceSent,
    "tickets": TicketsSent,
    "accessibility": field_types.AccessibilityCodes,
    "audience": field_types.AudienceCodes,
    "ages": AgesSent,
    "setting": field_types.SettingCodes,
    "images": Images,
    "part_of": field_types.UmbrellaId,
    "licence": field_types.LicenceCode,
    "contact": ContactSent,
    "provenance": ProvenanceSent,
}
"""The types of fields that have their own rules."""


def make_event_model(registry: Sequence[EventField] = FIELDS) -> type[_EventSent]:
    taken = {each.name: _make_field(each) for each in registry}
    return create_model("EventSent", __base__=_EventSent, __module__=__name__, __doc__=_EventSent.__doc__, **taken)


def _make_field(field: EventField) -> Any:  # noqa: ANN401 - a type, with the default and the description of its field
    type_ = FIELD_TYPES.get(field.name) or field_types.make_plain_type(field)
    if field.required:
        return type_, Field(description=field.description)
    return type_ | None, Field(default=None, description=field.description)


if TYPE_CHECKING:
    EventSent = _EventSent
else:
    EventSent = make_event_model()


def read_event(
    body: bytes | Mapping[str, Any],
    vocabulary: Vocabulary,
    *,
    county: str | None = None,
    model: type[_EventSent] = EventSent,
) -> SubmittedEvent:
    """``county`` is the default if the venue names none; raise ValidationFailed with every error."""
    context = field_types.ValidationContext(vocabulary, county)
    try:
        if isinstance(body, bytes):
            sent = model.model_validate_json(body, context=context)
        else:
            sent = model.model_validate(body, context=context)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise ValidationFailed(
            [convert_error(each) for each in found[:MAX_ERRORS]], more=len(found[MAX_ERRORS:])
        ) from None
    return _clean_event(sent, vocabulary.zone)


def read_external_id(written: str) -> str:
    """Raises ValidationFailed if no event can have this external id."""
    try:
        return field_types.clean_external_id(written)
    except PydanticCustomError as error:
        code, text = error.type.removeprefix(CODE_PREFIX), error.message_template
        raise invalid_field("external_id", code, text, **(error.context or {})) from None


def parse_event(document: object) -> SubmittedEvent:
    """Raises msgspec.ValidationError, as :func:`shared.event.model.parse_part`."""
    return parse_part(document, SubmittedEvent)


def write_event(event: SubmittedEvent) -> dict[str, Any]:
    """Write the event without empty fields, in the order in which it is sent in."""
    found = serialize_part(event)
    if "contact" in found and "provenance" in found:
        found["provenance"] = found.pop("provenance")
    return found


def set_external_id(event: SubmittedEvent, external_id: str) -> SubmittedEvent:
    """Raises ValidationFailed if the event has another one."""
    if event.external_id not in {None, external_id}:
        different = gettext_noop("The address has another identifier than the body. Give the same one.")
        raise invalid_field("external_id", "differs", different)
    return replace(event, external_id=external_id)


def compute_fingerprint(organisation: str, event: SubmittedEvent) -> bytes | None:
    """Digest an event without its contact, to recognise a resubmission; None for one with an external id."""
    if event.external_id is not None:
        return None
    content = _canonical(replace(event, contact=None))
    return hashlib.sha256(organisation.encode() + b"\n" + content).digest()


def invalid_field(field: str, code: str, msgid: str, **values: Any) -> ValidationFailed:  # noqa: ANN401 - a text is filled with anything
    return ValidationFailed([make_field_error(field, code, msgid, values)])


def _clean_event(sent: _EventSent, zone: ZoneInfo) -> SubmittedEvent:
    content = sent.model_dump(exclude_none=True)
    content["dates"] = _clean_dates(content["dates"], zone)
    return parse_event({name: value for name, value in content.items() if value != {}})  # no contact is none


def _clean_dates(sent: dict[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """Keep a fold only with a time that occurs twice."""
    content = {name: sent[name] for name in ("certainty", "start", "end")}
    for name in ("start", "end"):
        moment = rules.read_moment(sent[name])
        if isinstance(moment, datetime) and rules.is_doubled(moment, zone):
            content[f"{name}_fold"] = sent.get(f"{name}_fold", sent.get("fold"))
    if lacks_end_hour(content["start"], content["end"]) and content["end"] == content["start"][:10]:
        # One way to say that the end is not known.
        content["end"] = content["start"]
        content |= {"end_fold": content["start_fold"]} if "start_fold" in content else {}
    return content | {name: sent[name] for name in ("recurrence", "opening_hours") if sent.get(name)}
