"""Pictures whose licence ends: until when they may be shown. Pure; days are like ``2027-12-31``, in the region."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from shared.event.model import Event, Image


def is_lapsed(image: Image, day: str) -> bool:
    """Whether the last day on which it may be shown is before ``day``."""
    return bool(image.valid_until) and str(image.valid_until) < day


def hide_lapsed(event: Event, day: str | None) -> Event:
    """Leave out what is lapsed on a day; without a day nothing is."""
    if day is None or not any(is_lapsed(each, day) for each in event.images):
        return event
    return replace(event, images=[each for each in event.images if not is_lapsed(each, day)])


def find_first_end(images: Iterable[Image]) -> str | None:
    """Return the last day of the picture that lapses first; None if none ever does."""
    return min((each.valid_until for each in images if each.valid_until), default=None)
