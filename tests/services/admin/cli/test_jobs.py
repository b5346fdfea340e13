"""`kalendarium jobs …`, and what the doctor says of jobs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
from typer.testing import CliRunner, Result

from services.admin.doctor.contents import examine_jobs
from services.admin.doctor.findings import Finding, Level
from services.cli import kalendarium
from shared.jobs.model import Job
from shared.jobs.repository import Jobs
from shared.settings import CommonSettings
from tests.support.databases import open_patiently

T = TypeVar("T")
Command = Callable[..., Result]
NEXT_YEAR = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture
def command(mongo_url: str, database_name: str) -> Command:
    environment = {"KAL_MONGO_URL": mongo_url, "KAL_DATABASE_PREFIX": database_name}
    return lambda *arguments: CliRunner().invoke(kalendarium, ["jobs", *arguments], env=environment)


@pytest.fixture
def run(mongo_url: str, database_name: str) -> Callable[..., object]:
    """Does something with the jobs of a database."""

    def do(database: str, work: Callable[[Jobs], Awaitable[T]]) -> T:
        async def open_and_do() -> T:
            async with open_patiently(mongo_url, f"{database_name}_{database}") as opened:
                jobs = Jobs(opened["jobs"])
                await jobs.prepare()
                return await work(jobs)

        return asyncio.run(open_and_do())

    return do


async def add(jobs: Jobs) -> Job:
    await jobs.add("mail", "a", {"to": "anna@lot.example", "link": "https://secret"}, due_at=NEXT_YEAR)
    job = await jobs.find("mail", "a")
    assert job is not None
    return job


async def kill(jobs: Jobs) -> Job:
    """Give a job up, for a reason that could steer a terminal."""
    await jobs.add("digest", "dead")
    (found,) = await jobs.list_candidates(["digest"], limit=1, apart_from=[])
    (job,) = await jobs.claim([found.id], holder="a", lease_seconds=30)
    await jobs.bury(job, "refused\x1b[2J", keep=timedelta(days=1), failures=2)
    return job


def test_jobs_of_all_databases_are_listed_and_chosen(command: Command, run: Callable[..., Job]) -> None:
    waiting, dead = run("accounts", add), run("calendar", kill)

    assert command("list").stdout.splitlines() == [
        f"{dead.id}  calendar/digest  dead  due {dead.due_at:%Y-%m-%dT%H:%M:%SZ}  attempts 2  refused\\x1b[2J",
        f"{waiting.id}  accounts/mail  waiting  due 2027-01-01T00:00:00Z  attempts 0",
    ]
    for options, chosen in (
        (("--state", "dead"), dead),
        (("--kind", "mail"), waiting),
        (("--database", "accounts"), waiting),
    ):
        assert [line.split()[0] for line in command("list", *options).stdout.splitlines()] == [chosen.id]
    assert command("list", "--database", "ingest").stdout == "There are no such jobs.\n"


def test_a_job_is_shown_without_what_it_was_given(command: Command, run: Callable[..., Job]) -> None:
    job = run("accounts", add)

    shown = command("show", job.id).stdout

    assert shown.startswith(
        f"id         {job.id}\ndatabase   accounts\nkind       mail\nkey        a\nstate      waiting\n"
    )
    assert "\ngiven      link, to\n" in shown
    assert "secret" not in shown
    assert "anna" not in shown


def test_a_dead_job_is_retried_and_a_waiting_one_removed(command: Command, run: Callable[..., Job]) -> None:
    waiting, dead = run("accounts", add), run("calendar", kill)

    assert command("retry", dead.id).stdout == "1 due now, 0 left as they are: done, or running.\n"
    assert command("remove", waiting.id, waiting.id).stdout == "1 removed, 0 left as they are: running.\n"
    assert " waiting " in command("list").stdout
    assert waiting.id not in command("list").stdout


@pytest.mark.parametrize("action", ["show", "retry", "remove"])
def test_a_job_that_is_not_there_is_told_in_one_line(command: Command, action: str) -> None:
    ended = command(action, "018f")

    assert (ended.exit_code, ended.stderr) == (1, "There is no job 018f; `kalendarium jobs list` shows them.\n")


@pytest.mark.parametrize("options", [("--state", "asleep"), ("--database", "distribution"), ("--limit", "0")])
def test_a_choice_that_there_is_not_is_refused(command: Command, options: tuple[str, str]) -> None:
    assert command("list", *options).exit_code == 2


def test_the_doctor_names_dead_and_late_jobs(mongo_url: str, database_name: str, run: Callable[..., object]) -> None:
    async def be_late(jobs: Jobs) -> None:
        await jobs.add("rollover", "late", due_at=datetime(2020, 1, 1, tzinfo=UTC))

    async def examine() -> list[Finding]:
        async with open_patiently(mongo_url, f"{database_name}_log") as database:
            return await examine_jobs(database, CommonSettings(mongo_url=mongo_url, database_prefix=database_name))

    run("calendar", kill)
    run("ingest", be_late)
    run("accounts", add)
    found = {each.about: each for each in asyncio.run(examine())}

    assert found["jobs calendar"].what == "1 jobs (digest: 1) are given up."
    assert found["jobs ingest"].what == "1 jobs (rollover: 1) are late, the oldest for more than 900 seconds."
    assert found["jobs accounts"] == Finding(Level.OK, "jobs accounts", "1 wait for their time.")
    assert [found[f"jobs {name}"].level for name in ("calendar", "ingest")] == [Level.WARNING] * 2
