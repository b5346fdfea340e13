"""The cold start of distribution: reading the whole programme from Kafka, beside aiokafka doing nothing else."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import msgspec

from bench.cores import keep_to, load_core, on, server_core
from bench.events import letters
from bench.load import NoFigure
from bench.rounds import ROUNDS, Series, interleave, series
from bench.servers import Servers, needs_kafka, servers, service, write_letters
from bench.table import Budget, Report, number, spread
from bench.yardsticks.kafka_read import ReadOut
from services.distribution.consumer import TOPIC
from shared.region import Region

EVENTS = 30_000
SECONDS = 60
OURS, RAW = "distribution's reading", "aiokafka alone"


def measure(folder: Path, region: Region) -> Report:
    """Measure; about half a minute.

    Raises:
        NeedsKafka: if this machine has none.

    """
    with servers(folder) as where:
        bootstrap = needs_kafka(where)
        for process in where.kafka:
            keep_to(load_core(), process)
        write_letters(letters(EVENTS, region), where)
        read = interleave(
            {
                OURS: partial(_read, "bench.reader", bootstrap),
                RAW: partial(_read, "bench.yardsticks.kafka_read", bootstrap, TOPIC),
            }
        )
        return _report(read, Series(tuple(_start(where) for _ in range(ROUNDS))))


def _read(module: str, *arguments: str) -> ReadOut:
    command = [*on(server_core()), sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, capture_output=True, check=False, timeout=SECONDS)  # noqa: S603 - our own program
    if done.returncode:
        raise NoFigure(f"{module}: {done.stderr.decode(errors='replace').strip().splitlines()[-1]}")
    read = msgspec.json.decode(done.stdout, type=ReadOut)
    if read.records != EVENTS:
        raise NoFigure(f"{module} read {read.records} of {EVENTS} records")
    return read


def _start(where: Servers) -> float:
    """Start the whole service and give the seconds until it is ready."""
    began = time.perf_counter()
    with service("distribution", where):
        return time.perf_counter() - began


def _report(read: Mapping[str, list[ReadOut]], started: Series) -> Report:
    rates = {name: series(found, lambda one: one.per_second) for name, found in read.items()}
    computing = {name: series(found, lambda one: one.per_cpu_second) for name, found in read.items()}
    kilobytes = series(read[OURS], lambda one: one.bytes_per_record / 1_000)
    return Report(
        title=f"start: distribution reads {EVENTS:,} events",
        how=(
            f"Kafka on one core, the reader on the other, in a fresh process each time, {ROUNDS} rounds; from the "
            f"connected reader to the last record. Ours keeps every event, selected and ordered, before any format is "
            f"rendered; aiokafka alone looks at nothing."
        ),
        head=("reader", "events/s, median (min–max)", "per second of CPU", "kB per event"),
        rows=[
            (OURS, spread(rates[OURS]), number(computing[OURS].median), number(kilobytes.median)),
            (RAW, spread(rates[RAW]), number(computing[RAW].median), ""),
        ],
        budgets=[
            Budget("reading : aiokafka alone", "at least", 0.5, rates[OURS].over(rates[RAW])),
            Budget("memory per event", "at most", 6, kilobytes, unit="kB"),
        ],
        remarks=[
            f"By computing time the ratio is {spread(computing[OURS].over(computing[RAW]))}.",
            f"The whole service is ready {spread(started)} s after its start, Python and all modules included.",
        ],
    )
