"""Languages, and what stands in for a missing text."""

import pytest
from babel import Locale

from shared.i18n.languages import LANGUAGES, UnknownLanguage, choose_text, get_language, get_locale


def test_text_in_gives_the_language_that_was_asked_for() -> None:
    assert choose_text({"pl": "Żagle", "en": "Sails", "de": "Segeltage"}, "de") == ("Segeltage", "de")


def test_text_in_falls_back_to_english_before_polish() -> None:
    assert choose_text({"pl": "Żagle", "en": "Sails"}, "uk") == ("Sails", "en")


def test_text_in_falls_back_to_polish_in_the_end() -> None:
    assert choose_text({"pl": "Żagle", "de": "Segeltage"}, "fr") == ("Żagle", "pl")


def test_text_in_takes_a_blank_text_for_a_missing_one() -> None:
    assert choose_text({"pl": "Żagle", "en": " ", "de": ""}, "de") == ("Żagle", "pl")


def test_text_in_gives_nothing_without_the_text_and_its_stand_ins() -> None:
    assert choose_text({"de": "Segeltage"}, "fr") is None


def test_language_refuses_an_unknown_code_by_naming_it() -> None:
    with pytest.raises(UnknownLanguage) as refused:
        get_language("xx")
    assert refused.value.code == "xx"


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_is_called_as_its_speakers_call_it(code: str) -> None:
    assert LANGUAGES[code].own_name == Locale.parse(code).get_language_name()


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_its_locale(code: str) -> None:
    assert get_locale(code).language == code
