"""Our own texts in every language of the pages."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from shared.i18n.languages import LANGUAGES
from shared.i18n.text import DEFAULT, FOLDER, SOURCE, UI_LANGUAGES, Text, _, load_translations, n_, p_, translate

ROOT = Path(__file__).parents[3]
PLACES = re.compile(r"%\((\w+)\)[sd]")
PUBLIC = ("shared/accounts/", "shared/i18n/", "shared/web/", "services/distribution/")
TRANSLATED = sorted(set(UI_LANGUAGES) - {SOURCE})


def catalogue(language: str, domain: str = "messages") -> Catalog:
    with (FOLDER / language / "LC_MESSAGES" / f"{domain}.po").open("rb") as written:
        return read_po(written, locale=language)


def messages(language: str, domain: str = "messages") -> list[Message]:
    return [each for each in catalogue(language, domain) if each.id]


def forms(said: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said or ())


def is_public(message: Message) -> bool:
    return any(file.startswith(PUBLIC) for file, _line in message.locations)


def test_the_catalogues_hold_what_is_said_and_nothing_else() -> None:
    words = ("make", "-s", "words", "CHECK=1")
    checked = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603

    assert checked.returncode == 0, f"run: make words\n{checked.stdout}{checked.stderr}"


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_catalogue_has_words_for_every_text(language: str) -> None:
    """In German for what the public sees; staff read Polish or English."""
    needed = [each for each in messages(language) if language == DEFAULT or is_public(each)]

    assert [each.id for each in needed if not all(forms(each.string))] == []


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {SOURCE}))
def test_every_language_we_know_has_every_phrase(language: str) -> None:
    assert [each.id for each in messages(language, "phrases") if not each.string] == []
    assert {each.id for each in messages(language, "phrases")} == {each.id for each in messages(DEFAULT, "phrases")}


@pytest.mark.parametrize(
    ("language", "domain"),
    [(each, "messages") for each in TRANSLATED] + [(each, "phrases") for each in sorted(set(LANGUAGES) - {SOURCE})],
)
def test_the_words_fill_the_same_places_as_the_text(language: str, domain: str) -> None:
    differing = [
        each.id
        for each in messages(language, domain)
        for form in forms(each.string)
        if form and sorted(PLACES.findall(form)) != sorted(PLACES.findall(forms(each.id)[0]))
    ]

    assert differing == []


def test_texts_of_the_code_and_of_the_templates_are_found() -> None:
    found = {forms(each.id)[0]: {file for file, _line in each.locations} for each in messages(DEFAULT)}

    assert "shared/web/auth/login.py" in found["Too many attempts. Wait %(seconds)d s and try again."]
    assert "shared/web/pages/templates/login.html" in found["Log in"]
    assert "shared/web/pages/templates/parts/errors.html" in found["Correct %(num)s field"]


def test_texts_that_are_the_same_in_english_are_told_apart() -> None:
    assert (p_("noun", "Change"), _("Change")) == ("Zmiana", "Zmień")
    assert p_("noun", "Change").in_language("en") == "Change"


def test_a_text_is_polish_until_it_is_said_in_another_language() -> None:
    text = _("Wait %(seconds)d s and try again.", seconds=9)

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
    text = n_("Correct %(num)s field", "Correct %(num)s fields", number)

    assert (text, text.in_language("en")) == (polish, english)


def test_a_text_inside_a_text_is_said_in_the_same_language() -> None:
    text = Text("%(what)s (%(language)s)", {"what": _("Password"), "language": "pl"})

    assert text.in_language("en") == "Password (pl)"


def test_a_percent_sign_in_a_text_without_places_stays() -> None:
    assert _("100 %") == "100 %"


def test_words_that_nobody_marked_stay_as_they_are() -> None:
    assert translate("Żagle – finał regat", "en") == "Żagle – finał regat"
    assert translate("", "en") == ""
    assert load_translations("xx").gettext("Password") == "Hasło"
