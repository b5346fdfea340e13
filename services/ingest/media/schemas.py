"""Schemas of the API of pictures, for OpenAPI."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from shared.media.model import FORMATS
from shared.web.http.media_types import PICTURES

Fraction = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class FocusSent(BaseModel):
    """The point of a picture that stays in it: `0` is left and top, `1` right and bottom."""

    model_config = ConfigDict(extra="forbid", strict=True)

    x: Fraction
    y: Fraction


class MediaAnswer(BaseModel):
    """A picture of your organisation."""

    media: Annotated[str, Field(description="its name: a SHA-256 in hexadecimal")]
    width: Annotated[int, Field(description="of the whole picture as it is kept, upright, in pixels")]
    height: int
    focus: FocusSent
    files: Annotated[
        list[str], Field(description="addresses of its part of 3:2 round the focus, in each size that it fills")
    ]


_BYTES: Final = {"schema": {"type": "string", "format": "binary"}}
TAKES_PICTURE: Final[dict[str, Any]] = {
    "requestBody": {"required": True, "content": dict.fromkeys(sorted(PICTURES), _BYTES)}
}
FILES: Final[dict[str, Any]] = {"description": "The file", "content": dict.fromkeys(FORMATS.values(), _BYTES)}
MADE: Final = {"Location": {"description": "its largest file", "schema": {"type": "string"}}}
