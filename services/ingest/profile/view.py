"""View of one's own profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.ingest.api_key.view import KeyRow, make_key_rows
from services.ingest.invitation.invitation_form import MAX_NAME, list_languages
from services.ingest.invitation.view import describe_membership
from services.ingest.password.new_password import list_errors
from services.ingest.person.view import format_instant
from services.ingest.profile.profile_form import DIGEST_NAMES, ProfileValues
from shared.accounts.api_keys import MAX_LABEL, KeyRecord
from shared.accounts.model import Account, Person
from shared.accounts.passwords import MIN_LENGTH
from shared.accounts.sessions import SessionRecord
from shared.i18n.text import Text, _
from shared.region import Region
from shared.web.pages.language import STAFF_LANGUAGES
from shared.web.pages.parts import ErrorLink

UNKNOWN_BROWSER = _("unknown browser")


@dataclass(frozen=True, slots=True)
class SessionRow:
    id: str
    browser: str
    begun: str
    used: str
    current: bool


@dataclass(frozen=True, slots=True)
class ProfileView:
    """For ``profile.html``; choices are pairs of value and label."""

    email: str
    version: int
    values: ProfileValues
    errors: Mapping[str, Text]
    summary: Sequence[ErrorLink]
    languages: Sequence[tuple[str, str]]
    digests: Sequence[tuple[str, Text]]
    memberships: Sequence[tuple[str, str]]
    sessions: Sequence[SessionRow]
    keys: Sequence[KeyRow]
    colleagues_url: str
    shortest: int = MIN_LENGTH
    longest_name: int = MAX_NAME
    longest_label: int = MAX_LABEL


def make_profile_values(person: Person, account: Account, lang: str) -> ProfileValues:
    """Without a language of their own, that of the page."""
    language = person.language if person.language in STAFF_LANGUAGES else lang
    return ProfileValues(person.name, language, person.digest, membership=account.membership_key)


def make_session_row(session: SessionRecord, lang: str, region: Region, *, current: str) -> SessionRow:
    return SessionRow(
        id=session.id,
        browser=session.browser or UNKNOWN_BROWSER.in_language(lang),
        begun=format_instant(session.created_at, lang, region),
        used=format_instant(session.used_at, lang, region),
        current=session.id == current,
    )


def make_profile_view(
    person: Person,
    values: ProfileValues,
    errors: Mapping[str, Text],
    lang: str,
    region: Region,
    *,
    sessions: Sequence[SessionRow],
    keys: Sequence[KeyRecord],
    is_contact: bool,
) -> ProfileView:
    return ProfileView(
        email=person.email,
        version=person.version,
        values=values,
        errors=errors,
        summary=list_errors(errors),
        languages=list_languages(),
        digests=list(DIGEST_NAMES.items()),
        memberships=[
            (each.key, f"{each.organisation_name}: {describe_membership(each, lang, region)}")
            for each in person.memberships
        ],
        sessions=sessions,
        keys=make_key_rows(keys, {person.id: person}, lang, region, folder="/ingest/profile/keys"),
        colleagues_url="/ingest/colleagues" if is_contact else "",
    )
