"""View of the audit log: acts in words, ids as the names they have now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from shared.accounts.audit import Act, AuditEntry
from shared.accounts.model import Person
from shared.accounts.organisations import OrganisationRecord
from shared.clock import write_instant
from shared.event.date_phrases import format_local_time
from shared.i18n.text import Text, _, translate
from shared.region import Region
from shared.web.pages.role_labels import ROLE_LABELS

ACT_LABELS: Final[Mapping[Act, Text]] = {
    "account_added": _("Account added"),
    "account_disabled": _("Account disabled"),
    "account_enabled": _("Account enabled"),
    "account_erased": _("Person erased"),
    "invited": _("Invitation sent"),
    "invited_again": _("Invitation sent again"),
    "invitation_cancelled": _("Invitation taken back"),
    "membership_added": _("Role given"),
    "membership_changed": _("Limits of a role changed"),
    "membership_removed": _("Role taken away"),
    "password_set": _("Password changed"),
    "password_link_mailed": _("Link for a new password mailed"),
    "password_link_shown": _("Link for a new password shown"),
    "password_reset": _("Password set by a link"),
    "key_created": _("Key made"),
    "key_revoked": _("Key revoked"),
    "organisation_added": _("Organisation added"),
    "organisation_renamed": _("Organisation renamed"),
    "organisation_closed": _("Organisation closed"),
    "organisation_reopened": _("Organisation opened again"),
    "mail_sent_again": _("Mail sent again"),
    "mail_address_cleared": _("Address of a mail released"),
}
NOBODY: Final = _("the command line")
LINK_HOLDER: Final = _("the holder of the link")


@dataclass(frozen=True, slots=True)
class AuditRow:
    """``instant`` is machine-readable."""

    instant: str
    when: str
    what: Text
    about: str
    who: str


@dataclass(frozen=True, slots=True)
class KnownNames:
    """People by id, organisations by slug; who or what is no longer there is shown by its id."""

    people: Mapping[str, Person]
    organisations: Mapping[str, OrganisationRecord]

    def name_person(self, person_id: str) -> str:
        found = self.people.get(person_id)
        return found.name if found else person_id

    def name_organisation(self, slug: str) -> str:
        found = self.organisations.get(slug)
        return found.name if found else slug


def make_audit_row(entry: AuditEntry, names: KnownNames, lang: str, region: Region) -> AuditRow:
    instant = write_instant(entry.at)
    return AuditRow(
        instant=instant,
        when=format_local_time(instant, lang, region.time_zone),
        what=ACT_LABELS[entry.act],
        about=", ".join(_list_subjects(entry.on, names, lang)),
        who=_name_actor(entry, names, lang),
    )


def _name_actor(entry: AuditEntry, names: KnownNames, lang: str) -> str:
    if entry.act == "password_reset":  # an administrator may have been shown the link
        return translate(LINK_HOLDER, lang)
    return names.name_person(entry.by) if entry.by else translate(NOBODY, lang)


def _list_subjects(on: Mapping[str, str], names: KnownNames, lang: str) -> Iterator[str]:
    if "person" in on:
        yield names.name_person(on["person"])
    if "membership" in on:
        slug, _colon, role = on["membership"].partition(":")
        yield f"{names.name_organisation(slug)}: {translate(_get_label(role), lang)}"
    if "organisation" in on:
        yield names.name_organisation(on["organisation"])
    if "key" in on:
        yield f"kal_{on['key']}_…"


def _get_label(role: str) -> str:
    return next((label for name, label in ROLE_LABELS.items() if name == role), role)
