"""View of organisations: rows of the list, one organisation, what closing it means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.ingest.person.view import PEOPLE_URL, build_organisation_url, format_instant, make_colleague_row
from shared.accounts.model import Person
from shared.accounts.organisations import OrganisationRecord
from shared.i18n.text import Text, _, n_
from shared.messages import ReviewState
from shared.region import Region
from shared.web.pages.kind_labels import KIND_LABELS
from shared.web.pages.layout import Link
from shared.web.pages.parts import Fact


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    name: str
    url: str
    county: str
    people: int
    closed: bool


@dataclass(frozen=True, slots=True)
class OrganisationPerson:
    name: str
    email: str
    url: str
    role: str
    state: str


@dataclass(frozen=True, slots=True)
class OrganisationDetails:
    """``closed`` says since when, "" if it is open; ``consequences`` are those of closing it."""

    name: str
    url: str
    invite_url: str
    closed: str
    people: Sequence[OrganisationPerson]
    facts: Sequence[Fact]
    consequences: Sequence[Text]


@dataclass(frozen=True, slots=True)
class Holdings:
    """What an organisation has in ingest: its submissions by state."""

    accepted: int = 0
    waiting: int = 0
    other: int = 0


def count_holdings(states: Iterable[tuple[str, ReviewState]]) -> Holdings:
    counts = Counter(state for _id, state in states)
    return Holdings(
        counts["accepted"], counts["waiting"], sum(counts.values()) - counts["accepted"] - counts["waiting"]
    )


def make_organisation_rows(
    organisations: Sequence[OrganisationRecord], people: Sequence[Person], lang: str, region: Region
) -> list[OrganisationRow]:
    counts = Counter(
        slug for each in people if not each.disabled for slug in {one.organisation for one in each.memberships}
    )
    return [
        OrganisationRow(
            each.name,
            build_organisation_url(each.slug),
            _name_county(each.county, lang, region),
            counts[each.slug],
            each.closed,
        )
        for each in organisations
    ]


def make_organisation_details(
    organisation: OrganisationRecord, people: Sequence[Person], holdings: Holdings, lang: str, region: Region
) -> OrganisationDetails:
    slug = organisation.slug
    rows = [make_colleague_row(each, slug, lang, region) for each in people]
    closed = _(
        "Closed on %(when)s. Its people send nothing for it; what is public stays.",
        when=format_instant(organisation.closed_at, lang, region),
    )
    return OrganisationDetails(
        name=organisation.name,
        url=build_organisation_url(slug),
        invite_url=f"{PEOPLE_URL}/invite?organisation={slug}",
        closed=closed.in_language(lang) if organisation.closed else "",
        people=[OrganisationPerson(each.name, each.email, each.url, each.roles, each.last_seen) for each in rows],
        facts=_list_facts(organisation, holdings, lang, region),
        consequences=_list_consequences(len([each for each in people if not each.disabled]), holdings),
    )


def _list_facts(organisation: OrganisationRecord, holdings: Holdings, lang: str, region: Region) -> list[Fact]:
    found = [
        Fact(_("Short name for addresses"), [organisation.slug]),
        Fact(_("Kind"), [KIND_LABELS.get(organisation.kind, organisation.kind)]),
        Fact(_("County of its seat"), [_name_county(organisation.county, lang, region) or _("none")]),
        Fact(_("In the programme"), [str(holdings.accepted)]),
        Fact(_("Waiting for a decision"), [str(holdings.waiting)]),
        Fact(
            _("People"),
            [],
            links=[Link(_("Show them in the list of people"), f"{PEOPLE_URL}?organisation={organisation.slug}")],
        ),
    ]
    return [each for each in found if each.lines or each.links]


def _list_consequences(people: int, holdings: Holdings) -> list[Text]:
    return [
        n_(
            "%(num)s person can no longer send anything for it; other roles stay.",
            "%(num)s people can no longer send anything for it; other roles stay.",
            people,
        ),
        n_(
            "%(num)s submission that waits is still decided on.",
            "%(num)s submissions that wait are still decided on.",
            holdings.waiting,
        ),
        n_(
            "%(num)s event stays in the programme; a curator can cancel or withdraw it.",
            "%(num)s events stay in the programme; a curator can cancel or withdraw them.",
            holdings.accepted,
        ),
        _("Open invitations no longer work, and keys send nothing. It can be opened again."),
    ]


def _name_county(code: str | None, lang: str, region: Region) -> str:
    found = region.counties.get(code or "")
    return found.get_label(lang) if found else ""
