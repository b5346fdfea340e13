"""The form of an invitation: who is invited, in which language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import FormData

from shared.accounts.commands import AlreadyMember
from shared.accounts.invitations import MAX_OPEN, AlreadyInvited, TooManyInvitations
from shared.accounts.organisations import OrganisationClosed, OrganisationUnknown
from shared.email_address import AddressInvalid, encode_address
from shared.i18n.languages import get_language
from shared.i18n.text import Text, _
from shared.plain_text import clean_line
from shared.web.forms import read_field
from shared.web.pages.language import STAFF_LANGUAGES

MAX_NAME: Final = 100
MAX_EMAIL: Final = 254
NO_ADDRESS: Final = _("Give an e-mail address, for example name@example.org.")
NO_LANGUAGE: Final = _("Choose a language.")
NO_NAME: Final = _("Fill in this field.")
NAME_HAS_ADDRESS: Final = _("Write the name only, without an e-mail or web address. A blank stands after a dot.")
NAME_TOO_LONG: Final = _("At most %(longest)s characters.", longest=MAX_NAME)

_LINKED: Final = re.compile(r"@|://|\bwww\.|[^\W_]{2}\.[^\W\d_]{2}|\.[^\W\d_]{2,}/", re.IGNORECASE)
"""What mail programs make a link of."""

REFUSALS: Final[Mapping[type[Exception], tuple[str, Text]]] = {
    AlreadyMember: ("email", _("This person has this role in the organisation already.")),
    AlreadyInvited: ("email", _("This address is invited already. Send the invitation again from the list.")),
    TooManyInvitations: (
        "email",
        _("The organisation has %(most)s open invitations. Take back what is no longer needed first.", most=MAX_OPEN),
    ),
    OrganisationUnknown: ("organisation", _("Choose an organisation.")),
    OrganisationClosed: ("organisation", _("This organisation is closed. Choose another one, or open it again first.")),
}
"""At which field an error of the command is shown, and with what words."""


@dataclass(frozen=True, slots=True)
class Invitee:
    name: str = ""
    email: str = ""
    language: str = STAFF_LANGUAGES[0]


def list_languages() -> list[tuple[str, str]]:
    """The languages of staff pages, for a choice."""
    return [(code, get_language(code).own_name) for code in STAFF_LANGUAGES]


def read_name(form: FormData) -> tuple[str, dict[str, Text]]:
    """The name of a person in one line, and what is wrong with it."""
    name = clean_line(read_field(form, "name"))
    if not name:
        return name, {"name": NO_NAME}
    if len(name) > MAX_NAME:
        return name, {"name": NAME_TOO_LONG}
    return name, {"name": NAME_HAS_ADDRESS} if has_address(name) else {}


def has_address(name: str) -> bool:
    """Whether a mail with the name would lead somewhere."""
    return _LINKED.search(name) is not None


def read_language(form: FormData) -> tuple[str, dict[str, Text]]:
    language = read_field(form, "language")
    return language, {} if language in STAFF_LANGUAGES else {"language": NO_LANGUAGE}


def read_invitee(form: FormData) -> tuple[Invitee, dict[str, Text]]:
    """The errors are by field name; the name may be empty."""
    name, name_errors = read_name(form)
    language, errors = read_language(form)
    email = read_field(form, "email").strip()
    if name:
        errors = name_errors | errors
    try:
        encode_address(email)
    except AddressInvalid:
        errors = {"email": NO_ADDRESS} | errors
    return Invitee(name[: 2 * MAX_NAME], email[: 2 * MAX_EMAIL], language[:10]), errors
