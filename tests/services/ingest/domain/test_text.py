from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from services.ingest.domain.text import clean_line, clean_text


def code(text: str, *, limit: int = 500) -> str:
    with pytest.raises(PydanticCustomError) as caught:
        clean_text(text, limit)
    return caught.value.type.removeprefix("ours.")


@pytest.mark.parametrize(
    "character", ["\x00", "\x07", "\t", "\x1b", "\x7f", "\x85", "\u2028", "\u202e", "\ufeff", "\ud800"]
)
def test_control_characters_are_refused(character: str) -> None:
    assert code(f"Ża{character}gle") == "control_character"


def test_a_line_break_is_one_only_where_there_are_lines() -> None:
    assert clean_text("Raz\r\n\r\ndwa\rtrzy", 500) == "Raz\n\ndwa\ntrzy"
    with pytest.raises(PydanticCustomError):
        clean_line("Raz\ndwa", 500)


def test_letters_are_composed_and_then_counted() -> None:
    assert clean_line("Z\u0307agle", 5) == "Żagle"
    assert code("x" * 501) == "too_long"


def test_a_text_of_blanks_is_empty() -> None:
    assert code(" \u00a0\n ") == "empty"


@given(st.text())
def test_what_is_kept_is_clean_and_stays_as_it_is(text: str) -> None:
    try:
        kept = clean_text(text, 500)
    except PydanticCustomError:
        return
    assert clean_text(kept, 500) == kept == unicodedata.normalize("NFC", kept)
    assert not [each for each in kept if unicodedata.category(each) in {"Cc", "Cs"} and each != "\n"]
