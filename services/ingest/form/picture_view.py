"""View of the form's pictures: what stands in each, how it is cut, what to look at."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.ingest.form.picture_fields import (
    NUMBERS,
    FormValues,
    get_media,
    list_numbers,
    read_last_day,
    split_name,
)
from services.ingest.submission.field_errors import Day
from services.ingest.submission.picture_checks import LICENCE_OVER
from shared.event.vocabulary import PICTURE_LICENCES
from shared.i18n.languages import LANGUAGES
from shared.i18n.text import Text, _, translate
from shared.media.model import Size
from shared.media.repository import StoredPicture

ADDRESS: Final = "/ingest/media/{media}-{file}"
_PARTS: Final[Mapping[str, Text]] = {
    "media": _("the picture itself"),
    "alt": _("What is to be seen"),
    "credit": _("Whom to name"),
    "licence": _("Licence"),
    "valid_until": _("May be shown until"),
}


@dataclass(frozen=True, slots=True)
class AltText:
    """The text in one more language."""

    name: str
    code: str
    language: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFields:
    """A picture for ``picture.html``; ``name`` begins the names of its inputs, x and y are percents.

    Without a ``source`` it is not stored, or not for this organisation: it cannot be cut anew. ``advice`` are hints.
    """

    number: int
    name: str
    media: str
    thumbnail: str
    source: str
    width: int
    height: int
    x: int
    y: int
    cross: tuple[int, int]
    values: Mapping[str, str]
    translations: Sequence[AltText]
    advice: Sequence[str]
    error: str
    is_first: bool
    is_last: bool


def list_pictures(
    fields: FormValues,
    stored: Mapping[str, StoredPicture],
    errors: Mapping[str, str],
    *,
    lang: str,
    today: date,
) -> list[PictureFields]:
    return [describe_picture(fields, number, stored, errors, lang=lang, today=today) for number in list_numbers(fields)]


def describe_picture(
    fields: FormValues,
    number: int,
    stored: Mapping[str, StoredPicture],
    errors: Mapping[str, str],
    *,
    lang: str,
    today: date,
) -> PictureFields:
    name, media, numbers = f"images.{number}", get_media(fields, number), list_numbers(fields)
    found = stored.get(media)
    size = Size(found.width, found.height) if found else Size(3, 2)
    x, y = (found.focus.x, found.focus.y) if found else (0.5, 0.5)
    values = {each.removeprefix(f"{name}."): texts[-1] for each, texts in fields.items() if texts}
    return PictureFields(
        number=number,
        name=name,
        media=media,
        thumbnail=ADDRESS.format(media=media, file="400.webp"),
        source=ADDRESS.format(media=media, file="source.jpg") if found else "",
        width=size.width,
        height=size.height,
        x=round(x * 100),
        y=round(y * 100),
        cross=(round(x * size.width), round(y * size.height)),
        values=values,
        translations=[
            AltText(f"{name}.alt.{code}", code, language.own_name, values.get(f"alt.{code}", ""))
            for code, language in LANGUAGES.items()
            if code != "pl"
        ],
        advice=[translate(each, lang) for each in _list_advice(size, read_last_day(fields, number), today)],
        error=errors.get(f"{name}.media", ""),
        is_first=number == min(numbers, default=number),
        is_last=number == max(numbers, default=number),
    )


def get_picture_label(name: str) -> Text:
    number, part = split_name(name) or (NUMBERS[0], name)
    kind, _dot, code = part.partition(".")
    what = _PARTS.get(kind, Text(kind))
    if code in LANGUAGES and code != "pl":
        language = LANGUAGES[code].own_name
        return _("Picture %(number)s: %(what)s (%(language)s)", number=number, what=what, language=language)
    return _("Picture %(number)s: %(what)s", number=number, what=what)


def list_licences(lang: str) -> list[tuple[str, str]]:
    return [(code, translate(label, lang)) for code, label in PICTURE_LICENCES.items()]


def is_like_poster(size: Size, filename: str = "") -> bool:
    """Whether a picture is perhaps a poster: it stands upright like a sheet, or is called so."""
    name = filename.casefold()
    return size.height > size.width or any(each in name for each in ("plakat", "poster", "afisz", "ulotka", "flyer"))


NO_POSTER: Final = _(
    "Is it a poster? What is written on it cannot be read when it is small or cut, nor read aloud. Choose a "
    "photograph, and put what the poster says into the description."
)


def _list_advice(size: Size, last: date | None, today: date) -> Collection[Text]:
    advice = [NO_POSTER] if is_like_poster(size) else []
    if last and last < today:
        advice.append(Text(LICENCE_OVER, {"day": Day(last)}))
    return advice
