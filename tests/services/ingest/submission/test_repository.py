"""The store on a real MongoDB: nothing acknowledged is lost, nothing is kept twice, even if a client goes away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from services.ingest.activity.repository import Activities
from services.ingest.call.repository import KnownCalls
from services.ingest.consumer import make_handlers, parse_review
from services.ingest.request.repository import KnownRequests
from services.ingest.submission.documents import StoredSubmission
from services.ingest.submission.group_commit import MAX_QUEUE, QueueFull
from services.ingest.submission.history import HistoryEntry
from services.ingest.submission.idempotency import KeyReused, create_response, make_key
from services.ingest.submission.model import Submission, edit, make_message, submit
from services.ingest.submission.repository import (
    BACKLOG_LIMIT,
    MAX_UNSENT,
    BacklogFull,
    ExternalIdTaken,
    Submissions,
    SubmissionWrite,
)
from shared.database.client import Database
from shared.eventlog.envelope import parse_document, parse_message, wrap
from shared.messages import Organiser, SubmissionReceived, SubmissionReviewed
from tests.services.ingest.builders import kept_event
from tests.support.databases import open_patiently

LOT = Organiser("lot-szczecin", "LOT Szczecin")
AT = "2026-11-21T10:00:00.000Z"


@pytest.fixture
async def database(mongo_url: str, database_name: str) -> AsyncIterator[Database]:
    async with open_patiently(mongo_url, database_name) as opened:
        yield opened


@pytest.fixture
def notified() -> list[str]:
    return []


@pytest.fixture
async def store(database: Database, notified: list[str]) -> AsyncIterator[Submissions]:
    submissions = Submissions(database, notify=lambda: notified.append(""))
    await submissions.prepare()
    stop = asyncio.Event()
    writing = asyncio.create_task(submissions.run(stop))
    yield submissions
    stop.set()
    await writing


def made(number: str = "01", **changes: Any) -> Submission:  # noqa: ANN401 - an event's fields are of all kinds
    return submit(kept_event(**changes), id=number, organiser=LOT, at=AT)[0]


def change(submission: Submission, *, key: str | None = None, body: bytes = b"{}") -> SubmissionWrite:
    request = make_key(key, organisation="lot-szczecin", route="POST", body=body)
    answer = create_response(request, status=201, version=1, body=submission.id.encode()) if request else None
    return SubmissionWrite([make_message(submission)], HistoryEntry(AT, "sent", submission.version, "Anna Żak"), answer)


async def kept(store: Submissions, submission: Submission) -> StoredSubmission:
    await store.add(submission, change(submission))
    return await found(store, submission)


async def found(store: Submissions, submission: Submission) -> StoredSubmission:
    stored = await store.find(submission.id, LOT.slug)
    assert stored is not None
    return stored


async def unsent(database: Database, submission: Submission) -> list[Any]:
    document = await database["submissions"].find_one({"_id": submission.id}) or {}
    return [parse_message(parse_document(envelope)) for envelope in document["outbox"]]


def decision(submission: Submission, **changes: Any) -> SubmissionReviewed:  # noqa: ANN401 - a message's fields are of all kinds
    fields: dict[str, Any] = {
        "submission_id": submission.id,
        "review_number": 2,
        "state": "changes_requested",
        "version": 1,
        "decided_version": 1,
        "reason": None,
        "comment": "Podaj godzinę.",
        "reviewed_at": AT,
        "live_version": None,
        "live_status": None,
    }
    return SubmissionReviewed(**fields | changes)


async def test_what_is_kept_is_found_with_its_message_beside_it(store: Submissions, database: Database) -> None:
    submission = made(external_id="zagle-2027")

    stored = await kept(store, submission)

    assert stored.submission == submission
    assert stored.history == (HistoryEntry(AT, "sent", 1, "Anna Żak"),)
    assert await unsent(database, submission) == [make_message(submission)]
    assert await store.find("01", "lot-inny") is None
    assert await store.find_by_reference("zagle-2027", "lot-inny") is None


async def test_a_year_has_what_takes_place_in_it(store: Submissions, database: Database) -> None:
    winter = {"certainty": "exact", "start": "2027-12-04", "end": "2027-12-04"}
    off = {"rrule": "FREQ=WEEKLY;COUNT=5", "exceptions": [{"date": "2028-01-01", "status": "cancelled"}]}
    series = await kept(store, made("01", dates=winter | {"recurrence": {"rrule": "FREQ=WEEKLY;COUNT=13"}}))
    await kept(store, made("02", dates=winter | {"recurrence": off}))
    await kept(store, made("03", dates=winter | {"end": "2028-01-09"}))
    await kept(store, made("04", dates=winter))
    await database["submissions"].update_one({"_id": "03"}, {"$unset": {"span": ""}})  # as it was written before

    async def find(year: int) -> list[str]:
        return sorted([each.id async for each in store.iterate_submissions(LOT.slug, year=year)])

    assert [await find(year) for year in (2026, 2027, 2028, 2029)] == [[], ["01", "02", "03", "04"], ["01", "03"], []]

    once, _ = edit(series.submission, kept_event(dates=winter), at=AT)
    await store.save(series, once, change(once))

    assert await find(2028) == ["03"]


async def test_a_caller_that_goes_away_does_not_stop_the_write(store: Submissions) -> None:
    submissions = [made(f"{number:02}") for number in range(20)]
    callers = [asyncio.create_task(store.add(each, change(each))) for each in submissions]
    await asyncio.sleep(0)
    for caller in callers[::2]:
        caller.cancel()
    await asyncio.gather(*callers, return_exceptions=True)

    last = await kept(store, made("99"))

    assert len(await store.list_submissions(LOT.slug)) == 21
    assert last.submission.id == "99"


async def test_the_relay_is_told_of_what_is_new_and_of_an_edit(store: Submissions, notified: list[str]) -> None:
    before = await kept(store, made())
    assert len(notified) == 1

    after, _ = edit(before.submission, kept_event(also=None), at=AT)
    await store.save(before, after, change(after))

    assert len(notified) == 2


async def test_a_write_repeated_by_the_driver_is_no_failure(store: Submissions) -> None:
    submission = made()

    assert await store.add(submission, change(submission)) is None
    assert await store.add(submission, change(submission)) is None
    assert len(await store.list_submissions(LOT.slug)) == 1


async def test_one_that_is_refused_does_not_disturb_the_others_of_its_batch(store: Submissions) -> None:
    submissions = [made(f"{number:02}", external_id="zagle" if number in {3, 7} else None) for number in range(10)]

    outcomes = await asyncio.gather(*(store.add(each, change(each)) for each in submissions), return_exceptions=True)

    refused = [outcome for outcome in outcomes if outcome is not None]
    assert [type(each) for each in refused] == [ExternalIdTaken]
    assert len(await store.list_submissions(LOT.slug)) == 9


async def test_a_repeat_gets_the_first_answer_and_another_body_is_refused(store: Submissions) -> None:
    first, again = made("01"), made("02")
    await store.add(first, change(first, key="k"))

    answer = await store.add(again, change(again, key="k"))

    assert answer is not None
    assert (answer.submission_id, answer.response.body) == ("01", b"01")
    with pytest.raises(KeyReused):
        await store.add(again, change(again, key="k", body=b"[]"))


async def test_a_write_over_another_version_changes_nothing(store: Submissions) -> None:
    before = await kept(store, made())
    after, _ = edit(before.submission, kept_event(also=None), at=AT)

    assert await store.save(before, after, change(after)) is True
    assert await store.save(before, after, change(after)) is False
    assert (await found(store, after)).unsent == 2


async def test_more_is_refused_when_too_much_waits_to_be_sent(store: Submissions) -> None:
    before = await kept(store, made())
    after, _ = edit(before.submission, kept_event(also=None), at=AT)

    with pytest.raises(BacklogFull):
        await store.save(replace(before, unsent=MAX_UNSENT), after, change(after))
    store.backlog = BACKLOG_LIMIT
    with pytest.raises(BacklogFull):
        await store.add(made("02"), change(made("02")))
    await store.count_backlog()
    assert store.backlog == 1


async def test_a_full_queue_refuses_before_it_grows(database: Database) -> None:
    store = Submissions(database, notify=lambda: None)
    waiting = [asyncio.create_task(store._new.insert({"_id": number})) for number in range(MAX_QUEUE)]  # noqa: SLF001 - nobody writes yet
    await asyncio.sleep(0)

    with pytest.raises(QueueFull):
        await store._new.insert({"_id": "one too many"})  # noqa: SLF001 - the same

    for task in waiting:
        task.cancel()


async def test_a_decision_is_kept_if_it_is_newer(store: Submissions, database: Database) -> None:
    submission = (await kept(store, made())).submission
    table = make_handlers(
        store,
        KnownCalls(database),
        Activities(database, notify=lambda: None),
        KnownRequests(database, notify=lambda: None),
        lambda: AT,
    )
    envelope = wrap(make_message(submission), id="x", source="/calendar", time=AT)
    for message in (
        decision(submission),
        decision(submission, review_number=1, state="waiting", decided_version=None, comment=None),
        decision(submission),
    ):
        await table[SubmissionReviewed](message, envelope)

    stored = await found(store, submission)

    assert stored.submission.state == "changes_requested"
    assert stored.submission.review == parse_review(decision(submission))
    assert stored.history[1:] == (HistoryEntry(AT, "changes_requested", 1, None, None, "Podaj godzinę."),)


async def test_a_decision_on_what_is_not_here_is_passed_by(store: Submissions) -> None:
    assert await store.apply_review("99", parse_review(decision(made()))) is False


async def test_a_record_written_after_a_newer_one_is_repaired(store: Submissions, database: Database) -> None:
    before = await kept(store, made())
    after, _ = edit(before.submission, kept_event(also=None), at=AT)
    await store.save(before, after, change(after))
    await database["submissions"].update_one({"_id": after.id}, {"$set": {"outbox": []}})
    table = make_handlers(
        store,
        KnownCalls(database),
        Activities(database, notify=lambda: None),
        KnownRequests(database, notify=lambda: None),
        lambda: AT,
    )
    stale, envelope = make_message(before.submission), wrap(make_message(after), id="x", source="/ingest", time=AT)

    await table[SubmissionReceived](stale, envelope)
    await table[SubmissionReceived](stale, envelope)
    await table[SubmissionReceived](make_message(after), envelope)

    assert await unsent(database, after) == [make_message(after)]


async def test_lists_know_every_state(store: Submissions) -> None:
    states: dict[str, dict[str, Any]] = {
        "waiting": {},
        "changes_requested": {"review": {"version": 1, "state": "changes_requested"}},
        "accepted": {"review": {"version": 1, "state": "accepted"}},
        "rejected": {"review": {"version": 1, "state": "rejected"}},
        "withdrawn": {"withdrawn_at_version": 2},
        "withdrawn by a curator": {"review": {"version": 1, "state": "withdrawn"}},
        "waiting again": {"content_version": 2, "review": {"version": 1, "state": "rejected"}},
        "reopened": {"content_version": 3, "withdrawn_at_version": 2},
    }
    full = parse_review(decision(made()))
    for name, fields in states.items():
        await kept(store, made(name))
        review = {**{each: getattr(full, each) for each in full.__slots__}, **fields.get("review", {})}
        changed = fields | {"review": review if "review" in fields else None}
        await store.collection.update_one({"_id": name}, {"$set": changed})

    listed = {
        state: {each.id for each in await store.list_submissions(LOT.slug, state=state)}
        for state in ("waiting", "changes_requested", "accepted", "rejected", "withdrawn")
    }

    everything = await store.list_submissions(LOT.slug)
    assert listed == {state: {each.id for each in everything if each.state == state} for state in listed}
    assert await store.list_states(LOT.slug) == [(each.id, each.state) for each in everything]
    assert listed["waiting"] == {"waiting", "waiting again", "reopened"}
    assert listed["withdrawn"] == {"withdrawn", "withdrawn by a curator"}
