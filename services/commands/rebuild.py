"""`kalendarium rebuild`: the event log written anew from the databases, and what distribution keeps thrown away."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, NoReturn

import typer

from services.commands.parked import with_log
from shared.eventlog.kafka.operator import KafkaOperator
from shared.eventlog.kafka.settings import KafkaSettings
from shared.eventlog.port import EventLog, RecordRefused
from shared.eventlog.topics import TOPICS
from shared.settings import CommonSettings, read_settings
from shared.telemetry import open_logs


class What(StrEnum):
    """What can be rebuilt."""

    LOG = "log"
    DISTRIBUTION = "distribution"


def rebuild(
    what: Annotated[
        What, typer.Argument(help="log: write it from the databases. distribution: forget its snapshot here.")
    ] = What.LOG,
    *,
    new_log: Annotated[
        bool, typer.Option("--new-log", help="Delete the topics first, with all services stopped (Kafka only).")
    ] = False,
) -> None:
    """Write the event log anew from the databases, after a restore or when it was lost; repeating it is harmless."""
    settings = read_settings(CommonSettings)
    open_logs(level="error", style=settings.log_format)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what it says of an outage is said by us
    if what is What.DISTRIBUTION:
        forget_snapshot(settings)
        return
    try:
        asyncio.run(_rebuild(settings, new_log=new_log))
    except RecordRefused as error:
        _refuse(str(error))


def forget_snapshot(settings: CommonSettings) -> None:
    """Delete the snapshot in this data folder and what was read since, and say so."""
    from services.distribution.journal_file import PATTERN  # noqa: PLC0415 - services start by this program too, alone
    from services.distribution.snapshot_file import NAME  # noqa: PLC0415 - the same

    snapshot = settings.data_dir / NAME
    try:
        for journal in settings.data_dir.glob(PATTERN):
            journal.unlink(missing_ok=True)
        snapshot.unlink()
    except FileNotFoundError:
        typer.echo(f"There is no {snapshot}; distribution reads the event log at its next start.")
    except OSError as error:
        _refuse(f"{snapshot} cannot be deleted: {error.strerror}.")
    else:
        typer.echo(f"{snapshot} is deleted; start distribution, and it reads the event log.")


async def _rebuild(settings: CommonSettings, *, new_log: bool) -> None:
    from services import rebuilding  # noqa: PLC0415 - services start by this program too, each without the others

    kafka = _operator(settings)
    if new_log and kafka is None:
        _refuse(f"--new-log is for Kafka. {_way_out(settings)}")

    async def write(log: EventLog) -> None:
        async with rebuilding.open_databases(settings) as databases:
            if await rebuilding.are_empty(databases):
                names = " and ".join(settings.database(name) for name in ("ingest", "calendar"))
                _refuse(f"{names} are empty: restore a backup first. Is KAL_DATABASE_PREFIX right?")
            if new_log and kafka is not None:
                await _delete_topics(kafka, rebuilding.GROUPS)
            try:
                await rebuilding.require_not_ahead(log, databases)
            except rebuilding.LogIsAhead as ahead:
                _refuse(f"{ahead} {_way_out(settings)}")
            if kafka is not None:
                await _mend_offsets(kafka, rebuilding.GROUPS)
            sent = await rebuilding.rebuild(log, databases)
        typer.echo(f"Written: {', '.join(f'{count} on {topic}' for topic, count in sent.items())}.")

    await with_log(settings, write)


def _way_out(settings: CommonSettings) -> str:
    if settings.kafka_bootstrap:
        return "Stop all services and say `kalendarium rebuild --new-log` to delete the topics and write them anew."
    return f"Stop Kalendarium, drop the database {settings.database('log')} and say `kalendarium rebuild`."


def _operator(settings: CommonSettings) -> KafkaOperator | None:
    if settings.kafka_bootstrap is None:
        return None
    return KafkaOperator(KafkaSettings(bootstrap=settings.kafka_bootstrap, client="kalendarium-operator"))


async def _delete_topics(kafka: KafkaOperator, groups: Sequence[str]) -> None:
    working = {group: count for group, count in (await kafka.members(groups)).items() if count}
    if working:
        _refuse(f"{' and '.join(sorted(working))} still read the log: stop all services first, and wait ten seconds.")
    await kafka.delete([topic.name for topic in TOPICS])


async def _mend_offsets(kafka: KafkaOperator, groups: Sequence[str]) -> None:
    """Let groups whose committed offsets are beyond the end of a new log begin it at its beginning.

    A member that is there finds out by itself; one that comes when as much has been written would skip it.
    """
    for group in groups:
        committed = await kafka.committed(group)
        ends = await kafka.ends(committed)
        beyond = [partition for partition, offset in committed.items() if offset > ends[partition]]
        if beyond and await kafka.commit(group, dict.fromkeys(beyond, 0)):
            typer.echo(f"{group} begins {len(beyond)} partitions anew: it had read beyond their end.")


def _refuse(reason: str) -> NoReturn:
    sys.stderr.write(f"{reason}\n")
    raise typer.Exit(1)
