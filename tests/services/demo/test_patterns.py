"""What the demo draws in place of photographs."""

from __future__ import annotations

from typing import get_args

import pytest

from services.demo.gallery import ALTS
from services.demo.patterns import SIZE, draw_pattern
from services.demo.programme import Pattern
from shared.media.making import make_picture
from shared.media.model import WIDTHS

PATTERNS = get_args(Pattern)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_pattern_is_taken_as_a_picture_in_every_size(pattern: Pattern) -> None:
    made = make_picture(draw_pattern(pattern, "zagle-2027"), {"focus": {"x": 0.5, "y": 0.5}})

    assert (made.width, made.height) == SIZE
    assert set(made.files) == {f"{width}.{kind}" for width in WIDTHS for kind in ("webp", "jpg")}


def test_same_seed_gives_the_same_picture_and_another_seed_another() -> None:
    drawn = [draw_pattern("waves", seed) for seed in ("zagle-2027", "zagle-2027", "jarmark-2027")]

    assert (drawn[0] == drawn[1], drawn[0] == drawn[2]) == (True, False)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_pattern_says_in_each_language_that_it_is_no_photograph(pattern: Pattern) -> None:
    assert ALTS[pattern].keys() == {"pl", "en", "de"}
    assert "zdjęcie" in ALTS[pattern]["pl"]
