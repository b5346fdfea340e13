"""Writes docs/metrics.md from what the services themselves say of their numbers: ``python -m docs.metrics``."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import services.calendar.app
import services.distribution.app
import services.ingest.app
from shared.database.client import open_database
from shared.eventlog.mongo.log import EmbeddedLog
from shared.settings import CommonSettings, read_settings
from shared.web.ops.exposition import MetricDescription

PAGE: Final = Path(__file__).with_name("metrics.md")
NOWHERE: Final = "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100"
HEAD: Final = """\
# Metrics

Every service answers `/metrics` on its own port in Prometheus' text format; where the three run in one process, one
answer holds the numbers of all. This list is generated from the code (`python -m docs.metrics`), and a test keeps it
current. What to do when a number is bad is in [operations.md](operations.md); the alerts are in
`deploy/monitoring/alerts.yml`.

Every number carries the label `service`. Ages and durations are in seconds. A number that is unknown now, because the
database or the log is unavailable, is `NaN` or absent; never an error, never the previous number. Counters begin at 0
with each start of the process.

| name | kind | labels | of | meaning |
|---|---|---|---|---|
"""
FOOT: Final = """
For the process itself, without `service`, the Python client adds `process_resident_memory_bytes`,
`process_virtual_memory_bytes`, `process_cpu_seconds_total`, `process_start_time_seconds`, `process_open_fds`,
`process_max_fds`, `python_gc_…` and `python_info`.
"""


async def described(settings: CommonSettings) -> dict[MetricDescription, list[str]]:
    """Open the three services and ask which numbers they have; gives the services that have each."""
    found: dict[MetricDescription, list[str]] = defaultdict(list)
    async with AsyncExitStack() as opened:
        log = EmbeddedLog(await opened.enter_async_context(open_database(settings.mongo_url, settings.database("log"))))
        opened.push_async_callback(log.close)
        ingest = services.ingest.app.create_app(read_settings(services.ingest.app.Settings, common=settings), log=log)
        calendar = services.calendar.app.create_app(
            read_settings(services.calendar.app.Settings, common=settings), log=log
        )
        front = services.distribution.app.create_app(
            read_settings(services.distribution.app.Settings, common=settings), log=log
        )
        for app in (ingest, calendar, front.fastapi):
            await opened.enter_async_context(app.router.lifespan_context(app))
            health = app.state.health
            for each in health.metrics.describe():
                found[each].append(health.service)
    return found


def page(found: dict[MetricDescription, list[str]]) -> str:
    """Write the list."""
    return HEAD + "".join(_row(each, found[each]) for each in sorted(found)) + FOOT


def _row(each: MetricDescription, of: list[str]) -> str:
    labels = ", ".join(f"`{label}`" for label in each.labels)
    services_named = "all" if len(of) == 3 else ", ".join(of)  # noqa: PLR2004 - there are three
    return f"| `{each.name}` | {each.kind} | {labels} | {services_named} | {each.meaning} |\n"


if __name__ == "__main__":
    settings = CommonSettings(mongo_url=NOWHERE, data_dir=Path("var/metrics"))
    PAGE.write_text(page(asyncio.run(described(settings))), encoding="utf-8")
