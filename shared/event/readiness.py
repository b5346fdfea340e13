"""Readiness: hints by the editorial rules of the Polish Tourism Organisation (POT); they hold nothing up. Pure.

A wrong hint costs more trust than a missing one: where a word may mean something else, nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice
from typing import Any, Final, Literal

from shared.event.edition_numbers import find_edition
from shared.event.model import Event
from shared.i18n.languages import get_locale
from shared.i18n.text import Text, gettext_noop

HintCode = Literal[
    "third_person", "short_text", "repeated_text", "edition_in_title", "hour_format", "picture", "translation"
]
SHORT_TEXT: Final = 250
"""Characters of a short text from which on nothing is said; about 500 are asked for, which is also the most."""
REPEATED_WORDS: Final = 8
REPEATED_SHARE: Final = 0.5
"""Of the short text that stands in the long one as it is, in one piece."""
MOST_PLACES: Final = 3
"""Places of one text that are named for one rule."""
CONTEXT: Final = 40
"""Characters before and after the words that a hint is about."""

_TEXTS: Final[Mapping[HintCode, str]] = {
    "third_person": gettext_noop("Write in the third person: readers elsewhere do not know who “we” and “you” are."),
    "short_text": gettext_noop("The short text has %(length)s characters. Offices and portals ask for about 500."),
    "repeated_text": gettext_noop("The long text repeats the short one. Readers get both: let the long one go on."),
    "edition_in_title": gettext_noop("Leave edition number and year out of the title, so that translations last."),
    "hour_format": gettext_noop("Write hours like 18:00, which is understood in every language."),
    "picture": gettext_noop("Add a picture."),
    "translation": gettext_noop("Title or text in %(language)s is missing."),
}

_FIRST_PERSON: Final[Mapping[str, re.Pattern[str]]] = {
    "pl": re.compile(
        r"\b(?:(?:serdecznie )?zapraszamy?|czekamy|nasz(?:a|e|ego|ej|ą|ym|ymi|ych|emu)?|(?:u|do|dla) nas|z nami"
        r"|dla was|przyjdź(?:cie)?|dołącz(?:cie)?|odwiedź(?:cie)?|spotkajmy się|nie przegap(?:cie)?|organizujemy"
        r"|przygotowaliśmy|proponujemy)\b",
        re.IGNORECASE,
    ),
    "en": re.compile(r"\b(?:join us|we|our|us|don[’']t miss)\b", re.IGNORECASE),
    "de": re.compile(
        r"\b(?:wir|uns|unser(?:e|em|en|er|es)?|(?:kommen|besuchen|erleben|feiern) Sie|freuen Sie sich)\b", re.IGNORECASE
    ),
}
_HOURS: Final[Mapping[str, re.Pattern[str]]] = {
    "pl": re.compile(
        r"\bgodz(?:\.|inach|iny|inie) ?(?:[01]?\d|2[0-3])(?:\.[0-5]\d)?(?![\d:])(?! ?(?:[.,]\d))|"
        r"(?<![\d.,:])(?:[01]?\d|2[0-3])\.(?:00|15|30|45)(?![\d:]|[.,]\d)(?! ?(?:zł|PLN|€|EUR|%|k?m\b|r\.))"
    ),
    "en": re.compile(r"(?<![\d.,:])(?:1[0-2]|0?[1-9])(?:[:.][0-5]\d)? ?(?:am|pm|a\.m\.|p\.m\.)(?!\w)", re.IGNORECASE),
    "de": re.compile(r"(?<![\d.,:])(?:[01]?\d|2[0-3])(?:\.[0-5]\d)? Uhr\b"),
}
_EDITION: Final = re.compile(
    r"\b(?:\d{1,3}|[IVXL]+)\.? (?:edycja|edition|Ausgabe)\b|\b(?:edycja|edition|Ausgabe) (?:\d{1,3}|[IVXL]+)\b",
    re.IGNORECASE,
)
_DAY: Final = re.compile(r"(?<![\d.])\d{1,2}\.\d{1,2}\.(?:20)?\d\d(?![\d.])")
_QUOTED: Final = re.compile(r"„[^”“]{0,200}[”“]|“[^”]{0,200}”|\"[^\"]{0,200}\"|«[^»]{0,200}»")
_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The words that a hint is about, and what stands around them."""

    before: str
    words: str
    after: str


@dataclass(frozen=True, slots=True)
class Hint:
    """``field`` is its path in the event, ``language`` that of its words; ``values`` fill the text."""

    field: str
    code: HintCode
    language: str = ""
    excerpt: Excerpt | None = None
    values: tuple[tuple[str, Any], ...] = ()

    @property
    def rule(self) -> str:
        return f"{self.code}.{self.language}" if self.code == "translation" else self.code

    def describe(self, reader: str) -> str:
        values = dict(self.values)
        if self.code == "translation":
            values["language"] = get_locale(reader).languages.get(self.language, self.language)
        return Text(_TEXTS[self.code], values).in_language(reader)


