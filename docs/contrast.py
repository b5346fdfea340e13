"""The contrast of the colours in site.css (WCAG 2.2), which staff.css uses too, and which pairs may meet.

Colours are read from the style sheet, their only source. A new pair goes into ``PAIRS`` first: tests and style guide
measure that list.
"""

import re
from dataclasses import dataclass
from itertools import product
from typing import Literal, TypeAlias

Theme: TypeAlias = Literal["light", "dark"]
Use: TypeAlias = Literal["text", "interface"]
Tokens: TypeAlias = dict[Theme, dict[str, str]]

LEAST: dict[Use, float] = {"text": 4.5, "interface": 3.0}
"""WCAG 2.2 success criteria 1.4.3 (text) and 1.4.11 (borders, rings, blocks that carry meaning)."""

DARKEST_CURVED = 0.04045
"""Below this an sRGB channel is linear."""

GROUNDS = ("paper", "surface", "dune")
"""The three grounds on which anything may stand."""

INKS = (
    "ink",
    "ink-soft",
    "baltic",
    "baltic-deep",
    "brick",
    "brick-deep",
    "amber",
    "beech",
    "rowan",
)

OWN_GROUND = (
    ("baltic", "baltic-mist"),
    ("ink", "baltic-mist"),
    ("brick", "brick-dust"),
    ("ink", "brick-dust"),
    ("amber", "amber-mist"),
    ("ink", "amber-mist"),
    ("ink-soft", "amber-mist"),
    ("beech", "beech-mist"),
    ("ink", "beech-mist"),
    ("rowan", "rowan-mist"),
    ("ink", "rowan-mist"),
    ("on-colour", "baltic"),
    ("on-colour", "baltic-deep"),
    ("stamp-ink", "stamp"),
    ("clay-ink", "clay"),
    ("sea-ink", "sea"),
    ("sea-soft", "sea"),
    ("sea-brick", "sea"),
)

# Rows that are chosen or under the pointer, on staff pages, keep what stands in them: texts, links, signs.
CHOSEN_ROW = (
    *product(("ink-soft", "baltic-deep", "brick", "amber", "beech", "rowan"), ("baltic-mist",)),
    ("ink-soft", "beech-mist"),
)

INTERFACE = (
    *product(("edge", "focus", "baltic", "rowan"), GROUNDS),
    ("stamp", "paper"),
    ("stamp", "surface"),
    ("brick", "brick-dust"),
    ("focus-sea", "sea"),
    ("sea-soft", "sea"),
    ("clay", "sea"),
    *product(("edge", "focus", "brick"), ("baltic-mist",)),
)

PAIRS: tuple[tuple[Use, str, str], ...] = (
    *(("text", ink, ground) for ink, ground in (*product(INKS, GROUNDS), *OWN_GROUND, *CHOSEN_ROW)),
    *(("interface", colour, ground) for colour, ground in INTERFACE),
)


@dataclass(frozen=True)
class Contrast:
    """A pair of tokens in a theme, with hex values; ``ratio`` is 1.0 to 21.0."""

    use: Use
    theme: Theme
    name: str
    ground_name: str
    colour: str
    ground: str
    ratio: float

    @property
    def is_sufficient(self) -> bool:
        return self.ratio >= LEAST[self.use]


def read_tokens(stylesheet: str) -> Tokens:
    """Read every ``--name:light-dark(#light,#dark)`` of a style sheet."""
    found = re.findall(r"--([a-z-]+):light-dark\((#[0-9a-f]{6}),(#[0-9a-f]{6})\)", stylesheet)
    return {"light": {name: light for name, light, _ in found}, "dark": {name: dark for name, _, dark in found}}


def compute_luminance(colour: str) -> float:
    """The relative luminance, 0.0 (black) to 1.0 (white), of an sRGB colour ``#rrggbb``."""
    red, green, blue = (_linearize(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linearize(channel: float) -> float:
    return channel / 12.92 if channel <= DARKEST_CURVED else ((channel + 0.055) / 1.055) ** 2.4


def compute_ratio(colour: str, other: str) -> float:
    """The contrast ratio, 1.0 to 21.0, in any order."""
    darker, lighter = sorted((compute_luminance(colour), compute_luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def measure_contrasts(tokens: Tokens) -> list[Contrast]:
    """Raises KeyError: a pair names a token that the style sheet lacks."""
    return [
        Contrast(
            use, theme, name, ground, colours[name], colours[ground], compute_ratio(colours[name], colours[ground])
        )
        for theme, colours in tokens.items()
        for use, name, ground in PAIRS
    ]
