"""Calls in MongoDB: each change with its message, and repair of the topic."""

from __future__ import annotations

import asyncio

import pytest

from services.calendar.call.documents import parse_call_document
from services.calendar.call.model import add_code, make_call_message
from services.calendar.call.repository import MAX_PENDING, CallsPending, YearCalls
from shared.database.client import Database
from shared.eventlog.envelope import parse_document, parse_message
from tests.services.calendar.builders import LATER, NOW
from tests.services.calendar.call.builders import make_call


@pytest.fixture
async def calls(database: Database) -> YearCalls:
    made = YearCalls(database, notify=lambda: None)
    await made.prepare()
    return made


async def list_pending(calls: YearCalls, year: int = 2027) -> list[object]:
    found = await calls.collection.find_one({"_id": year})
    return [parse_message(parse_document(each)) for each in found["outbox"]] if found else []


async def test_call_is_found_as_it_was_saved(calls: YearCalls) -> None:
    call = add_code(make_call(), "AAAA-BBBB", "LOT Darłowo", id="1", now=LATER)

    assert await calls.save(None, call)

    assert await calls.find(2027) == call
    assert await calls.list_calls() == [call]
    assert await list_pending(calls) == [make_call_message(call)]


async def test_of_two_who_announce_a_year_one_is_first(calls: YearCalls) -> None:
    done = await asyncio.gather(calls.save(None, make_call()), calls.save(None, make_call(answer_days=7)))

    assert sorted(done) == [False, True]
    assert len(await list_pending(calls)) == 1


async def test_of_two_changes_at_once_one_is_saved(calls: YearCalls) -> None:
    call = make_call()
    await calls.save(None, call)
    changes = [add_code(call, f"CODE-{each}", "LOT", id=str(each), now=LATER) for each in range(2)]

    done = await asyncio.gather(*(calls.save(call, each) for each in changes))

    assert sorted(done) == [False, True]
    found = await calls.find(2027)
    assert (found and found.number, len(await list_pending(calls))) == (2, 2)


async def test_call_whose_messages_pile_up_is_refused(calls: YearCalls) -> None:
    call = make_call()
    await calls.save(None, call)
    for number in range(MAX_PENDING):
        after = add_code(call, f"CODE-{number}", "LOT", id=str(number), now=LATER)
        await calls.save(call, after)
        call = after

    with pytest.raises(CallsPending):
        await calls.save(call, add_code(call, "ONE-MORE", "LOT", id="x", now=LATER))


async def test_record_from_before_an_outage_is_followed_by_the_present_call(calls: YearCalls) -> None:
    call = make_call()
    await calls.save(None, call)
    await calls.save(call, add_code(call, "AAAA-BBBB", "LOT", id="1", now=LATER))
    await calls.collection.update_one({"_id": 2027}, {"$set": {"outbox": []}})

    assert [await calls.repair(2027, 1, at=NOW) for _again in range(2)] == [True, False]
    assert not await calls.repair(2027, 2, at=NOW)
    assert not await calls.repair(2030, 1, at=NOW)

    found = await calls.find(2027)
    assert found
    assert await list_pending(calls) == [make_call_message(found)]


async def test_document_of_a_later_release_can_be_read(calls: YearCalls) -> None:
    await calls.save(None, make_call())
    await calls.collection.update_one({"_id": 2027}, {"$set": {"of_a_later_release": 1}})
    found = await calls.collection.find_one({"_id": 2027})

    assert found
    assert parse_call_document(found) == make_call()
