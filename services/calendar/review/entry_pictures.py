"""The pictures of an entry, of the accepted version and of the proposal next to each other. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from services.calendar.entry.view import EventView
from shared.event.model import Event, Image
from shared.event.picture_words import choose_alt, describe_picture
from shared.i18n.text import Text, _, translate

Difference = Literal["same", "added", "changed", "removed"]
ADDRESS: Final = "/calendar/media/{media}-800.webp"
SMALL: Final = "/calendar/media/{media}-400.webp"
_WORDS: Final[Mapping[Difference, Text]] = {
    "added": _("New:"),
    "changed": _("Its words are new:"),
    "removed": _("Removed:"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPicture:
    """``words`` say what is said of it; ``difference`` and ``told`` how it differs from the accepted version."""

    small: str
    large: str
    alt: str
    lang: str
    words: str
    difference: Difference
    told: str


def list_pictures(live: Event | None, proposal: Event | None, view: EventView) -> list[EntryPicture]:
    """List those of the proposal, then those that it removes; without a proposal those of the accepted version."""
    newest = proposal or live
    after = newest.images if newest else []
    before = {each.media: each for each in live.images} if live and proposal else {}
    shown = {each.media for each in after}
    return [
        *(
            _describe(each, _compare(each, before, is_first=not (live and proposal)), view)
            for each in after
            if each.media
        ),
        *(_describe(each, "removed", view) for media, each in before.items() if media and media not in shown),
    ]


def _compare(image: Image, before: Mapping[str, Image], *, is_first: bool) -> Difference:
    if is_first:
        return "same"
    known = before.get(image.media)
    if known is None:
        return "added"
    return "same" if known == image else "changed"


def _describe(image: Image, difference: Difference, view: EventView) -> EntryPicture:
    alt, lang = choose_alt(image, view.language)
    return EntryPicture(
        small=SMALL.format(media=image.media),
        large=ADDRESS.format(media=image.media),
        alt=alt,
        lang=lang,
        words=describe_picture(image, view.language),
        difference=difference,
        told=translate(_WORDS[difference], view.language) if difference in _WORDS else "",
    )
