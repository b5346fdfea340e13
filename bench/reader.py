"""Reading the programme as distribution does at its start: the same replay into the same memory, in a fresh process.

``python -m bench.reader BOOTSTRAP`` writes a :class:`~bench.yardsticks.kafka_read.ReadOut`.
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

from bench.yardsticks.kafka_read import ReadOut
from services.distribution.consumer import TOPIC, ProgrammeReader
from services.distribution.feeds import Feeds
from services.distribution.formats import Imprint, formats_of
from services.distribution.programme import Programme
from shared.eventlog.kafka.log import KafkaLog
from shared.eventlog.kafka.reader import KafkaReader
from shared.eventlog.kafka.settings import KafkaSettings
from shared.eventlog.port import Partition
from shared.eventlog.replay import Replay
from shared.region import load_region
from shared.telemetry import open_logs

REGION = Path("deploy/region")
MOST_BYTES = 512_000_000


class NotedLog(KafkaLog):
    """Notes when a reader was connected: what comes before is the same for whoever reads."""

    connected_at = 0.0
    computed_before = 0.0
    bytes_before = 0

    async def read(self, topics: Sequence[str], start: Mapping[Partition, int] | None = None) -> KafkaReader:
        """Read, as the log does."""
        reader = await super().read(topics, start)
        self.bytes_before = memory_in_use()
        self.connected_at, self.computed_before = time.perf_counter(), time.process_time()
        return reader


async def read(bootstrap: str) -> ReadOut:
    """Read everything that is there at the start, into a programme with its feeds."""
    log = NotedLog(KafkaSettings(bootstrap=bootstrap))
    programme = Programme()
    imprint = Imprint(load_region(REGION), "http://127.0.0.1:8003")
    feeds = Feeds(programme, formats_of(imprint), most_bytes=MOST_BYTES)
    replay = Replay(log, TOPIC, ProgrammeReader(programme, feeds.touch).take)
    stop = asyncio.Event()
    running = asyncio.create_task(replay.run(stop))
    try:
        await replay.caught_up.wait()
        seconds, computed = time.perf_counter() - log.connected_at, time.process_time() - log.computed_before
        return ReadOut(len(programme), seconds, computed, memory_in_use() - log.bytes_before)
    finally:
        stop.set()
        await running
        await log.close()


def memory_in_use() -> int:
    """Give the bytes of memory that this process holds; 0 where the system does not say."""
    gc.collect()
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def main() -> None:
    """Do what the command line says."""
    (bootstrap,) = sys.argv[1:]
    open_logs(level="warning", style="console")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.stdout.buffer.write(msgspec.json.encode(runner.run(read(bootstrap))))


if __name__ == "__main__":
    main()
