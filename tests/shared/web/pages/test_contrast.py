"""No text of ours is hard to read, in light or in dark."""

from pathlib import Path

import pytest

from docs.contrast import PAIRS, Contrast, compute_ratio, measure_contrasts, read_tokens

STYLESHEET = Path(__file__).parents[4] / "shared" / "web" / "pages" / "static" / "site.css"
TOKENS = read_tokens(STYLESHEET.read_text(encoding="utf-8"))


def test_black_on_white_is_the_greatest_contrast() -> None:
    assert compute_ratio("#000000", "#ffffff") == compute_ratio("#ffffff", "#000000") == 21.0


def test_the_grey_of_the_wcag_examples_is_just_enough() -> None:
    assert round(compute_ratio("#767676", "#ffffff"), 2) == 4.54


@pytest.mark.parametrize(
    "pair", measure_contrasts(TOKENS), ids=lambda pair: f"{pair.name} on {pair.ground_name}, {pair.theme}"
)
def test_a_pair_of_colours_reaches_aa(pair: Contrast) -> None:
    assert pair.is_sufficient, f"{pair.ratio:.2f}"


def test_every_colour_that_carries_meaning_is_measured() -> None:
    only_decoration = {"line"}
    assert {name for _, *pair in PAIRS for name in pair} | only_decoration == set(TOKENS["light"])


def test_every_token_has_a_light_and_a_dark_colour() -> None:
    assert TOKENS["light"].keys() == TOKENS["dark"].keys()


@pytest.mark.parametrize(
    ("use", "lowest"), [("text", 5.38), ("interface", 3.06)], ids=["text", "borders, rings and blocks"]
)
def test_the_lowest_contrast_is_the_one_the_palette_was_chosen_for(use: str, lowest: float) -> None:
    assert min(round(pair.ratio, 2) for pair in measure_contrasts(TOKENS) if pair.use == use) == lowest
