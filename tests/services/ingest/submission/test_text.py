from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from services.ingest.submission.text import clean_line, clean_text


def code(text: str, *, limit: int = 500) -> str:
    with pytest.raises(PydanticCustomError) as caught:
        clean_text(text, limit)
    return caught.value.type.removeprefix("ours.")


@pytest.mark.parametrize("sign", ["\x00", "\x07", "\x1b", "\x7f", "\ufdd0", "\ud800", "\ue000", "\U000e0041"])
def test_a_sign_that_cannot_be_shown_is_refused(sign: str) -> None:
    assert code(f"Ża{sign}gle") == code(f"{sign}Żagle") == "control_character"


def test_a_line_keeps_no_line_break() -> None:
    assert clean_text("Raz\r\n\r\ndwa\rtrzy", 500) == "Raz\n\ndwa\ntrzy"
    assert clean_line("Raz\r\ndwa", 500) == "Raz dwa"


def test_letters_are_composed_and_then_counted() -> None:
    assert clean_line("Z\u0307agle", 5) == "Żagle"
    assert code("x" * 501) == "too_long"


def test_marks_that_pile_up_are_refused() -> None:
    assert code("Z" + "\u0301" * 100) == "too_many_marks"


@pytest.mark.parametrize("text", [" \u00a0\n ", "\u200b", "\u3164"])
def test_a_text_of_nothing_that_is_seen_is_empty(text: str) -> None:
    assert code(text) == "empty"


@given(st.text())
def test_what_is_kept_is_clean_and_stays_as_it_is(text: str) -> None:
    try:
        kept = clean_text(text, 500)
    except PydanticCustomError:
        return
    assert clean_text(kept, 500) == kept == unicodedata.normalize("NFC", kept)
    assert not [each for each in kept if unicodedata.category(each) in {"Cc", "Cs"} and each != "\n"]
