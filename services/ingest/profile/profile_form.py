"""The forms of one's own profile: about the person, and a new key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, get_args

from starlette.datastructures import FormData

from services.ingest.invitation.invitation_form import read_language, read_name
from shared.accounts.api_keys import MAX_LABEL
from shared.accounts.model import Digest, Membership, Person, find_membership
from shared.i18n.text import Text, _
from shared.plain_text import clean_line
from shared.web.forms import read_field

DIGEST_NAMES: Final[Mapping[Digest, Text]] = {
    "at_once": _("At once, one for each"),
    "daily": _("Once a day, together"),
    "weekly": _("Once a week, together"),
}


@dataclass(frozen=True, slots=True)
class ProfileValues:
    """As they were sent, or as they are stored."""

    name: str
    language: str
    digest: str
    label: str = ""
    membership: str = ""


def read_profile(form: FormData) -> tuple[ProfileValues, Digest | None, dict[str, Text]]:
    """The errors are by field name."""
    name, name_errors = read_name(form)
    language, language_errors = read_language(form)
    sent = read_field(form, "digest")
    digest: Digest | None = next((each for each in get_args(Digest) if each == sent), None)
    errors = {**name_errors, **language_errors}
    if digest is None:
        errors["digest"] = _("Choose how often.")
    return ProfileValues(name[:200], language[:10], sent[:20]), digest, errors


def read_key(form: FormData, person: Person) -> tuple[str, Membership | None, dict[str, Text]]:
    """What the key is for, and by which membership it acts; the errors are by field name."""
    label = clean_line(read_field(form, "label"))
    membership = find_membership(person.memberships, read_field(form, "membership"))
    errors = {}
    if not label:
        errors["label"] = _("Say what the key is for, so that you know it again.")
    elif len(label) > MAX_LABEL:
        errors["label"] = _("At most %(longest)s characters.", longest=MAX_LABEL)
    if membership is None:
        errors["membership"] = _("Choose one of your roles.")
    return label[: 2 * MAX_LABEL], membership, errors
