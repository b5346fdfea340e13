"""Draws a card, 1200 by 630: town, title and date of an event in the look of the site, with the months of a year.

The vendored files of a typeface hold some letters each, so a text is drawn in runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from itertools import groupby
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from shared.web.pages.static import FOLDER

SIZE: Final = (1200, 630)
MAX_LINES: Final = 5
_SEA, _DEEP, _WAVE, _SKY = "#042f3e", "#063853", "#135477", "#e1f0f6"
_BRICK, _DUST, _LIT, _SUN, _INK = "#953922", "#fae9e1", "#ea9b7c", "#eec675", "#132029"
_WHITE, _SOFT = "#ffffff", "#b9d3dc"
_LEFT, _TEXT_WIDTH, _PANEL, _MONTHS_TOP = 60, 600, 740, 544
_BITTER: Final = "vendor/bitter-5.3.0/bitter-{part}-700-normal.woff2"
_COMMISSIONER: Final = "vendor/commissioner-5.3.0/commissioner-{part}-wght-normal.woff2"
_LATIN_1: Final = 0xFF
_CYRILLIC: Final = range(0x400, 0x500)
_PUNCTUATION: Final = range(0x2000, 0x2070)
_SCALE: Final = 2  # shapes are drawn larger and made smaller, which smooths their edges


@dataclass(frozen=True, slots=True)
class Card:
    """``month`` is the number of the month that is lit, ``months`` are all twelve names, ``sure`` an exact date."""

    site: str
    region: str
    town: str
    title: str
    when: str
    sure: bool
    months: Sequence[str]
    month: int


@dataclass(frozen=True, slots=True)
class _Face:
    """A typeface in a size; ``weight`` is None where the files have one only."""

    file: str
    size: int
    weight: int | None = None

    def choose(self, character: str) -> ImageFont.FreeTypeFont:
        code = ord(character)
        if code <= _LATIN_1 or code in _PUNCTUATION:
            return _load(self.file.format(part="latin"), self.size, self.weight)
        return _load(self.file.format(part="cyrillic" if code in _CYRILLIC else "latin-ext"), self.size, self.weight)

    def split(self, text: str) -> Iterator[tuple[ImageFont.FreeTypeFont, str]]:
        line = " ".join(text.split())  # the layout refuses whatever ends a paragraph
        for font, characters in groupby(line, key=self.choose):
            yield font, "".join(characters)

    def measure(self, text: str) -> float:
        return sum(font.getlength(run) for font, run in self.split(text))


@cache
def _load(file: str, size: int, weight: int | None) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(FOLDER / file, size)
    if weight:
        font.set_variation_by_axes([weight])
    return font


def draw_card(card: Card) -> bytes:
    """Return a PNG; takes about a tenth of a second."""
    image = Image.new("RGB", SIZE, _SEA)
    image.paste(_draw_sea(), (_PANEL, 0))
    draw = ImageDraw.Draw(image)
    end = _write(draw, (_LEFT, 92), card.site, _Face(_BITTER, 30), _WHITE)
    _write(draw, (end + 10, 92), card.region, _Face(_COMMISSIONER, 30, 400), _SOFT)
    _write(draw, (_LEFT, 160), _cut(card.town, _Face(_COMMISSIONER, 34, 600)), _Face(_COMMISSIONER, 34, 600), _WHITE)
    _write_title(draw, card.title)
    _draw_date(draw, card)
    _draw_months(draw, card)
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _draw_sea() -> Image.Image:
    width, height = SIZE[0] - _PANEL, _MONTHS_TOP
    panel = Image.new("RGB", (width * _SCALE, height * _SCALE), _SKY)
    draw = ImageDraw.Draw(panel)
    draw.circle((300 * _SCALE, 250 * _SCALE), 96 * _SCALE, fill=_SUN)
    draw.polygon([(each[0] * _SCALE, each[1] * _SCALE) for each in ((210, 90), (210, 290), (90, 290))], fill=_BRICK)
    draw.polygon([(each[0] * _SCALE, each[1] * _SCALE) for each in ((222, 120), (222, 290), (300, 290))], fill=_WHITE)
    draw.polygon(
        [(each[0] * _SCALE, each[1] * _SCALE) for each in ((80, 297), (312, 297), (285, 330), (110, 330))], fill=_INK
    )
    for course, colour in enumerate((_WAVE, _DEEP, _WAVE, _DEEP, _WAVE)):
        top, shift = 300 + course * 52, 46 * (course % 2)
        draw.rectangle((0, (top + 23) * _SCALE, width * _SCALE, height * _SCALE), fill=colour)
        for left in range(-92 + shift, width, 92):
            draw.ellipse((left * _SCALE, top * _SCALE, (left + 92) * _SCALE, (top + 46) * _SCALE), fill=colour)
    return panel.resize((width, height), Image.Resampling.LANCZOS)


def _write_title(draw: ImageDraw.ImageDraw, title: str) -> None:
    """The largest size in which it takes no more room than there is."""
    for size, most in ((68, 3), (50, 4), (42, MAX_LINES)):
        lines = wrap(title, _Face(_BITTER, size))
        if len(lines) <= most and not any(each.endswith("…") for each in lines):
            break
    if len(lines) > MAX_LINES:
        lines = [*lines[: MAX_LINES - 1], f"{lines[MAX_LINES - 1]}…"]
    for number, line in enumerate(lines):
        _write(draw, (_LEFT, 168 + size + number * size * 1.1), line, _Face(_BITTER, size), _WHITE)


def wrap(text: str, face: _Face, width: float = _TEXT_WIDTH) -> list[str]:
    """Break between words; a word that is too long is cut."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and face.measure(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(_cut(word, face, width))
    return lines


def _cut(text: str, face: _Face, width: float = _TEXT_WIDTH) -> str:
    if face.measure(text) <= width:
        return text
    kept = text
    while kept and face.measure(f"{kept}…") > width:
        kept = kept[:-1]
    return f"{kept}…"


def _draw_date(draw: ImageDraw.ImageDraw, card: Card) -> None:
    face = _Face(_BITTER, 37)
    words = _cut(card.when, face, _TEXT_WIDTH - 40)
    box = (_LEFT, 440, _LEFT + face.measure(words) + 40, 508)
    draw.rectangle(box, fill=_BRICK if card.sure else _DUST, outline=_BRICK, width=3)
    _write(draw, (_LEFT + 20, 487), words, face, _WHITE if card.sure else _BRICK)


def _draw_months(draw: ImageDraw.ImageDraw, card: Card) -> None:
    width = (SIZE[0] + 4) / 12
    for number, name in enumerate(card.months):
        is_lit = number + 1 == card.month
        left = number * width
        draw.rectangle((left, _MONTHS_TOP, left + width - 5, SIZE[1]), fill=_LIT if is_lit else _BRICK)
        face = _Face(_BITTER, 28)
        middle = left + (width - 4 - face.measure(name)) / 2
        _write(draw, (middle, _MONTHS_TOP + 53), name, face, _INK if is_lit else _WHITE)


def _write(draw: ImageDraw.ImageDraw, place: tuple[float, float], text: str, face: _Face, colour: str) -> float:
    """Write on a base line; return where the text ends."""
    left, base = place
    for font, run in face.split(text):
        draw.text((left, base), run, font=font, fill=colour, anchor="ls")
        left += font.getlength(run)
    return left
