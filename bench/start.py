"""Cold start of distribution: reading the whole programme from Kafka, next to aiokafka doing nothing else."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import msgspec

from bench.baselines.kafka_read import ReadResult
from bench.cores import build_pin_prefix, choose_load_core, choose_server_core, pin_process
from bench.events import make_envelopes
from bench.load import MeasurementFailed
from bench.rounds import ROUNDS, Series, collect_series, interleave
from bench.servers import Servers, require_kafka, run_service, start_servers, write_envelopes
from bench.table import Budget, Report, format_number, format_spread
from services.distribution.replica.consumer import TOPIC
from shared.region import Region

EVENTS = 30_000
SECONDS = 60
OURS, RAW = "distribution's reading", "aiokafka alone"


def measure(folder: Path, region: Region) -> Report:
    """About half a minute; raises NeedsKafka."""
    with start_servers(folder) as where:
        bootstrap = require_kafka(where)
        for process in where.kafka:
            pin_process(choose_load_core(), process)
        write_envelopes(make_envelopes(EVENTS, region), where)
        read = interleave(
            {
                OURS: partial(_read, "bench.reader", bootstrap),
                RAW: partial(_read, "bench.baselines.kafka_read", bootstrap, TOPIC),
            }
        )
        return _report(read, Series(tuple(_start(where) for _ in range(ROUNDS))))


def _read(module: str, *arguments: str) -> ReadResult:
    command = [*build_pin_prefix(choose_server_core()), sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, capture_output=True, check=False, timeout=SECONDS)  # noqa: S603 - our own program
    if done.returncode:
        raise MeasurementFailed(f"{module}: {done.stderr.decode(errors='replace').strip().splitlines()[-1]}")
    read = msgspec.json.decode(done.stdout, type=ReadResult)
    if read.records != EVENTS:
        raise MeasurementFailed(f"{module} read {read.records} of {EVENTS} records")
    return read


def _start(where: Servers) -> float:
    """Seconds until the service is ready."""
    began = time.perf_counter()
    with run_service("distribution", where):
        return time.perf_counter() - began


def _report(read: Mapping[str, list[ReadResult]], started: Series) -> Report:
    rates = {name: collect_series(found, lambda one: one.per_second) for name, found in read.items()}
    computing = {name: collect_series(found, lambda one: one.per_cpu_second) for name, found in read.items()}
    kilobytes = collect_series(read[OURS], lambda one: one.bytes_per_record / 1_000)
    return Report(
        title=f"start: distribution reads {EVENTS:,} events",
        how=(
            f"Kafka on one core, the reader on the other, in a fresh process each time, {ROUNDS} rounds; from the "
            f"connected reader to the last record. Ours keeps every event, selected and ordered, before any format is "
            f"rendered; aiokafka alone looks at nothing."
        ),
        head=("reader", "events/s, median (min–max)", "per second of CPU", "kB per event"),
        rows=[
            (OURS, format_spread(rates[OURS]), format_number(computing[OURS].median), format_number(kilobytes.median)),
            (RAW, format_spread(rates[RAW]), format_number(computing[RAW].median), ""),
        ],
        budgets=[
            Budget("reading : aiokafka alone", "at least", 0.5, rates[OURS].over(rates[RAW])),
            Budget("memory per event", "at most", 6, kilobytes, unit="kB"),
        ],
        remarks=[
            f"By computing time the ratio is {format_spread(computing[OURS].over(computing[RAW]))}.",
            f"The whole service is ready {format_spread(started)} s after its start, Python and all modules included.",
        ],
    )
