"""The copy of calls that ingest keeps, and the count of wrong late codes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from services.ingest.app import Settings
from services.ingest.call.guesses import MOST, WINDOW, LateCodeGuesses, LateCodeThrottled
from services.ingest.call.repository import KnownCalls
from shared.database.client import Database
from tests.services.ingest.call.builders import make_announcement
from tests.support.databases import open_patiently

NOW = datetime(2026, 12, 16, 12, tzinfo=UTC)


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    async with open_patiently(settings.mongo_url, settings.database("ingest")) as opened:
        yield opened


async def test_newer_call_takes_the_place_of_an_older_one_in_any_order(database: Database) -> None:
    calls = KnownCalls(database)
    messages = [make_announcement(number, answer_days=number) for number in (2, 1, 3, 2)]

    applied = [await calls.apply(each) for each in messages]

    found = calls.get(2027)
    assert applied == [True, False, True, False]
    assert (found and found.answer_days, calls.get(2028)) == (3, None)


async def test_calls_that_arrive_at_once_end_with_the_newest(database: Database) -> None:
    calls = KnownCalls(database)

    await asyncio.gather(*(calls.apply(make_announcement(number)) for number in range(1, 9)))

    found = calls.get(2027)
    assert found
    assert found.number == 8


async def test_replica_that_did_not_read_the_message_sees_the_call(database: Database) -> None:
    reader, other = KnownCalls(database), KnownCalls(database)
    await other.prepare()
    await reader.apply(make_announcement(1))

    await other.refresh()
    first = other.get(2027)
    await reader.apply(make_announcement(2))
    await other.refresh()

    second = other.get(2027)
    assert (first and first.number, second and second.number) == (1, 2)


async def test_call_that_cannot_be_read_is_refused_and_changes_nothing(database: Database) -> None:
    calls = KnownCalls(database)
    await calls.apply(make_announcement(1))

    with pytest.raises(ValueError, match="offset"):
        await calls.apply(make_announcement(2, deadline_at="2026-12-15T23:00:00"))

    found = calls.get(2027)
    assert found
    assert found.number == 1


async def test_stored_call_of_a_later_release_that_cannot_be_read_does_not_hide_others(database: Database) -> None:
    calls = KnownCalls(database)
    await calls.apply(make_announcement(1))
    await database["calls"].insert_one({"_id": 2028, "number": 1, "opens_at": "later"})

    await calls.refresh()

    assert [each.year for each in calls.list_calls()] == [2027]


async def test_wrong_codes_are_counted_for_a_while_and_by_organisation(database: Database) -> None:
    guesses = LateCodeGuesses(database)
    for _guess in range(MOST):
        await guesses.check("lot", now=NOW)
        await guesses.count("lot", now=NOW)

    with pytest.raises(LateCodeThrottled) as error:
        await guesses.check("lot", now=NOW + timedelta(minutes=1))

    assert error.value.retry_after == 540
    await guesses.check("other", now=NOW)
    await guesses.check("lot", now=NOW + WINDOW)
