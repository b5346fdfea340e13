from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from shared.clock import utc_now
from shared.database.client import Database
from shared.jobs.claims import find_candidates
from shared.jobs.model import MAX_KEY_LENGTH, Job, KindBacklog
from shared.jobs.repository import Jobs

WEEK = timedelta(days=7)


async def claim_all(jobs: Jobs, holder: str = "a", *, seconds: float = 30.0, kind: str = "mail") -> list[Job]:
    found = await jobs.list_candidates([kind], limit=100, apart_from=[])
    return await jobs.claim([each.id for each in found], holder=holder, lease_seconds=seconds)


async def claim_one(jobs: Jobs, holder: str = "a", *, seconds: float = 30.0) -> Job:
    (job,) = await claim_all(jobs, holder, seconds=seconds)
    return job


async def get_job(jobs: Jobs, key: str = "a") -> Job:
    found = await jobs.find("mail", key)
    assert found is not None
    return found


async def test_a_job_is_kept_as_it_was_added(jobs: Jobs) -> None:
    due_at = datetime(2027, 1, 1, 6, 0, tzinfo=UTC)

    assert await jobs.add("mail", "a", {"$to": "x", "with.dot": [1, {"$now": 2}]}, due_at=due_at)

    job = await get_job(jobs)
    assert (job.kind, job.key, job.due_at, job.state, job.attempts) == ("mail", "a", due_at, "waiting", 0)
    assert job.payload == {"$to": "x", "with.dot": [1, {"$now": 2}]}
    assert await jobs.find_by_id(job.id) == job


async def test_a_key_is_added_once_and_keeps_its_first_payload(jobs: Jobs) -> None:
    added = await asyncio.gather(*(jobs.add("mail", "a", {"number": number}) for number in range(8)))

    assert sorted(added) == [False] * 7 + [True]
    assert await jobs.add("mail", "a", {"number": 9}) is False
    assert (await get_job(jobs)).payload != {"number": 9}


async def test_the_same_key_of_another_kind_is_another_job(jobs: Jobs) -> None:
    assert await jobs.add("mail", "a")
    assert await jobs.add("digest", "a")


async def test_many_are_added_at_once_and_those_there_are_left_alone(jobs: Jobs) -> None:
    await jobs.add("mail", "b", {"number": 1})

    assert await jobs.add_many("mail", {key: {"number": 2} for key in "abc"}) == 2
    assert await jobs.add_many("mail", {key: {"number": 3} for key in "abc"}) == 0
    assert await jobs.add_many("mail", {}) == 0
    assert [(await get_job(jobs, key)).payload for key in "abc"] == [{"number": 2}, {"number": 1}, {"number": 2}]


@pytest.mark.parametrize("key", ["", "x" * (MAX_KEY_LENGTH + 1)])
async def test_a_key_has_a_length(jobs: Jobs, key: str) -> None:
    with pytest.raises(ValueError, match="key"):
        await jobs.add("mail", key)


async def test_only_what_is_due_and_of_the_kind_is_a_candidate(jobs: Jobs) -> None:
    await jobs.add("mail", "now")
    await jobs.add("mail", "past", due_at=utc_now() - timedelta(days=1))
    await jobs.add("mail", "later", due_at=utc_now() + timedelta(hours=1))
    await jobs.add("digest", "other")

    assert {job.key for job in await claim_all(jobs)} == {"now", "past"}
    assert [each.suspect for each in await jobs.list_candidates(["digest"], limit=5, apart_from=[])] == [False]


async def test_a_claimed_job_is_nobody_elses(jobs: Jobs) -> None:
    await jobs.add("mail", "a")
    found = await jobs.list_candidates(["mail"], limit=5, apart_from=[])
    ids = [each.id for each in found]

    first, second = await asyncio.gather(
        jobs.claim(ids, holder="a", lease_seconds=30), jobs.claim(ids, holder="b", lease_seconds=30)
    )

    assert len(first) + len(second) == 1
    assert await jobs.list_candidates(["mail"], limit=5, apart_from=[]) == []


