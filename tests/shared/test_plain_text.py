"""What a text may hold, what is normalised without a word, and what is refused by name."""

from __future__ import annotations

import contextlib
import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.plain_text import (
    MOST_MARKS,
    TextEmpty,
    TextRefused,
    TextTooLong,
    TextUnshowable,
    TooManyMarks,
    clean_line,
    is_plain,
    normalize_code,
    normalize_dashes,
    normalize_line,
    normalize_text,
    strip_unshowable,
)

LIMIT = 500
SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
WRITTEN = {
    "Polish": "Zażółć gęślą jaźń – „Żagle”",
    "Vietnamese": "Lễ hội biển Đông, tiếng Việt",
    "Arabic": "مهرجان البحر\u200fـ٢٠٢٧",
    "Persian, with a non-joiner": "می\u200cخواهم",
    "Hebrew, with points and accents": "בְּרֵאשִׁ֖ית בָּרָ֣א",
    "Hindi, with a joiner": "क्\u200dष हिन्दी",
    "Thai": "เทศกาลทะเลที่นี่",
    "Tibetan": "བརྒྱུད",
    "Japanese": "海の祭り（が）",
    "a family": "👨\u200d👩\u200d👧\u200d👦 👍🏽 ❤\ufe0f 1\ufe0f\u20e3 🇵🇱",
    "the flag of Scotland": SCOTLAND,
    "an ideograph with a variant": "葛\U000e0100",
    "an emoji newer than Python": "\U0001fae8\U0001fadf",
    "no-break blanks": "w\u00a02027, 10\u202f000",
    "a list": "Program:\n\n• 18:00 otwarcie\n• 22:00 ognie",
}


@pytest.mark.parametrize("language", WRITTEN)
def test_every_writing_stays_as_it_is(language: str) -> None:
    text = unicodedata.normalize("NFC", WRITTEN[language])

    assert normalize_text(text, LIMIT) == text


NORMALISED = {
    "a\tb": "a b",
    "a\u2002b\u2003c\u2007d\u2009e\u200af\u205fg\u1680h\u3000i": "a b c d e f g h i",
    "a\r\nb\rc\x0bd\x0ce\x85f\u2028g": "a\nb\nc\nd\ne\nf\ng",
    "a\u2029b": "a\n\nb",
    "\ufeffa\u200bb\u00adc\u2060d": "abcd",
    "\u202a+48 91\u202c": "+48 91",
    "\u202e123\u202c": "123",
    "\u2066a\u2069": "a",
    "e\u0301": "é",
    " \u00a0a \n": "a",
}


@pytest.mark.parametrize("typed", NORMALISED)
def test_what_nobody_sees_is_normalised_without_a_word(typed: str) -> None:
    assert normalize_text(typed, LIMIT) == NORMALISED[typed]


def test_a_line_holds_blanks_where_a_text_breaks() -> None:
    assert normalize_line("Dni\u2028Morza,\r\n Szczecin\t2027", LIMIT) == "Dni Morza, Szczecin 2027"


def test_a_code_holds_no_sign_that_is_not_seen_and_only_plain_blanks() -> None:
    assert normalize_code("\u200e+48\u00a091\u202f123\u200d\u061c", LIMIT) == "+48 91 123"


UNSHOWABLE = "\x00 \x07 \x1b \x7f \x9f \ud800 \udfff \ufdd0 \ufdef \ufffe \uffff \U0001fffe \U0010ffff \ufffd \ufff9"
PRIVATE = "\ue000 \uf0b7 \uf8ff \U000f0000 \U0010fffd"
TAGS = "\U000e0001 \U000e0020 \U000e0061 \U000e007f"


@pytest.mark.parametrize("sign", f"{UNSHOWABLE} {PRIVATE} {TAGS}".split(" "))
def test_what_cannot_be_shown_is_refused_by_name(sign: str) -> None:
    with pytest.raises(TextUnshowable) as refused:
        normalize_text(f"Dni\nMorza {sign} 2027", LIMIT)

    assert (refused.value.sign, refused.value.before) == (f"U+{ord(sign):04X}", "Morza")


