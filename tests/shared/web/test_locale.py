"""Our own words in every language of the pages."""

from __future__ import annotations

import re

import pytest

from shared.web.catalogue import Said, collect, needed, read, text_of, updated
from shared.web.locale import UI_LANGUAGES, Text, _, n_, translate, translations

PLACES = re.compile(r"%\((\w+)\)[sd]")


@pytest.fixture(scope="module")
def said() -> list[Said]:
    return collect()


def words_of(language: str) -> dict[str, tuple[str, ...]]:
    """The words of a catalogue: each text with its forms."""
    found: dict[str, tuple[str, ...]] = {}
    for message in read(language):
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
            found[key] = forms
    return found


@pytest.mark.parametrize("language", UI_LANGUAGES)
def test_the_catalogue_holds_what_is_said_and_nothing_else(language: str, said: list[Said]) -> None:
    wanted = {each.key if isinstance(each.key, str) else each.key[0] for each in needed(language, said)}

    assert set(words_of(language)) == wanted, "run: python -m shared.web.catalogue"


@pytest.mark.parametrize("language", UI_LANGUAGES)
def test_the_catalogue_has_words_for_every_text(language: str) -> None:
    assert [text for text, forms in words_of(language).items() if not forms or not all(forms)] == []


@pytest.mark.parametrize("language", UI_LANGUAGES)
def test_the_words_fill_the_same_places_as_the_text(language: str) -> None:
    differing = [
        text
        for text, forms in words_of(language).items()
        for form in forms
        if sorted(PLACES.findall(form)) != sorted(PLACES.findall(text))
    ]

    assert differing == []


@pytest.mark.parametrize("language", UI_LANGUAGES)
def test_a_catalogue_that_is_up_to_date_stays_as_it_is(language: str, said: list[Said]) -> None:
    once = text_of(updated(language, said))

    assert text_of(updated(language, said)) == once


def test_texts_of_the_code_and_of_the_templates_are_found(said: list[Said]) -> None:
    found = {each.key: each.files for each in said}

    assert "shared/web/login.py" in found["Za dużo prób. Odczekaj %(seconds)d s i spróbuj ponownie."]
    assert "shared/web/templates/login.html" in found["Zaloguj się"]
    assert "shared/web/templates/parts/errors.html" in found["Popraw %(num)s pole", "Popraw %(num)s pola"]


def test_a_text_is_polish_until_it_is_said_in_another_language() -> None:
    text = _("Odczekaj %(seconds)d s i spróbuj ponownie.", seconds=9)

    assert text == "Odczekaj 9 s i spróbuj ponownie."
    assert text.in_language("en") == "Wait 9 s and try again."
    assert text.in_language("de") == "Warten Sie 9 s und versuchen Sie es erneut."
    assert text.in_language("ja") == text


@pytest.mark.parametrize(
    ("number", "polish", "english"),
    [
        (1, "Popraw 1 pole", "Correct 1 field"),
        (2, "Popraw 2 pola", "Correct 2 fields"),
        (5, "Popraw 5 pól", "Correct 5 fields"),
        (12, "Popraw 12 pól", "Correct 12 fields"),
        (22, "Popraw 22 pola", "Correct 22 fields"),
    ],
)
def test_a_text_with_a_number_has_the_form_of_the_language(number: int, polish: str, english: str) -> None:
    text = n_("Popraw %(num)s pole", "Popraw %(num)s pola", number)

    assert (text, text.in_language("en")) == (polish, english)


def test_a_text_inside_a_text_is_said_in_the_same_language() -> None:
    text = Text("%(what)s (%(language)s)", {"what": _("Hasło"), "language": "pl"})

    assert text.in_language("en") == "Password (pl)"


def test_a_percent_sign_in_a_text_without_places_stays() -> None:
    assert _("100 %") == "100 %"


def test_words_that_nobody_marked_stay_as_they_are() -> None:
    assert translate("Żagle – finał regat", "en") == "Żagle – finał regat"
    assert translate("", "en") == ""
    assert translations("xx").gettext("Hasło") == "Hasło"
