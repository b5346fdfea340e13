"""Edition numbers in titles: "XXVII Festiwal" becomes "XXVIII Festiwal" where the number can mean nothing else."""

from __future__ import annotations

import re
from typing import Final

from shared.event.model import Texts

_ROMAN: Final = (
    (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")
)  # fmt: skip
_NEXT_WORDS: Final = 5
"""So many words after the number may pass before the kind of event: "XXVII Międzynarodowy Festiwal"."""
_KINDS: Final = (
    r"bieg|biennale|dni\b|dzień|edition|edycj|fest|finał|forum|gala\b|jarmark|kiermasz|konferencj|kongres|konkurs"
    r"|koncert|lauf|maraton|memoriał|mistrzostw|noc\b|parad|piknik|plener|półmaraton|przegląd|puchar|rajd|regat|spływ"
    r"|spotkani|święt|targi\b|triathlon|turniej|warsztat|wyścig|wystaw|zawod|zjazd|zlot|ausgabe|markt|regatta|tage\b"
    r"|competition|concert|fair\b|meeting|race\b|rally|run\b|days\b|tournament"
)
_KIND: Final = re.compile(rf"\b(?:{_KINDS})|(?:fest|festival|lauf|markt|tage)\b", re.IGNORECASE)
_AFTER_ONE_LETTER: Final = re.compile(rf"{_KINDS}|międzynarodow|ogólnopolsk|wojewódzk", re.IGNORECASE)
"""One letter may be a word, as in "I Sea You Festiwal"; it counts only in front of these."""
_NO_EDITION: Final = re.compile(
    r"(?:w\.|wiek|wojn|pułk|liceum|lo\b|armi|dywizj|brygad|korpus|rp\b|rzecz|rzesz|stycznia|lutego|marca|kwietnia|maja"
    r"|czerwca|lipca|sierpnia|września|października|listopada|grudnia|world war|century|jahrhundert)",
    re.IGNORECASE,
)
_AT_START: Final = re.compile(r"(?P<number>[IVXLC]+|[0-9]{1,3})(?P<mark>\.|st|nd|rd|th)?\s+(?P<rest>.+)", re.DOTALL)
_YEAR: Final = re.compile(r"(?<![0-9./-])[0-9]{4}(?![0-9./-])")


def raise_titles(titles: Texts, *, since: int, year: int) -> Texts:
    """The titles of ``year``: an edition number one higher, ``since`` replaced by ``year``; else as they are.

    A number in another language is raised only if it is the one of the Polish title.
    """
    edition = find_edition(titles["pl"]) if year == since + 1 else None
    return {code: _raise_title(title, edition, since, year) for code, title in titles.items()}


def find_edition(title: str) -> int | None:
    """The edition number with which a title begins; None if there is none, or it may mean something else."""
    found = _AT_START.match(title)
    if not found or _NO_EDITION.match(found["rest"]):
        return None
    if not _KIND.search(" ".join(found["rest"].split()[:_NEXT_WORDS])):
        return None
    if found["number"].isdigit():
        return int(found["number"]) if found["mark"] and found["number"][0] != "0" else None
    if len(found["number"]) == 1 and not _AFTER_ONE_LETTER.match(found["rest"]):
        return None
    return _parse_roman(found["number"]) if found["mark"] in {None, "."} else None


def _raise_title(title: str, edition: int | None, since: int, year: int) -> str:
    if edition is not None and find_edition(title) == edition:
        found = _AT_START.match(title)
        assert found  # noqa: S101 - find_edition() has matched it
        roman = not found["number"].isdigit()
        number = _write_roman(edition + 1) if roman else str(edition + 1)
        mark = found["mark"] or ""
        mark = _get_ordinal_suffix(edition + 1) if mark.isalpha() else mark
        title = f"{number}{mark}{title[found.end('mark') if found['mark'] else found.end('number') :]}"
    years = _YEAR.findall(title)
    return _YEAR.sub(str(year), title) if years == [str(since)] else title


def _parse_roman(text: str) -> int | None:
    """None if it is not the usual way to write a number."""
    value, rest = 0, text
    for number, sign in _ROMAN:
        while rest.startswith(sign):
            value, rest = value + number, rest.removeprefix(sign)
    return value if not rest and _write_roman(value) == text else None


def _write_roman(value: int) -> str:
    written = ""
    for number, sign in _ROMAN:
        count, value = divmod(value, number)
        written += sign * count
    return written


def _get_ordinal_suffix(value: int) -> str:
    if value % 100 in {11, 12, 13}:
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