@dataclass(frozen=True, slots=True)
class Readiness:
    """``met`` of ``total`` rules: one for each translation, and the others."""

    met: int
    total: int
    hints: tuple[Hint, ...]

    @property
    def is_ready(self) -> bool:
        return self.met == self.total


def assess(event: Event, languages: Iterable[str]) -> Readiness:
    """``languages`` are those in which an event should have texts, next to Polish."""
    translations = [each for each in languages if each != "pl"]
    hints = (
        *_check_titles(event),
        *_check_person(event),
        *_check_short_texts(event),
        *_check_repetition(event),
        *_check_hours(event),
        *(() if event.images else (Hint("images", "picture"),)),
        *_check_translations(event, translations),
    )
    total = len(_TEXTS) - 1 + len(translations)
    return Readiness(met=total - len({each.rule for each in hints}), total=total, hints=hints)


def _check_titles(event: Event) -> Iterator[Hint]:
    year = int(event.dates.start[:4])
    years = re.compile(rf"(?<![\d./-])(?:{'|'.join(str(each) for each in range(year - 2, year + 3))})(?![\d./-])")
    for language, title in event.title.items():
        found = next((match for each in (years, _DAY, _EDITION) if (match := each.search(title))), None)
        if found:
            yield Hint(f"title.{language}", "edition_in_title", language, _cut(title, *found.span()))
        elif find_edition(title) is not None:
            yield Hint(
                f"title.{language}", "edition_in_title", language, _cut(title, 0, len(title.split(maxsplit=1)[0]))
            )


def _check_person(event: Event) -> Iterator[Hint]:
    for field, language, text in _list_texts(event):
        if pattern := _FIRST_PERSON.get(language):
            quoted = [each.span() for each in _QUOTED.finditer(text)]
            places = (each.span() for each in pattern.finditer(text) if _is_person(text, each, quoted))
            yield from _make_hints(field, "third_person", language, text, places)


def _is_person(text: str, found: re.Match[str], quoted: Sequence[tuple[int, int]]) -> bool:
    """Not in quotation marks, nor a name or an abbreviation: "Teatr Nasz", "US"."""
    words = found.group()
    if any(start <= found.start() < end for start, end in quoted):
        return False
    return words[0].islower() or (
        not words.isupper() and _begins_sentence(text[max(0, found.start() - CONTEXT) : found.start()])
    )


def _begins_sentence(before: str) -> bool:
    said = before.rstrip()
    return not said or said[-1] in ".!?…:" or "\n" in before[len(said) :]


def _check_short_texts(event: Event) -> Iterator[Hint]:
    for language in event.summary or ["pl"]:
        length = len(event.summary.get(language, "").strip())
        if length < SHORT_TEXT:
            yield Hint(f"summary.{language}", "short_text", language, values=(("length", length),))


def _check_repetition(event: Event) -> Iterator[Hint]:
    for language, short in event.summary.items():
        text = event.description.get(language, "")
        words, others = ([each.group().casefold() for each in _WORD.finditer(part)] for part in (short, text))
        if _list_runs(words).isdisjoint(_list_runs(others)):  # nearly always, and quicker to see
            continue
        found = SequenceMatcher(None, words, others).find_longest_match()
        if found.size >= max(REPEATED_WORDS, REPEATED_SHARE * len(words)):
            places = list(islice(_WORD.finditer(text), found.b, found.b + found.size))
            excerpt = _cut(text, places[0].start(), places[-1].end())
            yield Hint(f"description.{language}", "repeated_text", language, excerpt)


def _list_runs(words: Sequence[str]) -> set[tuple[str, ...]]:
    return {tuple(words[number : number + REPEATED_WORDS]) for number in range(len(words) - REPEATED_WORDS + 1)}


def _check_hours(event: Event) -> Iterator[Hint]:
    for field, language, text in _list_texts(event):
        if pattern := _HOURS.get(language):
            yield from _make_hints(
                field, "hour_format", language, text, (each.span() for each in pattern.finditer(text))
            )


def _check_translations(event: Event, languages: Iterable[str]) -> Iterator[Hint]:
    for code in languages:
        if not event.title.get(code) or not (event.summary.get(code) or event.description.get(code)):
            yield Hint(f"{'summary' if event.title.get(code) else 'title'}.{code}", "translation", code)


def _list_texts(event: Event) -> Iterator[tuple[str, str, str]]:
    for name, texts in (("summary", event.summary), ("description", event.description), ("arrival", event.arrival)):
        for language, text in texts.items():
            yield f"{name}.{language}", language, text


def _make_hints(
    field: str, code: HintCode, language: str, text: str, places: Iterable[tuple[int, int]]
) -> Iterator[Hint]:
    for start, end in islice(places, MOST_PLACES):
        yield Hint(field, code, language, _cut(text, start, end))


def _cut(text: str, start: int, end: int) -> Excerpt:
    """Cut out the words with some context, whole words only."""
    before, after = text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]
    if start > CONTEXT:
        before = "…" + before.partition(" ")[2]
    if end + CONTEXT < len(text):
        after = after.rpartition(" ")[0] + "…"
    return Excerpt(before.replace("\n", " "), text[start:end].replace("\n", " "), after.replace("\n", " "))
