"""What is counted of an organisation, and when it is news."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from services.ingest.activity.model import (
    EventCount,
    PeopleCount,
    choose_years,
    count_people,
    find_draft_year,
    is_news,
    make_activity,
)
from shared.accounts.invitations import Invitation
from shared.accounts.model import Membership, Person
from shared.messages import OrganisationActivity
from shared.region import load_region
from tests.support.running import REGION

ZONE = load_region(REGION).time_zone
LOT = Membership("lot-szczecin", "LOT Szczecin", "editor")
AT = datetime(2026, 11, 28, 23, 30, tzinfo=UTC)


def make_person(*memberships: Membership, last_seen: datetime | None = None, disabled: bool = False) -> Person:
    return Person("1", "a@example.pl", "Anna", "pl", disabled, memberships, last_seen=last_seen)


@pytest.mark.parametrize(
    ("typed", "origin", "year"),
    [
        (["14.8.2027"], None, 2027),
        (["2027-08"], None, 2027),
        (["2027-summer"], None, 2027),
        (["14.8.20"], 2028, 2028),
        (["kiedyś w 2027"], None, 2027),
        (["120270"], None, None),
        ([], 2027, 2027),
        ([], None, None),
    ],
)
def test_draft_is_of_the_year_that_was_typed_else_of_the_one_it_was_made_for(
    typed: list[str], origin: int | None, year: int | None
) -> None:
    assert find_draft_year(typed, origin) == year


@given(typed=st.lists(st.text(max_size=50), max_size=3))
def test_whatever_is_typed_has_a_year_of_four_digits_or_none(typed: list[str]) -> None:
    year = find_draft_year(typed, None)

    assert year is None or 0 < year < 10_000


def test_people_are_counted_by_organisation_without_those_who_are_disabled() -> None:
    persons = [
        make_person(LOT, Membership("zrot", "ZROT", "curator"), last_seen=AT),
        make_person(LOT),
        make_person(LOT, last_seen=AT, disabled=True),
    ]
    offered = Invitation("i", "b@example.pl", "Jan", "pl", LOT, "1", AT, AT)

    counted = count_people(persons, [offered], ZONE)

    assert counted == {"lot-szczecin": PeopleCount(invited=3, active=1, last_seen=date(2026, 11, 29))}


def test_years_are_this_one_the_next_and_those_of_calls_ahead() -> None:
    assert choose_years(date(2026, 11, 30), [2024, 2026, 2028]) == (2026, 2027, 2028)
    assert len(choose_years(date(2026, 11, 30), range(2026, 2090))) == 5


def make(sent: int = 0, invited: int = 0) -> OrganisationActivity:
    return make_activity("lot-szczecin", PeopleCount(invited=invited), EventCount(sent={2027: sent}), {}, (2026, 2027))


def test_nothing_is_told_of_an_organisation_that_never_did_anything() -> None:
    assert is_news(None, make()) is False
    assert is_news(None, make(invited=1)) is True


def test_only_other_numbers_are_news() -> None:
    told = replace(make(sent=1), number=7, changed_at="2026-11-28T12:00:00.000Z")

    assert is_news(told, make(sent=1)) is False
    assert is_news(told, make(sent=2)) is True
    assert is_news(told, make()) is True
