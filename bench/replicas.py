"""Replicas: one, two and three processes of calendar and of ingest, sharing partitions and one MongoDB."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
from pymongo import MongoClient
from pymongo.collection import Collection

from bench.client import Request
from bench.events import encode_bodies, make_event, make_published
from bench.keys import build_bearer_header, create_editor_key
from bench.load import MeasurementFailed, apply_load, name_load_tool
from bench.rounds import collect_series, interleave
from bench.servers import RunningProcess, Servers, require_kafka, run_service, start_servers, write_envelopes
from bench.submit import IN_FLIGHT, PATH
from bench.table import Report, format_spread
from bench.workflow import read_metric
from shared.eventlog.envelope import Envelope, wrap
from shared.messages import Organiser, SubmissionReceived
from shared.region import Region
from shared.settings import CommonSettings

PROCESSES = (1, 2, 3)
RECORDS = 1_000
SECONDS = 3.0
PATIENCE_SECONDS = 120.0
LOOK_SECONDS = 0.02
CALENDAR, INGEST = "handled by calendar", "taken in by ingest"


def measure(folder: Path, region: Region) -> Report:
    """About two minutes; raises NeedsKafka."""
    with start_servers(folder) as where, MongoClient[dict[str, Any]](where.mongo_url) as client:
        require_kafka(where)
        kept = client[CommonSettings().database("calendar")]["entries"]
        numbers = count(3_000_000)
        request = _build_request(where, region)
        targets: dict[str, Callable[[], float]] = {
            **{
                _name_target(CALENDAR, many): partial(_measure_calendar, where, region, kept, numbers, many)
                for many in PROCESSES
            },
            **{_name_target(INGEST, many): partial(_measure_ingest, where, request, many) for many in PROCESSES},
        }
        return _report(interleave(targets))


def _name_target(what: str, processes: int) -> str:
    return f"{what}, {processes} process{'es' if processes > 1 else ''}"


def _measure_calendar(
    where: Servers, region: Region, kept: Collection[dict[str, Any]], numbers: Iterator[int], many: int
) -> float:
    """Submissions per second, from the topic to the entries."""
    with _run_processes("calendar", where, many) as processes:
        _await_joined(processes)
        before = kept.count_documents({})
        envelopes = [_make_envelope(next(numbers), region) for _ in range(RECORDS)]
        began = time.perf_counter()
        write_envelopes(envelopes, where)
        while kept.count_documents({}) < before + RECORDS:
            if time.perf_counter() - began > PATIENCE_SECONDS:
                raise MeasurementFailed(
                    f"{many} processes did not handle {RECORDS} submissions in {PATIENCE_SECONDS:.0f} s"
                )
            time.sleep(LOOK_SECONDS)
        return RECORDS / (time.perf_counter() - began)


def _measure_ingest(where: Servers, request: Request, many: int) -> float:
    """Submissions per second, with as many in flight together as one process alone has."""
    with _run_processes("ingest", where, many) as processes, ThreadPoolExecutor() as pressing:
        requests = [msgspec.structs.replace(request, url=f"{each.address}{PATH}") for each in processes]
        press_one = partial(apply_load, connections=max(1, IN_FLIGHT // many), seconds=SECONDS)
        return sum(pressed.per_second for pressed in pressing.map(press_one, requests))


@contextmanager
def _run_processes(name: str, where: Servers, many: int) -> Iterator[Sequence[RunningProcess]]:
    with ExitStack() as opened:
        yield [opened.enter_context(run_service(name, where)) for _ in range(many)]


def _await_joined(processes: Sequence[RunningProcess]) -> None:
    """Raises NoFigure if one gets no partitions."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not all(asyncio.run(read_metric(each.address, "kal_consumer_joined")) for each in processes):
        if time.monotonic() > deadline:
            raise MeasurementFailed("A process got no partitions.")
        time.sleep(LOOK_SECONDS)


def _build_request(where: Servers, region: Region) -> Request:
    headers = {**build_bearer_header(create_editor_key(where.mongo_url, region)), "Content-Type": "application/json"}
    return Request("", "POST", headers, encode_bodies(RECORDS, region))


def _make_envelope(number: int, region: Region) -> Envelope:
    """As ingest sends it for a new submission."""
    made = make_published(number, region)
    message = SubmissionReceived(
        submission_id=made.event_id,
        version=1,
        content_version=1,
        organiser=Organiser(made.organiser.slug, made.organiser.name),
        external_id=made.external_id,
        sent_at=made.published_at,
        cancelled_at_version=None,
        withdrawn_at_version=None,
        event=make_event(number, region),
    )
    return wrap(message, id=made.event_id, source="/ingest", time=made.published_at)


def _report(found: Mapping[str, list[float]]) -> Report:
    rates = {name: collect_series(rounds, lambda rate: rate) for name, rounds in found.items()}
    rows = []
    for what in (CALENDAR, INGEST):
        alone = rates[_name_target(what, 1)]
        for many in PROCESSES:
            rate = rates[_name_target(what, many)]
            rows.append(
                (_name_target(what, many), format_spread(rate), format_spread(rate.over(alone)) if many > 1 else "")
            )
    return Report(
        title="replicas: processes that share the work",
        how=(
            f"Calendar: {RECORDS:,} submissions are put on the topic at once, until all of them are entries in "
            f"MongoDB; ingest: {IN_FLIGHT} submissions in flight over all processes together for {SECONDS:.0f} s, by "
            f"{name_load_tool()}. "
            f"Processes, Kafka, MongoDB and the load share {os.cpu_count()} cores, which one process and its servers "
            f"fill already, so more processes cannot add much here; this shows that they share the partitions and "
            f"lose nothing by it."
        ),
        head=("what", "submissions/s, median (min–max)", "of one process"),
        rows=rows,
        budgets=[],
    )
