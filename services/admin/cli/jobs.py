"""`kalendarium jobs …`: list, show, retry and remove durable jobs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, TypeVar, get_args

import typer

from services.admin.cli.failure import fail
from shared.clock import write_instant
from shared.database.client import open_database
from shared.jobs.model import Job, JobState
from shared.jobs.repository import COLLECTION, MOST_LISTED, Jobs
from shared.plain_text import escape_unprintable
from shared.settings import CommonSettings, read_settings

jobs = typer.Typer(no_args_is_help=True)

DATABASES: Final = ("ingest", "calendar", "accounts")
T = TypeVar("T")
Ids = Annotated[list[str], typer.Argument(help="As `jobs list` shows them.")]


@dataclass(frozen=True, slots=True)
class JobPlace:
    """A job and the database it is in."""

    database: str
    job: Job


class _JobUnknown(Exception):
    pass


def _run_with_jobs(work: Callable[[dict[str, Jobs]], Awaitable[T]]) -> T:
    async def run() -> T:
        settings = read_settings(CommonSettings)
        async with AsyncExitStack() as opened:
            found: dict[str, Jobs] = {}
            for name in DATABASES:
                database = await opened.enter_async_context(open_database(settings.mongo_url, settings.database(name)))
                found[name] = Jobs(database[COLLECTION])
            return await work(found)

    try:
        return asyncio.run(run())
    except _JobUnknown as unknown:
        fail(f"There is no job {unknown}; `kalendarium jobs list` shows them.")


@jobs.command("list")
def list_jobs(
    *,
    database: Annotated[str | None, typer.Option(help="ingest, calendar or accounts; all by default.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only jobs of this kind.")] = None,
    state: Annotated[str | None, typer.Option(help="waiting, running, done or dead.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST_LISTED, help="How many of each database.")] = 50,
) -> None:
    """List jobs, newest first."""
    if database not in {None, *DATABASES}:
        raise typer.BadParameter(f"{database} has no jobs; there are {', '.join(DATABASES)}")
    chosen: JobState | None = next((each for each in get_args(JobState) if each == state), None)
    if state and chosen is None:
        raise typer.BadParameter(f"{state} is no state; there are {', '.join(get_args(JobState))}")

    async def collect(found: dict[str, Jobs]) -> list[JobPlace]:
        names = [database] if database else DATABASES
        return [JobPlace(name, job) for name in names for job in await found[name].list(kind, chosen, limit=limit)]

    places = _run_with_jobs(collect)
    if not places:
        typer.echo("There are no such jobs.")
    for place in places:
        typer.echo(_render_line(place))


@jobs.command("show")
def show_job(job_id: Annotated[str, typer.Argument(help="As `jobs list` shows it.")]) -> None:
    """Show a job: state, attempts, error, result. Of what it is given only the names are shown."""
    place = _run_with_jobs(lambda found: _find(found, job_id))
    for line in _render_lines(place):
        typer.echo(line)


@jobs.command("retry")
def retry_jobs(ids: Ids) -> None:
    """Make dead or waiting jobs due now, with all their attempts."""
    done = _run_with_jobs(lambda found: _change_each(found, ids, Jobs.retry))
    typer.echo(f"{sum(done)} due now, {len(done) - sum(done)} left as they are: done, or running.")


@jobs.command("remove")
def remove_jobs(ids: Ids) -> None:
    """Remove jobs for good, unless they are running."""
    done = _run_with_jobs(lambda found: _change_each(found, ids, Jobs.remove))
    typer.echo(f"{sum(done)} removed, {len(done) - sum(done)} left as they are: running.")


async def _find(found: dict[str, Jobs], job_id: str) -> JobPlace:
    for name, each in found.items():
        if job := await each.find_by_id(job_id):
            return JobPlace(name, job)
    raise _JobUnknown(job_id)


async def _change_each(
    found: dict[str, Jobs], ids: Sequence[str], change: Callable[[Jobs, str, str], Awaitable[bool]]
) -> list[bool]:
    # All are looked up first: with one that is unknown nothing is changed.
    places = [await _find(found, each) for each in dict.fromkeys(ids)]
    return [await change(found[place.database], place.job.kind, place.job.key) for place in places]


def _render_line(place: JobPlace) -> str:
    job = place.job
    why = f"  {escape_unprintable(job.error)}" if job.error and job.state != "done" else ""
    parts = (job.id, f"{place.database}/{job.kind}", job.state, f"due {_render_time(job.due_at)}")
    return f"{'  '.join(parts)}  attempts {job.attempts}{why}"


def _render_lines(place: JobPlace) -> list[str]:
    job = place.job
    return [
        f"id         {job.id}",
        f"database   {place.database}",
        f"kind       {job.kind}",
        f"key        {escape_unprintable(job.key)}",
        f"state      {job.state}",
        f"due        {_render_time(job.due_at)}",
        f"added      {_render_time(job.created_at)}",
        f"next       {_render_time(job.claimable_at)}",
        f"finished   {_render_time(job.finished_at)}",
        f"attempts   {job.attempts} failed, {job.crashes} of them with their process",
        f"worker     {job.holder or '-'}",
        f"error      {escape_unprintable(job.error or '-')}",
        f"given      {', '.join(map(escape_unprintable, sorted(job.payload))) or '-'}",
        f"result     {', '.join(map(escape_unprintable, sorted(job.result or {}))) or '-'}",
    ]


def _render_time(instant: datetime | None) -> str:
    return write_instant(instant, timespec="seconds") if instant else "-"
