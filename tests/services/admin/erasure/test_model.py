"""Who is erased, and who must not be."""

from __future__ import annotations

import pytest

from services.admin.erasure.model import make_plan
from shared.accounts.model import LastAdministrator, Membership, Person, Role


def make_person(email: str, *memberships: tuple[str, Role], name: str = "Anna Żak", disabled: bool = False) -> Person:
    made = tuple(Membership(slug, slug.upper(), role) for slug, role in memberships)
    return Person(id=f"id of {email}", email=email, name=name, language="pl", disabled=disabled, memberships=made)


def test_names_count_in_the_organisations_of_now_and_of_earlier() -> None:
    plan = make_plan("a@x.example", [make_person("a@x.example", ("lot", "editor"))], earlier=["zrot:curator"])

    assert plan.erased.organisations == {"lot", "zrot"}
    assert plan.erased.curated


def test_an_editor_has_not_curated() -> None:
    assert not make_plan("a@x.example", [make_person("a@x.example", ("lot", "editor"))]).erased.curated


def test_other_names_are_theirs_but_no_name_of_an_organisation_or_of_somebody_erased() -> None:
    people = [make_person("a@x.example", ("lot", "editor"), name="Urząd Miasta")]

    plan = make_plan(
        "a@x.example",
        people,
        other_names=["Anna  Nowak", " ", "A former editor"],
        organisation_names=["urząd miasta"],
    )

    assert plan.erased.names == {"Anna Nowak"}


def test_address_without_an_account_has_no_name() -> None:
    plan = make_plan("b@x.example", [make_person("a@x.example", ("lot", "editor"))], other_names=["Anna Żak"])

    assert (plan.person, plan.erased.account_id, plan.erased.names) == (None, None, frozenset())


def test_namesakes_are_those_whose_name_stands_in_the_same_places() -> None:
    one = make_person("a@x.example", ("lot", "editor"), ("zrot", "curator"))
    colleague = make_person("b@x.example", ("lot", "editor"))
    curator = make_person("c@x.example", ("other", "chief"))
    elsewhere = make_person("d@x.example", ("um", "editor"))
    other_name = make_person("e@x.example", ("lot", "editor"), name="Jan Lis")

    plan = make_plan("a@x.example", [one, colleague, curator, elsewhere, other_name])

    assert plan.namesakes == [colleague, curator]


@pytest.mark.parametrize(
    "others", [(), (make_person("b@x.example", ("zrot", "administrator"), disabled=True),)], ids=["alone", "disabled"]
)
def test_last_administrator_is_not_erased(others: tuple[Person, ...]) -> None:
    with pytest.raises(LastAdministrator):
        make_plan("a@x.example", [make_person("a@x.example", ("zrot", "administrator")), *others])


def test_one_of_two_administrators_is() -> None:
    people = [make_person(f"{each}@x.example", ("zrot", "administrator")) for each in "ab"]

    assert make_plan("a@x.example", people).person == people[0]
