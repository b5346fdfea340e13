"""What is said of a picture, in a line for staff. Pure."""

from __future__ import annotations

from datetime import date

from shared.event.date_phrases import format_day
from shared.event.model import Image
from shared.event.vocabulary import PICTURE_LICENCES
from shared.i18n.text import _, translate


def describe_picture(image: Image, language: str) -> str:
    """Return its texts, whom to name, its licence and its last day: "Żaglowce · Jan Żak · CC BY 4.0"."""
    alt = [f"{text} ({code})" if code != "pl" else text for code, text in image.alt.items()]
    licence = translate(PICTURE_LICENCES.get(image.licence or "", image.licence or ""), language)
    last = date.fromisoformat(image.valid_until) if image.valid_until else None
    until = translate(_("until %(day)s", day=format_day(last, language)), language) if last else ""
    return " · ".join(filter(None, ("; ".join(alt), image.credit, licence, until)))


def choose_alt(image: Image, language: str) -> tuple[str, str]:
    """Return the text of a picture, and its language where that is another one: Polish, or whatever there is."""
    code = next((each for each in (language, "pl", *image.alt) if each in image.alt), language)
    return image.alt.get(code, ""), code if code != language else ""
