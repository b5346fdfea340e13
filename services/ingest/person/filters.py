"""The filter of the list of people: organisation, role, state."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final, get_args
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from services.ingest.person.membership_form import ROLE_NAMES
from services.ingest.person.view import PEOPLE_URL
from shared.accounts.model import Person, Role
from shared.accounts.organisations import OrganisationRecord
from shared.i18n.text import Text, _, translate
from shared.web.pages.layout import Link

STATES: Final[Mapping[str, Text]] = {
    "in_use": _("in use"),
    "never": _("never logged in"),
    "disabled": _("disabled"),
}


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """Empty where nothing is chosen; what does not exist is dropped."""

    organisation: str = ""
    role: str = ""
    state: str = ""

    def includes(self, person: Person) -> bool:
        """By state; organisation and role are the repository's."""
        match self.state:
            case "disabled":
                return person.disabled
            case "never":
                return not person.disabled and person.last_seen is None
            case "in_use":
                return not person.disabled
        return True

    def build_url(self, page: int = 1) -> str:
        query = {name: value for name, value in asdict(self).items() if value}
        query |= {"page": str(page)} if page > 1 else {}
        return f"{PEOPLE_URL}?{urlencode(query)}" if query else PEOPLE_URL


def read_filter(query: QueryParams, organisations: Mapping[str, OrganisationRecord]) -> PeopleFilter:
    known: Mapping[str, Collection[str]] = {"organisation": organisations, "role": set(ROLE_NAMES), "state": STATES}
    return PeopleFilter(**{name: value for name, each in known.items() if (value := query.get(name, "")) in each})


def list_roles(chosen: PeopleFilter) -> list[Role]:
    return [role for role in get_args(Role) if role == chosen.role]


def list_active(chosen: PeopleFilter, organisations: Mapping[str, OrganisationRecord], lang: str) -> list[Link]:
    """What is chosen, each with the address of the list without it."""
    labels = {
        "organisation": organisations[chosen.organisation].name if chosen.organisation else "",
        "role": translate(ROLE_NAMES[list_roles(chosen)[0]], lang) if chosen.role else "",
        "state": translate(STATES[chosen.state], lang) if chosen.state else "",
    }
    return [Link(label, replace(chosen, **{name: ""}).build_url()) for name, label in labels.items() if label]


def list_choices(organisations: Sequence[OrganisationRecord]) -> dict[str, Sequence[tuple[str, str]]]:
    return {
        "organisations": [(each.slug, each.name) for each in organisations],
        "roles": [*ROLE_NAMES.items()],
        "states": [*STATES.items()],
    }
