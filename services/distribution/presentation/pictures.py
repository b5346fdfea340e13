"""Pictures of an event in one language: what they show, whose they are, and their addresses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.distribution.presentation.clean import clean_line
from shared.event.model import Image
from shared.event.picture_phrases import name_picture_licence
from shared.event.vocabulary import LICENCES
from shared.i18n.languages import choose_text
from shared.media.model import FORMATS, WIDTHS

FEED_WIDTH: Final = 1600
"""Of the one address that a feed has room for; a smaller picture comes as large as it is."""
FEED_KIND: Final = "jpg"
FEED_TYPE: Final = FORMATS[FEED_KIND]
_NAME: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class EventPicture:
    """``alt`` is empty where it is said in no language; ``licence_url`` where there is none, as for a permission."""

    media: str
    alt: str
    alt_language: str
    credit: str
    licence: str
    licence_url: str
    public_url: str

    def build_url(self, width: int = FEED_WIDTH, kind: str = FEED_KIND) -> str:
        return f"{self.public_url}{self.build_path(width, kind)}"

    def build_path(self, width: int, kind: str = "webp") -> str:
        return f"/media/{self.media}-{width}.{kind}"

    @property
    def srcset(self) -> str:
        return ", ".join(f"{self.build_path(width)} {width}w" for width in WIDTHS)

    @property
    def rights(self) -> str:
        """Whom to name, and the terms."""
        return ", ".join(each for each in (self.credit, self.licence) if each)


def list_pictures(images: Sequence[Image], language: str, public_url: str) -> list[EventPicture]:
    """The first is the event's own; what an earlier release let through and is no picture of ours is left out."""
    return [_localize(each, language, public_url) for each in images if _NAME.fullmatch(each.media)]


def _localize(image: Image, language: str, public_url: str) -> EventPicture:
    alt, alt_language = choose_text(image.alt, language) or ("", language)
    code = image.licence or ""
    return EventPicture(
        media=image.media,
        alt=clean_line(alt),
        alt_language=alt_language,
        credit=clean_line(image.credit or ""),
        licence=clean_line(name_picture_licence(code, language)) if code else "",
        licence_url=LICENCES[code].url if code in LICENCES else "",
        public_url=public_url,
    )
