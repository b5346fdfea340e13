"""Hints by POT's editorial rules: what they name, and above all what they leave alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.event.completeness import format_completeness
from shared.event.model import parse_event
from shared.event.readiness import Excerpt, Hint, Readiness, assess
from shared.i18n.languages import LANGUAGES

PROGRAMME = Path(__file__).parents[3] / "deploy" / "region" / "programme.json"
LANGUAGES_OF_TEXTS = ("pl", "en", "de")
LONG = "Trzy dni żaglowców, koncertów i jarmarku na Wałach Chrobrego w Szczecinie. " * 6


def make(**fields: Any) -> Readiness:  # noqa: ANN401 - any field
    event = {
        "title": {"pl": "Żagle", "en": "Sails", "de": "Segel"},
        "summary": {"pl": LONG[:450], "en": "e" * 300, "de": "d" * 300},
        "category": "maritime",
        "dates": {"certainty": "exact", "start": "2027-08-14", "end": "2027-08-16"},
        "venue": {"town": "Szczecin", "county": "3262"},
        "images": [{"media": "0" * 64, "alt": {"pl": "Żaglowiec"}}],
    } | fields
    return assess(parse_event(event), LANGUAGES_OF_TEXTS)


def find(code: str, language: str, text: str) -> list[str]:
    """The words that hints of a code name in a description."""
    hints = make(description={language: text}).hints
    return [each.excerpt.words for each in hints if each.code == code and each.excerpt]


def test_an_event_that_meets_all_rules_is_ready() -> None:
    found = make()

    assert (found.met, found.total, found.is_ready, found.hints) == (8, 8, True, ())


def test_an_empty_event_names_each_rule_once_and_counts_it_once() -> None:
    found = make(title={"pl": "Żagle"}, summary={}, images=[])

    assert [each.rule for each in found.hints] == ["short_text", "picture", "translation.en", "translation.de"]
    assert (found.met, found.total) == (4, 8)


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("pl", "Serdecznie zapraszamy na Wały.", ["Serdecznie zapraszamy"]),
        ("pl", "To nasze święto. Przyjdźcie z rodziną!", ["nasze", "Przyjdźcie"]),
        ("en", "Join us at the castle: we play, our guests sing.", ["Join us", "we", "our"]),
        ("de", "Wir feiern. Kommen Sie in unseren Garten.", ["Wir", "Kommen Sie", "unseren"]),
    ],
)
def test_words_of_the_first_and_second_person_are_named(language: str, text: str, words: list[str]) -> None:
    assert find("third_person", language, text) == words


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("pl", "Gra Teatr Nasz. Śpiewa chór „Zapraszamy do tańca”."),
        ("pl", "Nasielsk, Naszyjnik i czekan: trzy miejsca, które zaprasza do siebie gmina."),
        ("en", "Bands from the US and the UK; the West Wes Band. Tourism for all. “We Will Rock You” is played."),
        ("de", "Wirtschaft und Kunst, Unsinn und Wirbel. Die Veranstalter laden alle ein."),
        ("cs", "Zveme vás, naše slavnost."),
    ],
)
def test_names_quotations_and_words_that_only_look_alike_are_left_alone(language: str, text: str) -> None:
    assert find("third_person", language, text) == []


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("pl", "Początek o godz. 18, koniec o 20.30.", ["godz. 18", "20.30"]),
        ("pl", "Od 10.00 do 18.00.", ["10.00", "18.00"]),
        ("en", "Doors open at 6 pm, 7:30 p.m. the band.", ["6 pm", "7:30 p.m."]),
        ("de", "Beginn 18 Uhr, Ende 20.30 Uhr.", ["18 Uhr", "20.30 Uhr"]),
    ],
)
def test_hours_in_another_form_are_named(language: str, text: str, words: list[str]) -> None:
    assert find("hour_format", language, text) == words


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("pl", "O godz. 18:00. Bilet 15.00 zł, 20.00 PLN, trasa 12.15 km, dnia 12.10.2027, wersja 1.15.2."),
        ("pl", "Trwa 18 godzin i 10 minut."),
        ("en", "At 18:00, 6 amateurs and 3 amps; program 5."),
        ("de", "18:00 Uhr, 3 Uhren, 18:30 Uhr."),
    ],
)
def test_prices_distances_days_and_right_hours_are_left_alone(language: str, text: str) -> None:
    assert find("hour_format", language, text) == []


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Żagle 2027", "2027"),
        ("XXVII Festiwal Piosenki", "XXVII"),
        ("Festiwal Piosenki, 27. edycja", "27. edycja"),
        ("Piknik 14.08.2027", "14.08.2027"),
        ("Bitwa pod Cedynią 972", None),
        ("Inscenizacja bitwy 1920", None),
        ("Święto 3 Maja", None),
        ("Koncert XX wieku", None),
        ("Bieg na 10 km", None),
    ],
)
def test_edition_and_year_are_named_in_titles_and_nothing_else(title: str, words: str | None) -> None:
    found = [each.excerpt for each in make(title={"pl": title}).hints if each.code == "edition_in_title"]

    assert [each.words for each in found if each] == ([words] if words else [])


def test_a_long_text_that_begins_with_the_short_one_is_named_and_one_that_shares_words_is_not() -> None:
    short = "Wielkie święto żaglowców nad Odrą, z koncertami, jarmarkiem i pokazem sztucznych ogni."
    repeated = make(summary={"pl": short}, description={"pl": f"{short} W sobotę parada załóg."})
    shared = make(
        summary={"pl": short}, description={"pl": "Nad Odrą koncerty i jarmark; pokaz sztucznych ogni w sobotę."}
    )

    assert [each.field for each in repeated.hints if each.code == "repeated_text"] == ["description.pl"]
    assert [each.field for each in shared.hints if each.code == "repeated_text"] == []


def test_a_hint_shows_its_words_in_their_context_and_tells_what_to_do_in_the_readers_language() -> None:
    hint = next(each for each in make(description={"pl": "Otwarcie sezonu. Zapraszamy na Wały."}).hints)

    assert hint == Hint("description.pl", "third_person", "pl", Excerpt("Otwarcie sezonu. ", "Zapraszamy", " na Wały."))
    assert [hint.describe(each).split()[0] for each in LANGUAGES_OF_TEXTS] == ["Pisz", "Write", "Schreiben"]


def test_a_missing_translation_is_named_by_its_language() -> None:
    hints = make(title={"pl": "Żagle", "en": "Sails"}, summary={"pl": LONG[:450]}).hints

    assert [(each.field, each.describe("pl")) for each in hints] == [
        ("summary.en", "Brakuje tytułu lub tekstu w języku: angielski."),
        ("title.de", "Brakuje tytułu lub tekstu w języku: niemiecki."),
    ]


def test_no_title_and_no_text_of_the_real_programme_breaks_a_rule_that_a_word_can_break() -> None:
    events = json.loads(PROGRAMME.read_text(encoding="utf-8"))
    by_words = {"third_person", "edition_in_title", "hour_format", "repeated_text"}
    found = [
        (each["slug"], hint.code, hint.excerpt)
        for each in events
        for hint in make(title=each["title"], summary=each["summary"]).hints
        if hint.code in by_words
    ]

    assert len(events) == 173
    assert found == []


WORDS = ["zapraszamy", "nasz", "godz. 18", "18.00", "we", "Uhr", "„", "”", "…", "2027", "XX", "a", "\n", " "]
TEXT = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join))


@given(title=TEXT, texts=st.dictionaries(st.sampled_from(list(LANGUAGES)), TEXT, max_size=4))
def test_any_text_is_assessed_and_the_words_of_a_hint_stand_in_it(title: str, texts: dict[str, str]) -> None:
    found = make(title={"pl": title}, summary=texts, description=texts)

    assert 0 <= found.met <= found.total
    assert len(found.hints) < 200
    assert found.is_ready == (not found.hints)
    known = {f"{name}.{code}": text for name in ("summary", "description") for code, text in texts.items()}
    for hint in found.hints:
        assert hint.describe("pl")
        if hint.excerpt:
            source = known.get(hint.field, title)
            assert hint.excerpt.words in source.replace("\n", " ")


def test_hostile_texts_of_the_greatest_length_are_assessed_quickly() -> None:
    texts = dict.fromkeys(LANGUAGES, "a " * 5000)
    quotes = dict.fromkeys(LANGUAGES, "„" * 10000)

    for text in (texts, quotes, {"pl": "zapraszamy " * 900}):
        assert make(summary={code: each[:500] for code, each in text.items()}, description=text).total == 8


def test_completeness_counts_each_text_by_language() -> None:
    event = parse_event(
        {
            "title": {"pl": "Żagle", "en": "Sails"},
            "summary": {"pl": "Zlot.", "en": " "},
            "category": "maritime",
            "dates": {"certainty": "exact", "start": "2027-08-14", "end": "2027-08-16"},
            "venue": {"town": "Szczecin", "county": "3262"},
            "tickets": {"price": {"pl": "10 zł", "en": "PLN 10"}},
            "images": [{"media": "0" * 64, "alt": {"pl": "Żaglowiec"}}],
        }
    )

    assert format_completeness(event, LANGUAGES_OF_TEXTS) == "pl 4/5, en 2/5, de 0/5"
