"""What processes hold in memory over time, and whether that grows."""

from __future__ import annotations

import os
import statistics
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

Sample = tuple[float, int]
"""Seconds on a clock that only rises, and bytes."""


class Memory:
    """Samples of the resident memory of processes, by their names."""

    def __init__(self) -> None:
        self.samples: defaultdict[str, list[Sample]] = defaultdict(list)

    def look(self, processes: Mapping[str, int]) -> None:
        """Take a sample of each; a process that is gone has none, and one that was started anew begins anew."""
        now = time.monotonic()
        for name, process in processes.items():
            held = resident_bytes(process)
            if held:
                self.samples[f"{name} ({process})"].append((now, held))


def resident_bytes(process: int) -> int:
    """Give the bytes that a process holds in memory; 0 if it is gone, or where the system does not say."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def bytes_a_minute(samples: Sequence[Sample]) -> float:
    """Give the slope of the straight line that fits the samples best; 0 if they are fewer than three."""
    if len(samples) < 3:
        return 0.0
    seconds, held = zip(*samples, strict=True)
    return statistics.linear_regression(seconds, held).slope * 60
