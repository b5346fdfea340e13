"""Checks of the pictures of an event that is sent: its organisation has them, and their licences are not over."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Final

from services.ingest.submission.field_errors import ValidationFailed, make_field_error
from services.ingest.submission.field_types import UNKNOWN_PICTURE
from shared.event.model import Event
from shared.field_error import FieldError
from shared.i18n.text import gettext_noop
from shared.media.repository import Pictures

LICENCE_OVER: Final = gettext_noop(
    "The picture could be shown until %(day)s only. Remove it, or give the day until which it may be shown now."
)


async def check_pictures(
    pictures: Pictures, organisation: str, event: Event, *, there: Collection[str] = (), today: date
) -> None:
    """``there`` are pictures that the submission has already, whoever sent them in. Raises ValidationFailed."""
    wanted = {each.media for each in event.images if each.media} - set(there)
    owned = await pictures.claim_owned(organisation, wanted) if wanted else set()
    errors: list[FieldError] = []
    for number, each in enumerate(event.images):
        if each.media in wanted and each.media not in owned:
            errors.append(make_field_error(f"images.{number}.media", "unknown_picture", UNKNOWN_PICTURE))
        last = date.fromisoformat(each.valid_until) if each.valid_until else None
        if last and last < today:
            errors.append(make_field_error(f"images.{number}.valid_until", "licence_over", LICENCE_OVER, {"day": last}))
    if errors:
        raise ValidationFailed(errors)
