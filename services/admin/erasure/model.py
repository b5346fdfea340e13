"""Who is erased: names, organisations, namesakes, and who must not be erased. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from shared.accounts.model import CURATORS, LastAdministrator, Person
from shared.erasure import FORMER_CURATOR, FORMER_EDITOR, ErasedPerson


@dataclass(frozen=True, slots=True)
class ErasurePlan:
    """``person`` is None for an address without an account.

    ``namesakes`` share a name and a place with the person: what stands there by name cannot be told apart.
    """

    erased: ErasedPerson
    person: Person | None = None
    namesakes: Sequence[Person] = ()


def make_plan(
    email: str,
    people: Collection[Person],
    *,
    earlier: Iterable[str] = (),
    other_names: Iterable[str] = (),
    organisation_names: Collection[str] = (),
) -> ErasurePlan:
    """``earlier`` are keys of memberships that the person had, ``other_names`` those they went by.

    The name of an organisation names no person, though an account may have it. Raises LastAdministrator.
    """
    person = next((each for each in people if each.email == email), None)
    if person is None:
        # Without an account nobody knows in which organisations a name counts.
        nobody = ErasedPerson(account_id=None, email=email, names=frozenset(), organisations=frozenset(), curated=False)
        return ErasurePlan(nobody)
    _check_administrators(person, people)
    memberships = {*earlier, *(each.key for each in person.memberships)}
    not_theirs = {each.casefold() for each in (*organisation_names, FORMER_CURATOR, FORMER_EDITOR, "")}
    names = (" ".join(each.split()) for each in (person.name, *other_names))
    erased = ErasedPerson(
        account_id=person.id,
        email=email,
        names=frozenset(each for each in names if each.casefold() not in not_theirs),
        organisations=frozenset(each.partition(":")[0] for each in memberships),
        curated=any(each.partition(":")[2] in CURATORS for each in memberships),
    )
    return ErasurePlan(erased, person, [each for each in people if _is_namesake(each, erased)])


def _check_administrators(person: Person, people: Iterable[Person]) -> None:
    administrators = [
        each.id for each in people if any(membership.role == "administrator" for membership in each.memberships)
    ]
    others = [each for each in people if each.id in administrators and each.id != person.id and not each.disabled]
    if person.id in administrators and not others:
        raise LastAdministrator


def _is_namesake(other: Person, erased: ErasedPerson) -> bool:
    if other.id == erased.account_id or not erased.is_named(other.name):
        return False
    shares = any(each.organisation in erased.organisations for each in other.memberships)
    return shares or (erased.curated and any(each.role in CURATORS for each in other.memberships))
