"""`kalendarium dead-letters …`: list, show and replay dead letters."""

from __future__ import annotations

import asyncio
import getpass
import logging
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from services.admin.log import run_with_log
from shared.eventlog.dead_letters.inspect import (
    DeadLetter,
    NoSuchDeadLetter,
    find_dead_letter,
    list_dead_letters,
    replay,
)
from shared.eventlog.port import EventLog, RecordRefused
from shared.observability.logging import configure_logging
from shared.plain_text import escape_unprintable
from shared.settings import CommonSettings, read_settings

dead_letters = typer.Typer(no_args_is_help=True)

T = TypeVar("T")
Topic = Annotated[str | None, typer.Option(help="Only records of this topic.")]
Group = Annotated[str | None, typer.Option(help="Only records of this consumer group.")]
Places = Annotated[list[str], typer.Argument(help="As `dead-letters list` shows them: <topic>/<partition>/<offset>.")]


def _run_with_log(work: Callable[[EventLog], Awaitable[T]]) -> T:
    settings = read_settings(CommonSettings)
    configure_logging(level="warning", style=settings.log_format)  # a replay logs a line, for the audit
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # we report an outage ourselves
    try:
        return asyncio.run(run_with_log(settings, work))
    except (NoSuchDeadLetter, RecordRefused) as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(1) from error


@dead_letters.command("list")
def list_records(topic: Topic = None, group: Group = None, *, replayed: bool = False) -> None:
    """List dead letters, oldest first; with --replayed also those that were replayed."""
    records = _run_with_log(lambda log: list_dead_letters(log, topic=topic, group=group, replayed=replayed))
    if not records:
        typer.echo("There are no dead letters.")
        return
    for record in records:
        typer.echo(f"{record.place}  {record.dead_lettered_at}  key {_escape(record.key)}")
        typer.echo(f"    {record.error}: {_escape(record.reason.encode())}")


@dead_letters.command("show")
def show_record(place: Annotated[str, typer.Argument(help="As `dead-letters list` shows it.")]) -> None:
    """Show a dead letter: origin, error, headers and value."""
    record = _run_with_log(lambda log: find_dead_letter(log, place))
    for line in _render_lines(record):
        typer.echo(line)


@dead_letters.command("replay")
def replay_records(places: Places) -> None:
    """Send records to their topic again, once the cause is fixed; idempotent."""
    sent = _run_with_log(lambda log: replay(log, places, by=getpass.getuser()))
    typer.echo(f"{len(sent)} replayed, {len(set(places)) - len(sent)} already replayed before.")


def _render_lines(record: DeadLetter) -> list[str]:
    return [
        f"place      {record.place}",
        f"from       {record.topic}, partition {record.partition}, offset {record.offset}",
        f"by         {record.group}, after {record.attempts} attempts, at {record.dead_lettered_at}",
        f"error      {record.error}: {_escape(record.reason.encode())}",
        f"replayed   {record.replayed_at or 'no'}",
        f"key        {_escape(record.key)}",
        *(f"header     {name}: {_escape(value)}" for name, value in record.headers),
        "",
        _escape(record.value),
    ]


def _escape(raw: bytes | None) -> str:
    # Invalid UTF-8 and control characters are escaped for the terminal.
    return "-" if raw is None else escape_unprintable(raw.decode("utf-8", "backslashreplace"), keep="\n")
