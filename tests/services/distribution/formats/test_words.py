from __future__ import annotations

import re
from dataclasses import asdict

import pytest

from services.distribution.formats.clean import address, clean, one_line
from services.distribution.formats.words import WORDS, accessibility_word, words_in
from services.distribution.formats.words.accessibility import ACCESSIBILITY
from shared.languages import LANGUAGES

PLACES = {
    "about": {"region", "publisher"},
    "moved_from": {"dates"},
    "only_title": {"language"},
    "only_text": {"language"},
    "only_both": {"language"},
}


def test_every_language_we_know_has_words() -> None:
    assert set(WORDS) == set(LANGUAGES)
    assert {code for words in ACCESSIBILITY.values() for code in words} == set(LANGUAGES)
    assert all(set(words) == set(LANGUAGES) for words in ACCESSIBILITY.values())


@pytest.mark.parametrize("language", sorted(WORDS))
def test_phrases_have_the_places_that_are_filled_in(language: str) -> None:
    phrases = asdict(words_in(language))

    assert {name: set(re.findall(r"{(\w+)}", text)) for name, text in phrases.items() if "{" in text} == PLACES
    assert all(text.strip() or name == "colon" for name, text in phrases.items())


def test_one_sentence_for_both_texts_in_one_other_language_and_two_for_two() -> None:
    words = words_in("de")

    assert words.title_and_text_only("pl", "pl") == ["Titel und Beschreibung nur auf Polnisch verfügbar."]
    assert words.title_and_text_only("en", "pl") == [
        "Titel nur auf Englisch verfügbar.",
        "Beschreibung nur auf Polnisch verfügbar.",
    ]
    assert words.title_and_text_only(None, "pl") == ["Beschreibung nur auf Polnisch verfügbar."]
    assert words.title_and_text_only(None, None) == []


def test_a_provision_that_nobody_knows_is_left_out() -> None:
    assert accessibility_word("step_free", "de") == "stufenloser Zugang"
    assert accessibility_word("teleport", "de") is None


def test_texts_are_cleaned_of_what_readers_stumble_over() -> None:
    assert clean("a\x00b\r\nc\u2028d\x85e\ufeff\x7f") == "ab\nc\nd\ne"
    assert clean("e\u0301") == "é"
    assert one_line(" a\n\n b\t c ") == "a b c"


@pytest.mark.parametrize(
    ("url", "ascii_form"),
    [
        ("https://example.org/a b?ą=ę#ć", "https://example.org/a%20b?%C4%85=%C4%99#%C4%87"),
        ("https://żagle.pl", "https://xn--agle-99a.pl"),
        ("http://example.org:8080/%C4%85", "http://example.org:8080/%C4%85"),
        ("javascript:alert(1)", None),
        ("https://", None),
        ("https://[", None),
        ("https://a:b/", None),
        (f"https://{'a' * 64}.pl/", None),
    ],
)
def test_addresses_are_written_in_ascii_or_not_at_all(url: str, ascii_form: str | None) -> None:
    assert address(url) == ascii_form
