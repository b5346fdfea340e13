"""Reading the programme as distribution does at its start, in a fresh process.

``python -m bench.reader BOOTSTRAP`` writes a :class:`~bench.baselines.kafka_read.ReadResult`.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import uvloop

from bench.baselines.kafka_read import ReadResult
from services.distribution.feeds.cache import FeedCache
from services.distribution.formats import Site, create_formats
from services.distribution.programme.model import Programme
from services.distribution.replica.consumer import TOPIC, ProgrammeReader
from shared.eventlog.kafka.log import KafkaLog
from shared.eventlog.kafka.reader import KafkaReader
from shared.eventlog.kafka.settings import KafkaSettings
from shared.eventlog.port import Partition
from shared.eventlog.topic_reader import TopicReader
from shared.observability.logging import configure_logging
from shared.region import load_region

REGION = Path("deploy/region")
MOST_BYTES = 512_000_000


class TimedLog(KafkaLog):
    # What comes before the connection is the same for every reader.

    connected_at = 0.0
    computed_before = 0.0
    bytes_before = 0

    async def read(self, topics: Sequence[str], start: Mapping[Partition, int] | None = None) -> KafkaReader:
        reader = await super().read(topics, start)
        self.bytes_before = measure_memory()
        self.connected_at, self.computed_before = time.perf_counter(), time.process_time()
        return reader


async def read(bootstrap: str) -> ReadResult:
    log = TimedLog(KafkaSettings(bootstrap=bootstrap))
    programme = Programme()
    site = Site(load_region(REGION), "http://127.0.0.1:8003")
    feeds = FeedCache(programme, create_formats(site), max_bytes=MOST_BYTES)
    replay = TopicReader(log, TOPIC, ProgrammeReader(programme, feeds.invalidate).apply)
    stop = asyncio.Event()
    running = asyncio.create_task(replay.run(stop))
    try:
        await replay.caught_up.wait()
        seconds, computed = time.perf_counter() - log.connected_at, time.process_time() - log.computed_before
        return ReadResult(len(programme), seconds, computed, measure_memory() - log.bytes_before)
    finally:
        stop.set()
        await running
        await log.close()


def measure_memory() -> int:
    """0 where the system does not say."""
    gc.collect()
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def main() -> None:
    (bootstrap,) = sys.argv[1:]
    configure_logging(level="warning", style="console")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.stdout.buffer.write(msgspec.json.encode(runner.run(read(bootstrap))))


if __name__ == "__main__":
    main()
