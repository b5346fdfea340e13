"""Who gets a reminder, and who is left out and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from services.calendar.board.model import Standing
from services.calendar.reminder.model import DELAY, Reminder, plan_reminder
from shared.accounts.model import Membership, Person
from shared.accounts.organisations import OrganisationRecord
from shared.clock import write_instant
from shared.mail.addresses import AddressState

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def make_person(person_id: str, *slugs: str, disabled: bool = False) -> Person:
    memberships = tuple(Membership(slug, slug.upper(), "editor") for slug in slugs)
    return Person(person_id, f"{person_id}@example.pl", "Anna", "pl", disabled, memberships)


def make_standing(slug: str, *, closed: bool = False) -> Standing:
    return Standing(OrganisationRecord(slug, slug.upper(), "LOT", None, NOW if closed else None))


def test_each_person_gets_one_mail_about_all_their_organisations() -> None:
    both = make_person("1", "lot-a", "lot-b")

    plan = plan_reminder([make_standing("lot-a"), make_standing("lot-b")], [both], {})

    assert [each.person for each in plan.addressees] == [both]
    assert [each.organisation.slug for each in plan.addressees[0].standings] == ["lot-a", "lot-b"]


def test_each_that_is_left_out_has_its_reason() -> None:
    persons = [
        make_person("1", "closed"),
        make_person("2", "disabled", disabled=True),
        make_person("3", "refused"),
        make_person("4", "unsubscribed"),
        make_person("5", "half"),
        make_person("6", "half"),
    ]
    addresses = {
        "3": AddressState("k3", refused_at=NOW),
        "4": AddressState("k4", unsubscribed=frozenset({"reminders"})),
        "5": AddressState("k5", refused_at=NOW),
        "6": AddressState("k6", unsubscribed=frozenset({"digest"})),
    }
    standings = [make_standing("closed", closed=True), make_standing("empty")]
    standings += [make_standing(slug) for slug in ("disabled", "refused", "unsubscribed", "half")]

    plan = plan_reminder(standings, persons, addresses)

    assert {each.standing.organisation.slug: each.obstacle for each in plan.left_out} == {
        "closed": "closed",
        "empty": "nobody",
        "disabled": "nobody",
        "refused": "refused",
        "unsubscribed": "unsubscribed",
    }
    assert [each.person.id for each in plan.addressees] == ["6"]


def test_reminder_can_be_called_back_until_it_leaves() -> None:
    reminder = Reminder(
        id="r",
        year=2027,
        organisations=(),
        people=(),
        sent_at=write_instant(NOW),
        due_at=write_instant(NOW + DELAY),
    )

    assert reminder.can_call_back(NOW) is True
    assert reminder.can_call_back(NOW + DELAY + timedelta(seconds=1)) is False


def test_who_was_just_reminded_is_left_out_unless_wanted() -> None:
    persons = [make_person("1", "lot-a"), make_person("2", "lot-b"), make_person("3", "lot-a", "lot-c")]
    standings = [make_standing(slug) for slug in ("lot-a", "lot-b", "lot-c")]
    recent = {"2": "2026-11-27T12:00:00.000Z", "3": "2026-11-26T12:00:00.000Z", "9": "2026-11-26T12:00:00.000Z"}

    plan = plan_reminder(standings, persons, {}, recent=recent)
    again = plan_reminder(standings, persons, {}, recent=recent, again=True)

    assert [each.person.id for each in plan.addressees] == ["1"]
    assert [each.organisation.slug for each in plan.reached] == ["lot-a"]
    assert {each.standing.organisation.slug: each.obstacle for each in plan.left_out} == {
        "lot-b": "reminded",
        "lot-c": "reminded",
    }
    assert [each.person.id for each in again.addressees] == ["1", "2", "3"]
    assert again.left_out == []
    for each in (plan, again):
        assert [(found.addressee.person.id, found.at) for found in each.recent] == [
            ("2", recent["2"]),
            ("3", recent["3"]),
        ]


def test_memberships_are_read_once_however_many_organisations_are_chosen() -> None:
    class Counted(tuple[Membership, ...]):
        __slots__ = ()
        read = 0

        def __iter__(self) -> Iterator[Membership]:
            Counted.read += 1
            return super().__iter__()

    slugs = [f"lot-{number}" for number in range(50)]
    persons = [replace(each, memberships=Counted(each.memberships)) for each in map(make_person, slugs, slugs)]

    plan = plan_reminder([make_standing(each) for each in slugs], persons, {})

    assert len(plan.reached) == 50
    assert Counted.read == 50
