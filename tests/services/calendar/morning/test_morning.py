"""The morning list: who gets it, what stands in it, and that it comes once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.calendar.entry.promise import is_overdue
from services.calendar.morning.commands import MORNING_LIST
from services.calendar.morning.model import wants_list
from shared.accounts.model import Membership, Person
from shared.jobs.model import Job
from shared.mail.model import StoredMail
from shared.messages import Remark
from tests.services.calendar.builders import make_live, make_message, make_waiting
from tests.services.calendar.conftest import Calendar, arrive

MONDAY = date(2026, 11, 30)
CURATOR = Membership("zrot", "ZROT", "curator")
ANNA = Person("1", "anna@example.pl", "Anna", "pl", disabled=False, memberships=(CURATOR,))


async def send(calendar: Calendar, day: date = MONDAY) -> list[StoredMail]:
    now = datetime.now(UTC)
    job = Job(id="1", kind=MORNING_LIST, key=day.isoformat(), due_at=now, created_at=now)
    await calendar.state.morning_list.send(job)
    return [each.mail for each in await calendar.state.mail.mails.list()]


@pytest.mark.parametrize(
    ("person", "days"),
    [
        (ANNA, [True, True, False, False]),
        (replace(ANNA, digest="weekly"), [True, False, False, False]),
        (replace(ANNA, disabled=True), [False] * 4),
    ],
    ids=["working days", "weekly", "disabled"],
)
def test_the_list_comes_on_the_days_a_person_wants(person: Person, days: list[bool]) -> None:
    shown = [wants_list(person, MONDAY + timedelta(days=after)) for after in (0, 1, 5, 6)]

    assert shown == days


def test_an_answer_is_overdue_after_the_promised_days_and_only_while_it_waits() -> None:
    sent = datetime.fromisoformat(make_waiting().sent_at)

    assert not is_overdue(make_waiting(), {2027: 14}, sent + timedelta(days=14))
    assert is_overdue(make_waiting(), {2027: 14}, sent + timedelta(days=14, seconds=1))
    assert not is_overdue(make_waiting(), {2026: 14}, sent + timedelta(days=99))
    assert not is_overdue(make_live(), {2027: 14}, sent + timedelta(days=99))


async def test_nothing_is_sent_when_nothing_waits(calendar: Calendar) -> None:
    assert await send(calendar) == []


async def test_a_curator_reads_what_waits_once(calendar: Calendar) -> None:
    await arrive(calendar, "a")

    await send(calendar)
    (mail,) = await send(calendar)

    assert mail.to.email == "curator@example.pl"
    assert mail.subject == "1 wydarzenie czeka na decyzję"
    assert "- Żagle 1, LOT Szczecin: " in mail.text
    assert "http://calendar.test/calendar/" in mail.text
    assert mail.list == "queue"


async def test_a_remark_without_an_answer_is_told_even_if_nothing_waits(calendar: Calendar) -> None:
    await arrive(calendar, "a")
    await calendar.curator.post("/calendar/api/v1/reviews/0195-a/accept", headers={"If-Match": "*"})
    remark = Remark("7d3f3c7e-92a4-4c5b-8f43-2d9c8a8f9a01", "2026-11-22T08:00:00.000Z", "Czy scena jest kryta?")
    await calendar.receive(make_message(2, content=1, submission_id="0195-a", remarks=[remark]))

    (mail,) = await send(calendar)

    assert mail.subject == "1 uwaga czeka na odpowiedź"


async def test_a_limited_curator_reads_only_what_they_may_decide(calendar: Calendar) -> None:
    await arrive(calendar, "a")
    account = await calendar.accounts.find("curator@example.pl")
    assert account is not None
    limited = replace(CURATOR, organisation=account.organisation, counties=("3201",))
    await calendar.accounts.change_person(account.id, lambda person: replace(person, memberships=(limited,)))

    assert await send(calendar) == []


@pytest.mark.parametrize(
    ("second", "read"),
    [
        (Membership("pomorze", "Pomorze", "chief"), "2 wydarzenia czekają na decyzję"),
        (Membership("pomorze", "Pomorze", "curator", counties=("3262",)), "2 wydarzenia czekają na decyzję"),
        (Membership("pomorze", "Pomorze", "curator", counties=("3209",)), None),
        (Membership("pomorze", "Pomorze", "editor"), None),
    ],
    ids=["no limits", "other limits", "limits without anything", "decides nothing"],
)
async def test_all_memberships_of_a_curator_count(calendar: Calendar, second: Membership, read: str | None) -> None:
    await arrive(calendar, "a", "b")
    account = await calendar.accounts.find("curator@example.pl")
    assert account is not None
    limited = replace(CURATOR, organisation=account.organisation, counties=("3201",))
    await calendar.accounts.change_person(account.id, lambda person: replace(person, memberships=(limited, second)))

    assert [each.subject for each in await send(calendar)] == ([read] if read else [])
