"""What a new password may be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.accounts.password_rules import PasswordPredictable, check_new_password
from shared.accounts.passwords import MAX_LENGTH, MIN_LENGTH, PasswordTooLong, PasswordTooShort

ANNA = ("Anna Wójcik-Kowalska", "anna.wojcik@lot-darlowo.example")


@pytest.mark.parametrize(
    "password",
    [
        "Wały Chrobrego 1913",
        "correct horse battery",
        "Ż" * 3 + "ółta łódź na fali",
        "x7#Kq2!vB9$m",
        "  morze i wiatr  ",
    ],
)
def test_a_password_that_nobody_guesses_is_taken(password: str) -> None:
    check_new_password(password, ANNA)


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaa",
        "abababababab",
        "123456789012",
        "abcdefghijkl",
        "qwertyuiop123",
        "987654321098",
        "password1234",
        "Kalendarium2027",
        "Hasło12345678",
        "Wójcik-Kowalska1",
        "anna.wojcik2027!",
    ],
)
def test_a_password_that_is_tried_first_is_refused(password: str) -> None:
    with pytest.raises(PasswordPredictable):
        check_new_password(password, ANNA)


def test_a_password_with_a_name_in_it_may_be_good() -> None:
    check_new_password("Wójcik śpiewa w chórze", ANNA)


@pytest.mark.parametrize(
    ("password", "refusal"), [("krótkie1", PasswordTooShort), ("", PasswordTooShort), ("d" * 257, PasswordTooLong)]
)
def test_length_is_the_first_rule(password: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        check_new_password(password, ANNA)


@given(st.text(max_size=300), st.lists(st.text(max_size=60), max_size=3))
def test_any_text_is_taken_or_refused(password: str, known: list[str]) -> None:
    try:
        check_new_password(password, known)
    except (PasswordTooShort, PasswordTooLong, PasswordPredictable):
        return
    assert MIN_LENGTH <= len(password) <= MAX_LENGTH
