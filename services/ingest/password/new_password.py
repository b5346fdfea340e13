"""The fields of a new password in a form, and what is said of one that is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from starlette.datastructures import FormData

from shared.accounts.password_rules import PasswordPredictable, check_new_password
from shared.accounts.passwords import MAX_LENGTH, MIN_LENGTH, PasswordTooLong, PasswordTooShort
from shared.i18n.text import Text, _
from shared.web.forms import read_field
from shared.web.pages.parts import ErrorLink

REFUSALS: Final[Mapping[type[ValueError], Text]] = {
    PasswordTooShort: _("A password needs at least %(shortest)s characters.", shortest=MIN_LENGTH),
    PasswordTooLong: _("A password has at most %(longest)s characters.", longest=MAX_LENGTH),
    PasswordPredictable: _(
        "This password is guessed too easily: it is made of your name or address, of a very common word, or of keys in "
        "a row. Choose another one."
    ),
}
NOT_REPEATED: Final = _("Both passwords must be the same. Type them again.")


@dataclass(frozen=True, slots=True)
class NewPassword:
    """``errors`` by field name."""

    password: str
    errors: Mapping[str, Text] = field(default_factory=dict)


def read_new_password(form: FormData, known: Sequence[str]) -> NewPassword:
    """``known`` are the person's name and address, which a password must not be made of."""
    password = read_field(form, "password")
    try:
        check_new_password(password, known)
    except (PasswordTooShort, PasswordTooLong, PasswordPredictable) as refusal:
        return NewPassword(password, {"password": REFUSALS[type(refusal)]})
    if read_field(form, "repeated") != password:
        return NewPassword(password, {"repeated": NOT_REPEATED})
    return NewPassword(password)


def list_errors(errors: Mapping[str, Text]) -> list[ErrorLink]:
    """For ``errors.html``; the ids of the inputs are the names of the fields."""
    return [ErrorLink(name, text) for name, text in errors.items()]