async def test_a_claim_whose_answer_was_lost_is_repeated_without_blame(jobs: Jobs) -> None:
    await jobs.add("mail", "a")
    job = await claim_one(jobs)

    (again,) = await jobs.claim([job.id], holder="a", lease_seconds=30)

    assert (again.id, again.attempts, again.crashes, again.fence) == (job.id, 0, 0, job.fence + 1)


async def test_a_job_whose_worker_died_is_taken_over_as_a_suspect(jobs: Jobs) -> None:
    await jobs.add("mail", "a")
    await claim_one(jobs, seconds=0.05)
    await asyncio.sleep(0.1)

    (candidate,) = await jobs.list_candidates(["mail"], limit=5, apart_from=[])
    taken = await claim_one(jobs, "b")

    assert candidate.suspect
    assert (taken.holder, taken.attempts, taken.crashes) == ("b", 1, 1)


async def test_a_stalled_worker_cannot_settle_what_another_has_claimed_since(jobs: Jobs) -> None:
    await jobs.add("mail", "a")
    stalled = await claim_one(jobs, seconds=0.05)
    await asyncio.sleep(0.1)
    taken = await claim_one(jobs, "b")

    assert not await jobs.finish(stalled, {"by": "a"}, keep=WEEK)
    assert not await jobs.fail(stalled, "late", wait=1)
    assert not await jobs.bury(stalled, "late", keep=WEEK, failures=1)
    assert not await jobs.defer(stalled, "late", wait=1)
    assert await jobs.renew([stalled.id], holder="a", lease_seconds=30) == frozenset()
    assert await jobs.finish(taken, {"by": "b"}, keep=WEEK)
    assert (await get_job(jobs)).result == {"by": "b"}


async def test_finishing_again_after_an_unknown_outcome_is_true(jobs: Jobs) -> None:
    await jobs.add("mail", "a")
    job = await claim_one(jobs)

    assert await jobs.finish(job, {"$sent": 1}, keep=WEEK)
    assert await jobs.finish(job, {"$sent": 1}, keep=WEEK)

    done = await get_job(jobs)
    assert (done.state, done.result, done.holder, done.claimable_at) == ("done", {"$sent": 1}, None, None)


async def test_a_renewed_lease_does_not_run_out_and_a_released_one_is_free_at_once(jobs: Jobs) -> None:
    await jobs.add("mail", "a")
    job = await claim_one(jobs, seconds=0.2)
    assert await jobs.renew([job.id], holder="a", lease_seconds=30) == {job.id}
    await asyncio.sleep(0.3)
    assert await claim_all(jobs, "b") == []

    await jobs.release([job.id], holder="a")

    assert (await claim_one(jobs, "b")).crashes == 0


async def test_a_failure_is_counted_and_waits_and_a_deferral_waits_only(jobs: Jobs) -> None:
    await jobs.add("mail", "a")
    assert await jobs.fail(await claim_one(jobs), "refused " * 100, wait=0)
    assert await jobs.defer(await claim_one(jobs), "not now", wait=60)

    job = await get_job(jobs)
    assert (job.state, job.attempts, job.error) == ("waiting", 1, "not now")
    assert await claim_all(jobs) == []


async def test_a_dead_job_waits_for_a_person_who_retries_or_removes_it(jobs: Jobs) -> None:
    await jobs.add("mail", "a")
    await jobs.bury(await claim_one(jobs), "no such address", keep=WEEK, failures=3)
    dead = await get_job(jobs)
    assert (dead.state, dead.error, dead.attempts) == ("dead", "no such address", 3)
    assert await claim_all(jobs) == []

    assert await jobs.retry("mail", "a")

    assert (await claim_one(jobs)).attempts == 0
    assert not await jobs.remove("mail", "a"), "it runs"
    assert not await jobs.retry("mail", "a"), "it runs"
    await jobs.release([dead.id], holder="a")
    assert await jobs.remove("mail", "a")
    assert not await jobs.remove("mail", "a")


