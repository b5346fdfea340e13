"""Rules for a new password (ASVS 6.2): its length, and that it cannot be guessed by who knows the person. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from shared.accounts.passwords import MAX_LENGTH, MIN_LENGTH, PasswordTooLong, PasswordTooShort

MIN_DIFFERENT: Final = 5
"""How many different characters a password has at least."""
MIN_WORD: Final = 4
"""Shorter words of a name or an address are in many good passwords."""
MIN_REST: Final = 8
"""What a password has at least besides words that everybody tries first."""
_ROWS: Final = ("abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_RUN: Final = 4
_COMMON: Final = (
    "kalendarium",
    "password",
    "passw0rd",
    "hasło",
    "haslo",
    "welcome",
    "letmein",
    "administrator",
    "qwerty",
)


class PasswordPredictable(ValueError):
    """It is made of the person's name or address, of one word that everybody tries, or of a row of keys."""


def check_new_password(password: str, known: Sequence[str] = ()) -> None:
    """``known`` are the person's name and address. Raises PasswordTooShort, PasswordTooLong or PasswordPredictable."""
    if len(password) < MIN_LENGTH:
        raise PasswordTooShort
    if len(password) > MAX_LENGTH:
        raise PasswordTooLong
    rest = password.casefold()
    if len(set(rest)) < MIN_DIFFERENT:
        raise PasswordPredictable
    for word in sorted({*_COMMON, *_list_words(known)}, key=len, reverse=True):
        rest = rest.replace(word, "")
    if len(_remove_rows(rest)) < MIN_REST:
        raise PasswordPredictable


def _list_words(known: Sequence[str]) -> Iterator[str]:
    for text in known:
        yield from (word for word in re.split(r"[\W_]+", text.casefold()) if len(word) >= MIN_WORD)


def _remove_rows(text: str) -> str:
    """Remove what is typed along a row of keys or counted up, either way, :data:`_RUN` characters or more."""
    kept, place = "", 0
    while place < len(text):
        length = _measure_row(text, place)
        kept += "" if length >= _RUN else text[place : place + length]
        place += length
    return kept


def _measure_row(text: str, place: int) -> int:
    """Return how many characters from ``place`` stand together in a row; at least 1."""
    length = 1
    while place + length < len(text) and any(
        text[place : place + length + 1] in row for each in _ROWS for row in (each, each[::-1])
    ):
        length += 1
    return length
