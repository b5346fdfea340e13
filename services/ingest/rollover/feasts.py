"""Feasts on which events depend, as they are kept in Poland: those that move with Easter or Advent, and fixed dates."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Final

from shared.i18n.text import gettext_noop

_FREE_FIXED: Final = frozenset(
    {(1, 1), (1, 6), (5, 1), (5, 2), (5, 3), (8, 15), (11, 1), (11, 11), (12, 24), (12, 25), (12, 26), (12, 31)}
)
"""Month and day of public holidays, and of two days that people treat as such: 2 May and New Year's Eve."""


@dataclass(frozen=True, slots=True)
class Feast:
    """A feast in any year.

    ``window`` is in days from the feast: an event named after it that begins there moves with it. ``words`` finds it in
    a title. ``free`` is a day off, on which an event may depend without naming it.
    """

    name: str
    find_day: Callable[[int], date]
    window: range
    words: re.Pattern[str]
    movable: bool = True
    free: bool = False


@cache
def find_easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar, by the algorithm of Meeus, Jones and Butcher."""
    century, of_century = divmod(year, 100)
    leaps, rest = divmod(century, 4)
    lunar = (19 * (year % 19) + century - leaps - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * rest + 2 * (of_century // 4) - lunar - of_century % 4) % 7
    late = (year % 19 + 11 * lunar + 22 * weekday) // 451
    month, day = divmod(lunar + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


@cache
def find_advent(year: int) -> date:
    """First Sunday of Advent, the fourth before Christmas."""
    christmas = date(year, 12, 25)
    return christmas - timedelta(days=christmas.isoweekday() + 21)


def is_free_fixed(day: date) -> bool:
    return (day.month, day.day) in _FREE_FIXED


def find_named(titles: Sequence[str]) -> list[Feast]:
    """The feasts that stand in a title, the nearest meaning first."""
    return [feast for feast in FEASTS if any(feast.words.search(title.casefold()) for title in titles)]


def find_free_movable(first: date, last: date) -> Feast | None:
    """The movable day off that these days touch."""
    return next(
        (each for each in FEASTS if each.movable and each.free and first <= each.find_day(first.year) <= last), None
    )


def _from_easter(days: int) -> Callable[[int], date]:
    return lambda year: find_easter(year) + timedelta(days=days)


def _on(month: int, day: int) -> Callable[[int], date]:
    return lambda year: date(year, month, day)


def _make_words(*stems: str) -> re.Pattern[str]:
    """Stems at the beginning of words, in lower case."""
    return re.compile(rf"\b(?:{'|'.join(stems)})")


FEASTS: Final = (
    Feast(
        gettext_noop("Palm Sunday"),
        _from_easter(-7),
        range(-3, 4),
        _make_words(r"niedziel\w+ palmow", r"palm\w* wielkanocn", r"palm sunday", r"palmsonntag"),
    ),
    Feast(
        gettext_noop("Good Friday"),
        _from_easter(-2),
        range(-7, 2),
        _make_words(r"wielki\w* piąt\w+", r"misteri\w+ męki", r"good friday", r"karfreitag"),
    ),
    Feast(
        gettext_noop("Easter Monday"),
        _from_easter(1),
        range(-1, 2),
        _make_words(r"śmigus", r"lan\w+ poniedział\w+", r"poniedziałek wielkanocny", r"easter monday", r"ostermontag"),
        free=True,
    ),
    Feast(
        gettext_noop("Easter"),
        _from_easter(0),
        range(-28, 9),
        _make_words(r"wielkanoc", r"wielkanocn", r"easter\b", r"oster(?:n|markt|fest|feuer|konzert)"),
        free=True,
    ),
    Feast(
        gettext_noop("Pentecost"),
        _from_easter(49),
        range(-3, 3),
        _make_words(r"zielon\w+ świąt", r"zesłani\w+ ducha", r"pentecost", r"whit ?sun", r"pfingst"),
        free=True,
    ),
    Feast(
        gettext_noop("Corpus Christi"),
        _from_easter(60),
        range(-3, 5),
        _make_words(r"boż\w+ ciał", r"corpus christi", r"fronleichnam"),
        free=True,
    ),
    Feast(
        gettext_noop("Fat Thursday"),
        _from_easter(-52),
        range(-5, 3),
        _make_words(r"tłust\w+ czwart", r"fat thursday"),
    ),
    Feast(
        gettext_noop("Shrove Tuesday"),
        _from_easter(-47),
        range(-17, 1),
        _make_words(r"karnawał", r"zapust", r"ostatk", r"śledzik", r"carnival", r"karneval", r"fasching"),
    ),
    Feast(gettext_noop("First Sunday of Advent"), find_advent, range(-14, 24), _make_words(r"adwent", r"advent(?!ur)")),
    Feast(gettext_noop("Epiphany"), _on(1, 6), range(1), _make_words(r"trz\w+ króli", r"three kings"), movable=False),
    Feast(gettext_noop("Valentine’s Day"), _on(2, 14), range(1), _make_words(r"walentynk"), movable=False),
    Feast(
        gettext_noop("Women’s Day"), _on(3, 8), range(1), _make_words(r"dzień kobiet", r"dnia kobiet"), movable=False
    ),
    Feast(gettext_noop("May holidays"), _on(5, 1), range(-1, 3), _make_words(r"majówk"), movable=False),
    Feast(gettext_noop("Flag Day"), _on(5, 2), range(1), _make_words(r"flagi\b"), movable=False),
    Feast(gettext_noop("Constitution Day"), _on(5, 3), range(1), _make_words(r"konstytucji"), movable=False),
    Feast(
        gettext_noop("Mother’s Day"),
        _on(5, 26),
        range(1),
        _make_words(r"dzień matki", r"dnia matki", r"mother’s day"),
        movable=False,
    ),
    Feast(
        gettext_noop("Children’s Day"),
        _on(6, 1),
        range(1),
        _make_words(r"dzień dziecka", r"dnia dziecka"),
        movable=False,
    ),
    Feast(
        gettext_noop("Midsummer Night"),
        _on(6, 23),
        range(2),
        _make_words(r"świętojańsk", r"kupał", r"kupaln", r"sobótk", r"wianki\b"),
        movable=False,
    ),
    Feast(gettext_noop("All Saints’ Day"), _on(11, 1), range(1), _make_words(r"wszystkich świętych"), movable=False),
    Feast(
        gettext_noop("St Martin’s Day"),
        _on(11, 11),
        range(1),
        _make_words(r"(?:św\.|świętego|na) marcin", r"gęsin"),
        movable=False,
    ),
    Feast(gettext_noop("Independence Day"), _on(11, 11), range(1), _make_words(r"niepodległości"), movable=False),
    Feast(gettext_noop("St Andrew’s Eve"), _on(11, 29), range(2), _make_words(r"andrzejk"), movable=False),
    Feast(gettext_noop("St Nicholas’ Day"), _on(12, 6), range(1), _make_words(r"mikołajk"), movable=False),
    Feast(gettext_noop("New Year’s Eve"), _on(12, 31), range(1), _make_words(r"sylwest"), movable=False),
)
"""Those with a narrower meaning stand first: Palm Sunday before Easter."""