async def test_what_is_done_is_repeated_only_when_asked_for(jobs: Jobs) -> None:
    await jobs.add("mail", "a")
    await jobs.finish(await claim_one(jobs), None, keep=WEEK)

    assert not await jobs.retry("mail", "a")
    assert await jobs.retry("mail", "a", done=True)
    assert (await claim_one(jobs)).state == "running"


async def test_what_is_done_is_removed_after_its_time_by_the_databases_clock(jobs: Jobs, database: Database) -> None:
    await jobs.add("mail", "a")
    await jobs.finish(await claim_one(jobs), None, keep=WEEK)

    indexes = await database["jobs"].index_information()
    kept = await database["jobs"].find_one({"key": "a"})
    assert kept is not None
    assert kept["remove_at"] - kept["finished_at"] == WEEK
    assert indexes["remove"]["expireAfterSeconds"] == 0


async def test_a_job_that_is_retried_is_no_longer_removed(jobs: Jobs, database: Database) -> None:
    await jobs.add("mail", "a")
    await jobs.bury(await claim_one(jobs), "why", keep=WEEK, failures=1)
    await jobs.retry("mail", "a")

    kept = await database["jobs"].find_one({"key": "a"})
    assert kept is not None
    assert kept.keys() & {"remove_at", "finished_at"} == set()


async def test_the_list_has_the_newest_first_and_pages(jobs: Jobs) -> None:
    for key in "abc":
        await jobs.add("mail", key)
    await jobs.add("digest", "d")
    newest = await jobs.list("mail", limit=2)

    assert [job.key for job in newest] == ["c", "b"]
    assert [job.key for job in await jobs.list("mail", before=newest[-1].id)] == ["a"]
    assert [job.key for job in await jobs.list(state="done")] == []
    assert [job.key for job in await jobs.list()] == ["d", "c", "b", "a"]


async def test_the_backlog_counts_what_is_not_done_by_kind(jobs: Jobs) -> None:
    await jobs.add("mail", "dead")
    await jobs.bury(await claim_one(jobs), "why", keep=WEEK, failures=1)
    await jobs.add("mail", "running", due_at=utc_now() - timedelta(minutes=5))
    await claim_one(jobs)
    await jobs.add("mail", "later", due_at=utc_now() + timedelta(hours=1))
    await jobs.add("mail", "due")
    await jobs.add("digest", "later", due_at=utc_now() + timedelta(hours=1))

    found = await jobs.measure_backlog()

    assert found["digest"] == KindBacklog(waiting=1)
    mail = found["mail"]
    assert (mail.waiting, mail.due, mail.running, mail.dead) == (2, 1, 1, 1)
    assert 300 <= mail.oldest_seconds < 400


async def test_looking_for_candidates_reads_no_more_than_it_may(jobs: Jobs, database: Database) -> None:
    """Thousands of jobs that are due next month cost an idle worker nothing."""
    await jobs.add_many("mail", {f"{number}": {} for number in range(300)}, due_at=utc_now() + timedelta(days=30))

    look = {"aggregate": "jobs", "pipeline": find_candidates(["mail"], limit=16, apart_from=[]), "cursor": {}}
    told = await database.command({"explain": look, "verbosity": "executionStats"})

    (stats,) = [stage["$cursor"]["executionStats"] for stage in told["stages"] if "$cursor" in stage]
    assert await jobs.list_candidates(["mail"], limit=16, apart_from=[]) == []
    assert stats["totalDocsExamined"] <= 16


async def test_adding_tells_those_who_listen(jobs: Jobs) -> None:
    told: list[bool] = []
    jobs.add_listener(lambda: told.append(True))

    await jobs.add("mail", "a")
    await jobs.add_many("mail", {"b": {}})
    await jobs.retry("mail", "a")

    assert len(told) == 3
