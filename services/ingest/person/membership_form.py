"""The part of a form that gives a role: organisation, role, contact, limits of a curator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, get_args

from starlette.datastructures import FormData

from shared.accounts.model import CURATORS, Membership, Role
from shared.accounts.organisations import OrganisationRecord
from shared.i18n.text import Text, _
from shared.region import Region
from shared.web.forms import read_field

ROLE_HINTS: Final[Mapping[Role, Text]] = {
    "editor": _("Enters and sends the events of the organisation."),
    "curator": _("Decides what is published. Can be limited to counties or kinds of events."),
    "chief": _("Does what a curator does, and announces the call."),
    "translator": _("Translates and corrects texts."),
    "administrator": _("Manages people, organisations and keys."),
}
ROLE_NAMES: Final[Mapping[Role, Text]] = {
    "editor": _("Editor"),
    "curator": _("Curator"),
    "chief": _("Chief curator"),
    "translator": _("Translator"),
    "administrator": _("Administrator"),
}
"""As a choice is called; inside a sentence see ``ROLE_LABELS``."""
NO_ORGANISATION: Final = _("Choose an organisation.")
NO_ROLE: Final = _("Choose a role.")
NO_CONTACT: Final = _("Only an editor can be the contact of an organisation.")
NO_LIMITS: Final = _("Only curators can be limited. Take the ticks away, or choose another role.")


@dataclass(frozen=True, slots=True)
class MembershipValues:
    """As they were sent."""

    organisation: str = ""
    role: str = "editor"
    contact: bool = False
    counties: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MembershipForm:
    """For ``membership_fields.html``: choices are pairs of value and label, roles have a hint too."""

    organisations: Sequence[tuple[str, str]]
    roles: Sequence[tuple[str, Text, Text]]
    counties: Sequence[tuple[str, str]]
    categories: Sequence[tuple[str, str]]
    typed: MembershipValues
    errors: Mapping[str, Text] = field(default_factory=dict)


def read_membership(
    form: FormData, organisations: Mapping[str, OrganisationRecord], region: Region
) -> tuple[MembershipValues, Membership | None, dict[str, Text]]:
    """Read what was sent, as a membership if there are no errors; codes that the region lacks are dropped."""
    values = MembershipValues(
        organisation=read_field(form, "organisation")[:100],
        role=read_field(form, "role")[:100],
        contact=bool(read_field(form, "contact")),
        counties=tuple(code for code in region.counties if code in form.getlist("counties")),
        categories=tuple(code for code in region.categories if code in form.getlist("categories")),
    )
    errors = _find_errors(values, organisations)
    if errors:
        return values, None, errors
    organisation = organisations[values.organisation]
    role: Role = next(each for each in get_args(Role) if each == values.role)
    found = Membership(
        organisation.slug, organisation.name, role, values.counties, values.categories, is_contact=values.contact
    )
    return values, found, errors


def _find_errors(values: MembershipValues, organisations: Mapping[str, OrganisationRecord]) -> dict[str, Text]:
    organisation = organisations.get(values.organisation)
    errors = {}
    if organisation is None or organisation.closed:
        errors["organisation"] = NO_ORGANISATION
    if values.role not in get_args(Role):
        errors["role"] = NO_ROLE
    elif values.contact and values.role != "editor":
        errors["contact"] = NO_CONTACT
    elif (values.counties or values.categories) and values.role not in CURATORS:
        errors["counties"] = NO_LIMITS
    return errors


def make_membership_form(
    values: MembershipValues,
    organisations: Sequence[OrganisationRecord],
    region: Region,
    lang: str,
    errors: Mapping[str, Text] | None = None,
) -> MembershipForm:
    """Closed organisations are no choice."""
    return MembershipForm(
        organisations=[(each.slug, each.name) for each in organisations if not each.closed],
        roles=[(role, ROLE_NAMES[role], ROLE_HINTS[role]) for role in get_args(Role)],
        counties=region.list_county_labels(lang),
        categories=[(code, each.get_label(lang)) for code, each in region.categories.items()],
        typed=values,
        errors=errors or {},
    )
