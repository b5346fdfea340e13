"""One, two and three processes of calendar and of ingest side by side, sharing partitions and one MongoDB."""

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
from bench.events import event, published
from bench.keys import bearer, editor_key
from bench.load import NoFigure, press, tool
from bench.rounds import interleave, series
from bench.sending import metric
from bench.servers import Running, Servers, needs_kafka, servers, service, write_letters
from bench.submit import IN_FLIGHT, PATH
from bench.table import Report, spread
from shared.eventlog.envelope import Letter, enclose
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
    """Measure; about two minutes.

    Raises:
        NeedsKafka: if this machine has none.

    """
    with servers(folder) as where, MongoClient[dict[str, Any]](where.mongo_url) as client:
        needs_kafka(where)
        kept = client[CommonSettings().database("calendar")]["entries"]
        numbers = count(3_000_000)
        request = _request(where, region)
        targets: dict[str, Callable[[], float]] = {
            **{_name(CALENDAR, many): partial(_handled, where, region, kept, numbers, many) for many in PROCESSES},
            **{_name(INGEST, many): partial(_taken_in, where, request, many) for many in PROCESSES},
        }
        return _report(interleave(targets))


def _name(what: str, processes: int) -> str:
    return f"{what}, {processes} process{'es' if processes > 1 else ''}"


def _handled(
    where: Servers, region: Region, kept: Collection[dict[str, Any]], numbers: Iterator[int], many: int
) -> float:
    """Put submissions on the topic and wait until all are entries; gives how many a second."""
    with _running("calendar", where, many) as processes:
        _await_joined(processes)
        before = kept.count_documents({})
        letters = [_letter(next(numbers), region) for _ in range(RECORDS)]
        began = time.perf_counter()
        write_letters(letters, where)
        while kept.count_documents({}) < before + RECORDS:
            if time.perf_counter() - began > PATIENCE_SECONDS:
                raise NoFigure(f"{many} processes did not handle {RECORDS} submissions in {PATIENCE_SECONDS:.0f} s")
            time.sleep(LOOK_SECONDS)
        return RECORDS / (time.perf_counter() - began)


def _taken_in(where: Servers, request: Request, many: int) -> float:
    """Press all processes at once, with as many in flight together as one alone has; gives submissions a second."""
    with _running("ingest", where, many) as processes, ThreadPoolExecutor() as pressing:
        requests = [msgspec.structs.replace(request, url=f"{each.address}{PATH}") for each in processes]
        press_one = partial(press, connections=max(1, IN_FLIGHT // many), seconds=SECONDS)
        return sum(pressed.per_second for pressed in pressing.map(press_one, requests))


@contextmanager
def _running(name: str, where: Servers, many: int) -> Iterator[Sequence[Running]]:
    """Run so many processes of a service, each on a port of its own."""
    with ExitStack() as opened:
        yield [opened.enter_context(service(name, where)) for _ in range(many)]


def _await_joined(processes: Sequence[Running]) -> None:
    """Wait until each has its share of the partitions.

    Raises:
        NoFigure: if one gets none.

    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not all(asyncio.run(metric(each.address, "kal_consumer_joined")) for each in processes):
        if time.monotonic() > deadline:
            raise NoFigure("A process got no partitions.")
        time.sleep(LOOK_SECONDS)


def _request(where: Servers, region: Region) -> Request:
    bodies = tuple(msgspec.json.encode(event(number, region)).decode() for number in range(RECORDS))
    headers = {**bearer(editor_key(where.mongo_url, region)), "Content-Type": "application/json"}
    return Request("", "POST", headers, bodies)


def _letter(number: int, region: Region) -> Letter:
    """Make the letter that ingest would send for a new submission."""
    made = published(number, region)
    message = SubmissionReceived(
        submission_id=made.event_id,
        version=1,
        content_version=1,
        organiser=Organiser(made.organiser.slug, made.organiser.name),
        external_id=made.external_id,
        sent_at=made.published_at,
        cancelled_at_version=None,
        withdrawn_at_version=None,
        event=event(number, region),
    )
    return enclose(message, id=made.event_id, source="/ingest", time=made.published_at)


def _report(found: Mapping[str, list[float]]) -> Report:
    rates = {name: series(rounds, lambda rate: rate) for name, rounds in found.items()}
    rows = []
    for what in (CALENDAR, INGEST):
        alone = rates[_name(what, 1)]
        for many in PROCESSES:
            rate = rates[_name(what, many)]
            rows.append((_name(what, many), spread(rate), spread(rate.over(alone)) if many > 1 else ""))
    return Report(
        title="replicas: processes that share the work",
        how=(
            f"Calendar: {RECORDS:,} submissions are put on the topic at once, until all of them are entries in "
            f"MongoDB; ingest: {IN_FLIGHT} submissions in flight over all processes together for {SECONDS:.0f} s, by "
            f"{tool()}. "
            f"Processes, Kafka, MongoDB and the load share {os.cpu_count()} cores, which one process and its servers "
            f"fill already, so more processes cannot add much here; this shows that they share the partitions and "
            f"lose nothing by it."
        ),
        head=("what", "submissions/s, median (min–max)", "of one process"),
        rows=rows,
        budgets=[],
    )