def test_tags_are_shown_within_a_flag_only() -> None:
    with pytest.raises(TextUnshowable) as refused:
        normalize_text(f"{SCOTLAND} \U000e0067", LIMIT)

    assert refused.value.sign == "U+E0067"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\u200b",
        "\u2060",
        "\xad",
        "ㅤ",
        "⠀",
        "️",
        "́",
        "ᅟᅠ",
        "ﾠ",
        "\u200d",
        "\u200e \u200f",
        "͏",
        "឴",
        "᠋",
        "󠄀",
        "\xa0\u3000",
        "⃝",
        "\u061c",
    ],
)
def test_a_text_without_anything_to_be_seen_is_empty(text: str) -> None:
    with pytest.raises(TextEmpty):
        normalize_text(text * 3, LIMIT)


@pytest.mark.parametrize("text", ["!", "…", "–", "♥", "👍", "1", "ł", "海", "ا", "€", "\u0301a"])
def test_one_sign_that_is_seen_is_a_text(text: str) -> None:
    assert normalize_text(text, LIMIT) == text


def test_letters_are_composed_and_then_counted() -> None:
    assert len(normalize_text("Z\u0307" * LIMIT, LIMIT)) == LIMIT
    with pytest.raises(TextTooLong) as refused:
        normalize_text("Z\u0307" * (LIMIT + 1), LIMIT)
    assert refused.value.length == LIMIT + 1


@pytest.mark.parametrize("text", ["a" + "\u0301" * 40_000 + "\u0323" * 40_000, "a" * 1_000_000])
def test_a_text_far_beyond_its_limit_is_refused_as_it_came(text: str) -> None:
    with pytest.raises(TextTooLong) as refused:
        normalize_text(text, 10_000)

    assert refused.value.length == len(text)


@pytest.mark.parametrize("mark", ["\u0301", "\u0323\u0301", "\U0001d165", "\u0301\U0001e000"])
def test_more_marks_than_any_writing_stacks_are_refused(mark: str) -> None:
    marks = mark * MOST_MARKS
    assert normalize_text("a" + marks[:MOST_MARKS] + "b", LIMIT)

    with pytest.raises(TooManyMarks):
        normalize_text("a" + marks[:MOST_MARKS] + mark[0] + "b", LIMIT)


signs = st.integers(0, sys.maxunicode).map(chr)


@given(st.text(st.one_of(st.characters(), signs), max_size=60))
@example("\u1100\u1161\u11a8\r")
@example("a\u2029\u2029b")
def test_what_was_read_reads_the_same_again(text: str) -> None:
    for read in (normalize_text, normalize_line, normalize_code):
        try:
            kept = read(text, LIMIT)
        except TextRefused:
            continue
        assert read(kept, LIMIT) == kept == unicodedata.normalize("NFC", kept)
        assert strip_unshowable(kept) == kept


@given(st.text(st.one_of(st.characters(), signs), max_size=30))
def test_a_text_of_an_earlier_release_loses_no_more_than_what_cannot_be_shown(text: str) -> None:
    kept = strip_unshowable(text)

    with contextlib.suppress(TooManyMarks):
        assert normalize_text(f"a{kept}", LIMIT)
    assert not is_plain(text) or kept == text


def test_every_kind_of_dash_becomes_a_plain_one() -> None:
    assert normalize_dashes("70\u2011500 \u20131\u2212") == "70-500 -1-"


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("  Ewa\r\n Lis ", "Ewa Lis"),
        ("\u200b\u202e \ufeff", ""),
        ("Ewa\u00a0Lis", "Ewa Lis"),
        ("Zółw\x00\ud800", "Zółw"),
        ("Z\u0307", "Ż"),
    ],
)
def test_a_line_holds_only_what_can_be_seen(typed: str, line: str) -> None:
    assert clean_line(typed) == line
