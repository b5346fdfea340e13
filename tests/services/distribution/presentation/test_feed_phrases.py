from __future__ import annotations

import pytest

from services.distribution.presentation.feed_phrases import get_phrases
from shared.event import vocabulary
from shared.event.accessibility_phrases import ACCESSIBILITY, get_accessibility_label
from shared.i18n.languages import UnknownLanguage


def test_every_accessibility_code_has_a_label() -> None:
    assert set(ACCESSIBILITY) == set(vocabulary.ACCESSIBILITY)


def test_a_language_that_we_do_not_know_has_no_phrases() -> None:
    with pytest.raises(UnknownLanguage):
        get_phrases("xx")


@pytest.mark.parametrize(("language", "colon"), [("en", ": "), ("fr", " : "), ("ja", "："), ("pl", ": ")])
def test_label_and_value_are_separated_as_the_language_has_it(language: str, colon: str) -> None:
    assert get_phrases(language).colon == colon


def test_one_sentence_for_both_texts_in_one_other_language_and_two_for_two() -> None:
    phrases = get_phrases("de")

    assert phrases.describe_fallbacks("pl", "pl") == ["Titel und Beschreibung nur auf Polnisch verfügbar."]
    assert phrases.describe_fallbacks("en", "pl") == [
        "Titel nur auf Englisch verfügbar.",
        "Beschreibung nur auf Polnisch verfügbar.",
    ]
    assert phrases.describe_fallbacks(None, "pl") == ["Beschreibung nur auf Polnisch verfügbar."]
    assert phrases.describe_fallbacks(None, None) == []


def test_an_accessibility_code_that_nobody_knows_is_left_out() -> None:
    assert get_accessibility_label("step_free", "de") == "stufenloser Zugang"
    assert get_accessibility_label("teleport", "de") is None
