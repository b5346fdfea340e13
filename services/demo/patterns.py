"""Draws what stands in place of a photograph in the demo: patterns in the colours of the sea, as files of PNG.

The same seed gives the same pattern. They are ours, so that the demo shows no other person's pictures.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping
from random import Random
from typing import Final

from PIL import Image, ImageDraw

from services.demo.programme import Pattern

SIZE: Final = (1_600, 1_067)
# Drawn larger and made smaller, so that edges are smooth.
SCALE: Final = 2
SEA: Final = ("#042f3e", "#0b4a5e", "#136b82", "#2b8ea6", "#63b4c5", "#a9d8df", "#e6f2f3")
ACCENTS: Final = ("#f2b632", "#e2703a", "#c93f4a", "#f6e7c1")
Point = tuple[float, float]


def draw_pattern(pattern: Pattern, seed: str) -> bytes:
    random = Random(seed)  # noqa: S311 - a drawing, not a secret
    width, height = (side * SCALE for side in SIZE)
    image = Image.new("RGB", (width, height), random.choice(SEA[-3:]))
    _PATTERNS[pattern](ImageDraw.Draw(image), (width, height), random)
    written = io.BytesIO()
    image.resize(SIZE, Image.Resampling.LANCZOS).save(written, "PNG")
    return written.getvalue()


def _draw_waves(draw: ImageDraw.ImageDraw, size: tuple[int, int], random: Random) -> None:
    width, height = size
    _draw_disc(draw, (width * random.uniform(0.2, 0.8), height * 0.25), height * 0.11, random.choice(ACCENTS))
    for number, colour in enumerate(reversed(SEA[:6])):
        level = height * (0.32 + 0.115 * number)
        length, lift, shift = width / random.uniform(2, 4), height * 0.04, random.uniform(0, math.tau)
        crest = [(x, level + lift * math.sin(math.tau * x / length + shift)) for x in range(0, width + 20, 20)]
        draw.polygon([(0, height), *crest, (width, height)], fill=colour)


def _draw_stripes(draw: ImageDraw.ImageDraw, size: tuple[int, int], random: Random) -> None:
    width, height = size
    colours = [*random.sample(SEA, 4), random.choice(ACCENTS), SEA[-1]]
    step, slant = width / random.randrange(14, 20), height * random.uniform(0.2, 0.5)
    for number in range(-8, 24):
        left = number * step
        corners = [(left + slant, 0), (left + slant + step, 0), (left + step, height), (left, height)]
        draw.polygon(corners, fill=colours[number % len(colours)])


def _draw_sails(draw: ImageDraw.ImageDraw, size: tuple[int, int], random: Random) -> None:
    width, height = size
    draw.rectangle([0, height * 0.78, width, height], fill=SEA[1])
    for number in range(9):
        left, foot = width * (0.02 + 0.11 * number), height * random.uniform(0.74, 0.9)
        top, reach = height * random.uniform(0.12, 0.4), width * random.uniform(0.07, 0.1)
        mast = left + reach * 0.45
        colour = random.choice((*SEA[2:5], *ACCENTS))
        draw.polygon([(mast, top), (mast, foot), (left + reach, foot)], fill=colour)
        draw.polygon([(mast - 12, top + height * 0.06), (mast - 12, foot), (left, foot)], fill=random.choice(SEA[2:6]))
        hull = [
            (left, foot + 14),
            (left + reach, foot + 14),
            (left + reach * 0.8, foot + 54),
            (left + reach * 0.2, foot + 54),
        ]
        draw.polygon(hull, fill=SEA[0])


def _draw_rays(draw: ImageDraw.ImageDraw, size: tuple[int, int], random: Random) -> None:
    width, height = size
    centre = (width * random.uniform(0.3, 0.7), height * random.uniform(0.55, 0.8))
    colours, count, radius = random.sample(SEA, 4), 24, float(width)
    for number in range(count):
        around = [centre, *(_turn(centre, radius, (number + each) / count) for each in (0, 1))]
        draw.polygon(around, fill=colours[number % len(colours)])
    for share, colour in ((0.24, SEA[0]), (0.17, random.choice(ACCENTS)), (0.08, SEA[-1])):
        _draw_disc(draw, centre, height * share, colour)


def _draw_disc(draw: ImageDraw.ImageDraw, centre: Point, radius: float, colour: str) -> None:
    x, y = centre
    draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=colour)


def _turn(centre: Point, radius: float, turns: float) -> Point:
    return centre[0] + radius * math.cos(math.tau * turns), centre[1] + radius * math.sin(math.tau * turns)


_PATTERNS: Final[Mapping[Pattern, Callable[[ImageDraw.ImageDraw, tuple[int, int], Random], None]]] = {
    "waves": _draw_waves,
    "stripes": _draw_stripes,
    "sails": _draw_sails,
    "rays": _draw_rays,
}
