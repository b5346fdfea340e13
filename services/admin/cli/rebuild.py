"""`kalendarium rebuild`: rewrites the event log from the databases, and deletes what distribution keeps."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer

from services.admin.cli.failure import fail
from services.admin.log import run_with_log
from shared.eventlog.kafka.admin import KafkaAdmin
from shared.eventlog.kafka.settings import KafkaSettings
from shared.eventlog.port import EventLog, RecordRefused
from shared.eventlog.topics import TOPICS
from shared.observability.logging import configure_logging
from shared.settings import CommonSettings, read_settings


class RebuildTarget(StrEnum):
    LOG = "log"
    DISTRIBUTION = "distribution"


def rebuild(
    what: Annotated[
        RebuildTarget, typer.Argument(help="log: write it from the databases. distribution: forget its snapshot here.")
    ] = RebuildTarget.LOG,
    *,
    new_log: Annotated[
        bool, typer.Option("--new-log", help="Delete the topics first, with all services stopped (Kafka only).")
    ] = False,
) -> None:
    """Write the event log anew from the databases, after a restore or when it was lost; repeating it is harmless."""
    settings = read_settings(CommonSettings)
    configure_logging(level="error", style=settings.log_format)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what it says of an outage is said by us
    if what is RebuildTarget.DISTRIBUTION:
        forget_snapshot(settings)
        return
    try:
        asyncio.run(_rebuild(settings, new_log=new_log))
    except RecordRefused as error:
        fail(str(error))


def forget_snapshot(settings: CommonSettings) -> None:
    from services.distribution.replica.journal_store import PATTERN  # noqa: PLC0415 - services start by this program too, alone
    from services.distribution.replica.snapshot_store import NAME  # noqa: PLC0415 - the same

    snapshot = settings.data_dir / NAME
    try:
        for journal in settings.data_dir.glob(PATTERN):
            journal.unlink(missing_ok=True)
        snapshot.unlink()
    except FileNotFoundError:
        typer.echo(f"There is no {snapshot}; distribution reads the event log at its next start.")
    except OSError as error:
        fail(f"{snapshot} cannot be deleted: {error.strerror}.")
    else:
        typer.echo(f"{snapshot} is deleted; start distribution, and it reads the event log.")


async def _rebuild(settings: CommonSettings, *, new_log: bool) -> None:
    from services.admin import rebuild  # noqa: PLC0415 - loads all three services

    kafka = _create_kafka_admin(settings)
    if new_log and kafka is None:
        fail(f"--new-log is for Kafka. {_advise(settings)}")

    async def write(log: EventLog) -> None:
        async with rebuild.open_databases(settings) as databases:
            if await rebuild.are_empty(databases):
                names = " and ".join(settings.database(name) for name in ("ingest", "calendar"))
                fail(f"{names} are empty: restore a backup first. Is KAL_DATABASE_PREFIX right?")
            if new_log and kafka is not None:
                await _delete_topics(kafka, rebuild.GROUPS)
            try:
                await rebuild.require_not_ahead(log, databases)
            except rebuild.LogIsAhead as ahead:
                fail(f"{ahead} {_advise(settings)}")
            if kafka is not None:
                await _reset_offsets(kafka, rebuild.GROUPS)
            sent = await rebuild.rebuild(log, databases)
        typer.echo(f"Written: {', '.join(f'{count} on {topic}' for topic, count in sent.items())}.")

    await run_with_log(settings, write)


def _advise(settings: CommonSettings) -> str:
    if settings.kafka_bootstrap:
        return "Stop all services and say `kalendarium rebuild --new-log` to delete the topics and write them anew."
    return f"Stop Kalendarium, drop the database {settings.database('log')} and say `kalendarium rebuild`."


def _create_kafka_admin(settings: CommonSettings) -> KafkaAdmin | None:
    if settings.kafka_bootstrap is None:
        return None
    return KafkaAdmin(KafkaSettings(bootstrap=settings.kafka_bootstrap, client="kalendarium-operator"))


async def _delete_topics(kafka: KafkaAdmin, groups: Sequence[str]) -> None:
    working = {group: count for group, count in (await kafka.count_members(groups)).items() if count}
    if working:
        fail(f"{' and '.join(sorted(working))} still read the log: stop all services first, and wait ten seconds.")
    await kafka.delete([topic.name for topic in TOPICS])


async def _reset_offsets(kafka: KafkaAdmin, groups: Sequence[str]) -> None:
    # A member that is running notices by itself; one that comes once as much has been written would skip it.
    for group in groups:
        committed = await kafka.get_committed(group)
        ends = await kafka.get_ends(committed)
        beyond = [partition for partition, offset in committed.items() if offset > ends[partition]]
        if beyond and await kafka.commit(group, dict.fromkeys(beyond, 0)):
            typer.echo(f"{group} begins {len(beyond)} partitions anew: it had read beyond their end.")
