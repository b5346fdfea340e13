"""`kalendarium parked …`: records that a service could not read, to look at and to send again."""

from __future__ import annotations

import asyncio
import getpass
import logging
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from shared.database import open_database
from shared.eventlog.opening import open_event_log
from shared.eventlog.parked import NothingParkedThere, ParkedRecord, list_parked, replay, show
from shared.eventlog.port import EventLog, RecordRefused
from shared.settings import CommonSettings, read_settings
from shared.telemetry import open_logs

parked = typer.Typer(no_args_is_help=True)

T = TypeVar("T")
Topic = Annotated[str | None, typer.Option(help="Only what came from this topic.")]
Group = Annotated[str | None, typer.Option(help="Only what this service set aside.")]
Places = Annotated[list[str], typer.Argument(help="As `parked list` shows them: <topic>/<partition>/<offset>.")]


async def with_log(settings: CommonSettings, work: Callable[[EventLog], Awaitable[T]]) -> T:
    """Open the event log that the settings name, and do something with it."""
    async with (
        open_database(settings.mongo_url, settings.database("log")) as database,
        open_event_log(kafka_bootstrap=settings.kafka_bootstrap, database=database, service="operator") as log,
    ):
        return await work(log)


def _do(work: Callable[[EventLog], Awaitable[T]]) -> T:
    settings = read_settings(CommonSettings)
    open_logs(level="warning", style=settings.log_format)  # a replay is a line there, for the audit
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what it says of an outage is said by us
    try:
        return asyncio.run(with_log(settings, work))
    except (NothingParkedThere, RecordRefused) as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(1) from error


@parked.command("list")
def list_records(topic: Topic = None, group: Group = None, *, replayed: bool = False) -> None:
    """List what is parked, oldest first; with --replayed also what was sent again since."""
    records = _do(lambda log: list_parked(log, topic=topic, group=group, replayed=replayed))
    if not records:
        typer.echo("Nothing is parked.")
        return
    for record in records:
        typer.echo(f"{record.place}  {record.parked_at}  key {_text(record.key)}")
        typer.echo(f"    {record.error}: {_text(record.reason.encode())}")


@parked.command("show")
def show_record(place: Annotated[str, typer.Argument(help="As `parked list` shows it.")]) -> None:
    """Show one parked record whole: where it came from, why it lies here, its headers and its value."""
    record = _do(lambda log: show(log, place))
    for line in _lines(record):
        typer.echo(line)


@parked.command("replay")
def replay_records(places: Places) -> None:
    """Send chosen records to their topic again, once the reason is gone; repeating it changes nothing."""
    sent = _do(lambda log: replay(log, places, by=getpass.getuser()))
    typer.echo(f"{len(sent)} sent again, {len(set(places)) - len(sent)} had been already.")


def _lines(record: ParkedRecord) -> list[str]:
    return [
        f"place      {record.place}",
        f"from       {record.topic}, partition {record.partition}, offset {record.offset}",
        f"by         {record.group}, after {record.attempts} attempts, at {record.parked_at}",
        f"why        {record.error}: {_text(record.reason.encode())}",
        f"sent again {record.replayed_at or 'no'}",
        f"key        {_text(record.key)}",
        *(f"header     {name}: {_text(value)}" for name, value in record.headers),
        "",
        _text(record.value),
    ]


def _text(raw: bytes | None) -> str:
    """Write bytes for a terminal: what is no text, and what could steer it, is written as an escape."""
    return (
        "-"
        if raw is None
        else "".join(
            char if char.isprintable() or char == "\n" else char.encode("unicode_escape").decode()
            for char in raw.decode("utf-8", "backslashreplace")
        )
    )
