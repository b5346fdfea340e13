"""Places of an event as they are sent: the venue, and where what moves begins."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from services.ingest.submission import field_types
from services.ingest.submission.closed_model import ClosedModel
from services.ingest.submission.field_errors import invalid
from shared.i18n.text import gettext_noop


def _require_both_or_neither(value: float | None, info: ValidationInfo) -> float | None:
    if "lat" in info.data and (info.data["lat"] is None) != (value is None):
        raise invalid("half_position", gettext_noop("Give both coordinates or neither."))
    return value


Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
LongitudeOfBoth = Annotated[Longitude | None, AfterValidator(_require_both_or_neither)]


class _PlaceSent(ClosedModel):
    id: field_types.VenueId | None = Field(default=None, description="of `GET /ingest/api/v1/venues`")
    name: field_types.Name | None = None
    street: field_types.Name | None = None
    postcode: field_types.Postcode | None = None


class VenueSent(_PlaceSent):
    """Where; a county left out is the organisation's. ``lat`` and ``lon`` are WGS 84 degrees, both or none.

    ``id`` is the place's in the register of venues; the words beside it are what is shown.
    """

    town: field_types.Name
    county: field_types.CountyCode | None = Field(default=None, validate_default=True, description="4-digit TERYT code")
    lat: Latitude | None = None
    lon: LongitudeOfBoth = Field(default=None, validate_default=True)

    @field_validator("county")
    @classmethod
    def _require_county(cls, value: str | None, info: ValidationInfo) -> str:
        context = field_types.get_context(info)
        if value is None and context.county is None:
            raise invalid("required", gettext_noop("Choose a county."))
        return value or context.county or ""


class StartPlaceSent(_PlaceSent):
    """Where what moves begins: words, an ``id`` of the register, a position, as of the venue; a name or a town."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [{"required": [name], "properties": {name: {"type": "string"}}} for name in ("name", "town")]
        }
    )

    town: field_types.Name | None = None
    lat: Latitude | None = None
    lon: LongitudeOfBoth = Field(default=None, validate_default=True)

    @model_validator(mode="after")
    def _require_words(self) -> Self:
        if not (self.name or self.town) and self.model_dump(exclude_none=True):
            raise invalid("required", gettext_noop("Give the name of the starting point, or its town."))
        return self
