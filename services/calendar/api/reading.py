"""What a request to a list says: its filters, its place, how much it asks for."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

import msgspec
from fastapi import Query

from services.calendar.filters import STATES
from services.calendar.store import Place
from shared.web.locale import _
from shared.web.problems import BadRequest, FieldError

Counties = Annotated[list[str], Query(description="4-digit TERYT code; may repeat (or)")]
Categories = Annotated[list[str], Query(description="slug of a category; may repeat (or)")]
Organisations = Annotated[list[str], Query(description="slug of an organisation; may repeat (or)")]
States = Annotated[list[str], Query(description=f"one of {', '.join(STATES)}; may repeat (or)")]
Year = Annotated[int | None, Query(ge=1900, le=2999, description="takes place in it, in part at least")]
Cursor = Annotated[str | None, Query(description="`next` of the page before")]


def place_cursor(place: Place) -> str:
    """Write a place in the queue as it is handed out."""
    return text_cursor(msgspec.json.encode(place).decode())


def place_in(cursor: str | None) -> Place | None:
    """Read a place in the queue.

    Raises:
        BadRequest: if it is not one that was handed out.

    """
    text = text_in(cursor)
    if text is None:
        return None
    try:
        return msgspec.json.decode(text, type=Place)
    except msgspec.MsgspecError:
        raise _broken_cursor() from None


def text_cursor(text: str) -> str:
    """Write a place in the programme as it is handed out."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def text_in(cursor: str | None) -> str | None:
    """Read a place in the programme.

    Raises:
        BadRequest: if it is not one that was handed out.

    """
    if cursor is None:
        return None
    try:
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise _broken_cursor() from None


def _broken_cursor() -> BadRequest:
    told = _("Użyj wartości next z poprzedniej odpowiedzi.")
    return BadRequest(code="unknown_filter_value", errors=[FieldError("cursor", told, "unknown_value")])
