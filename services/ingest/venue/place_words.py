"""A new place of the register as it is sent: the words of an event's venue, with a name and a position."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from pydantic import Field, ValidationError

from services.ingest.submission import field_types
from services.ingest.submission.closed_model import ClosedModel
from services.ingest.submission.field_errors import ValidationFailed, convert_error, reword
from services.ingest.submission.field_types import Vocabulary
from services.ingest.submission.place_types import VenueSent
from services.ingest.venue.model import WORDS
from shared.field_error import FieldError
from shared.i18n.text import gettext_noop

_MISSING: Final[Mapping[str, str]] = {
    "venue.name": gettext_noop("Give the name of the place, so that others find it."),
    "venue.lat": gettext_noop("Give the position, so that the place is found on maps."),
    "venue.lon": gettext_noop("Give the position, so that the place is found on maps."),
}


class VenueWords(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a place, clean."""

    name: str
    street: str | None = None
    postcode: str | None = None
    town: str
    county: str
    lat: float
    lon: float


class CheckedPlace(VenueSent):
    """What is said of a place of the register; the position is WGS 84 degrees."""

    name: field_types.Name
    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)


class _Sent(ClosedModel):
    venue: CheckedPlace


def read_words(sent: Mapping[str, Any], vocabulary: Vocabulary) -> VenueWords:
    """Raises ValidationFailed; its fields are called as in an event."""
    words = {name: sent[name] for name in WORDS if name in sent}
    context = field_types.ValidationContext(vocabulary, None)
    try:
        found = _Sent.model_validate({"venue": words}, context=context)
    except ValidationError as error:
        errors = [convert_error(each) for each in error.errors(include_url=False, include_input=False)]
        raise ValidationFailed([_explain(each) for each in errors]) from None
    return msgspec.convert(found.venue.model_dump(exclude={"id"}), VenueWords)


def _explain(error: FieldError) -> FieldError:
    return reword(error, _MISSING[error.field]) if error.code == "required" and error.field in _MISSING else error
