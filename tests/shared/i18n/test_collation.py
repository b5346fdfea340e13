"""The order of texts in a language, compared with ICU's own."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.i18n.collation import MAX_LETTERS, build_collation_key
from shared.region import load_region
from tests.support.left_out import leave_out

PACK = Path(__file__).parents[3] / "deploy" / "region"
NO_NODE = "No Node.js found: apt-get install nodejs."
BY_ICU = """
const [language, words] = JSON.parse(require("fs").readFileSync(0));
const { compare } = new Intl.Collator(language);
process.stdout.write(JSON.stringify(words.sort((a, b) => compare(a, b) || (a < b ? -1 : 1))));
"""
ALPHABETS = {
    "pl": "aąbcćdeęlłmnńoósśuüzźż",
    "de": "aäbcdoöpsßuüz",
    "en": "abcdeéz",
    "cs": "aábcčdehichrřsšuůzž",
    "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    "es": "acñnoz",
    "sv": "aåäbcdoözé",
    "fr": "aàâcçeéèêoôœz",
    "it": "aàeèz",
    "nl": "aeëijz",
}


@pytest.fixture(scope="module")
def node() -> str:
    found = shutil.which("node")
    if found is None:
        leave_out("node", NO_NODE)
    return found


def by_icu(node: str, language: str, words: list[str]) -> list[str]:
    asked = json.dumps([language, words])
    answer = subprocess.run([node, "-e", BY_ICU], input=asked, capture_output=True, text=True, check=True)  # noqa: S603 - found on the PATH
    found: list[str] = json.loads(answer.stdout)
    return found


def by_us(language: str, words: list[str]) -> list[str]:
    return sorted(words, key=lambda word: (build_collation_key(word, language), word))


def made_up(language: str) -> list[str]:
    drawn = random.Random(2027)  # noqa: S311 - the same words in every run
    words = set()
    for _ in range(2_000):
        signs = [drawn.choice(ALPHABETS[language] * 5 + " -.019„") for _ in range(drawn.randint(1, 7))]
        word = "".join(signs)
        words.add(drawn.choice([word, word.capitalize(), word.upper()]))
    return sorted(words)


@pytest.mark.parametrize("language", ALPHABETS)
def test_words_stand_where_icu_puts_them(language: str, node: str) -> None:
    words = made_up(language)

    assert by_us(language, words) == by_icu(node, language, words)


@pytest.mark.parametrize("language", ["pl", "en", "de"])
def test_real_names_and_titles_stand_where_icu_puts_them(language: str, node: str) -> None:
    region = load_region(PACK)
    programme = json.loads((PACK / "programme.json").read_text(encoding="utf-8"))
    titles = {event["title"].get(language, event["title"]["pl"]) for event in programme}
    names = {each.name for each in region.organisations.values()} | {
        each.town for each in region.organisations.values()
    }
    words = sorted(titles | names | {label for _, label in region.list_county_labels(language)})

    assert by_us(language, words) == by_icu(node, language, words)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "pl",
            ["Cedynia", "Ćmielów", "Darłowo", "Lotnisko", "Łobez", "Mielno", "Świdwin", "Tychowo", "Zdrój", "Żagle"],
        ),
        ("de", ["Änderung", "Anklam", "Apfel", "Österreich", "Ostsee", "Zoo"]),
        ("cs", ["Čáslav", "Děčín", "Havířov", "Cheb", "Chrudim", "Ivančice"]),
        ("sv", ["Arboga", "Zinkgruvan", "Åre", "Ängelholm", "Örebro"]),
    ],
)
def test_letters_of_their_own_follow_their_base_letter_where_the_language_says_so(
    language: str, words: list[str]
) -> None:
    assert by_us(language, sorted(words)) == words


@given(st.text(max_size=300), st.sampled_from(["pl", "de", "cs", "zh"]))
def test_every_text_has_a_place_and_what_is_too_long_is_cut(text: str, language: str) -> None:
    assert build_collation_key(text, language) == build_collation_key(text[:MAX_LETTERS], language)
