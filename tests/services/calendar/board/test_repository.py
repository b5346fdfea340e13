"""The calendar's copy of activities."""

from __future__ import annotations

from services.calendar.board.repository import KnownActivities
from shared.database.client import Database
from shared.messages import OrganisationActivity, YearActivity


def make_activity(number: int) -> OrganisationActivity:
    return OrganisationActivity(
        organisation="lot-szczecin",
        number=number,
        people_invited=2,
        people_active=1,
        last_seen_day="2026-11-28",
        changed_at="2026-11-28T12:00:00.000Z",
        years=[YearActivity(2027, drafts=number)],
    )


async def test_newer_activity_takes_the_place_of_an_older_one_in_any_order(database: Database) -> None:
    activities = KnownActivities(database)

    applied = [await activities.apply(make_activity(number)) for number in (2, 1, 3, 2)]

    assert applied == [True, False, True, False]
    assert await activities.get_all() == {"lot-szczecin": make_activity(3)}


async def test_activity_that_cannot_be_read_leaves_the_others(database: Database) -> None:
    activities = KnownActivities(database)
    await activities.apply(make_activity(1))
    await activities.collection.insert_one({"_id": "lot-later", "number": 1, "people_invited": "many"})

    assert list(await activities.get_all()) == ["lot-szczecin"]
