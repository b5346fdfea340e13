"""Memory of processes over time, and whether it grows."""

from __future__ import annotations

import os
import statistics
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

# Seconds on a monotonic clock, and bytes.
Sample = tuple[float, int]


class MemorySamples:
    """Samples of the resident memory of processes, by their names."""

    def __init__(self) -> None:
        self.samples: defaultdict[str, list[Sample]] = defaultdict(list)

    def take_samples(self, processes: Mapping[str, int]) -> None:
        """A process that ended has no sample, and one that was restarted begins again."""
        now = time.monotonic()
        for name, process in processes.items():
            held = read_resident_bytes(process)
            if held:
                self.samples[f"{name} ({process})"].append((now, held))


def read_resident_bytes(process: int) -> int:
    """0 if it ended, or where the system does not say."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def reset_peak(process: int) -> None:
    with suppress(OSError):
        Path(f"/proc/{process}/clear_refs").write_text("5", encoding="ascii")


def read_peak_bytes(process: int) -> int:
    """The most since :func:`reset_peak`; 0 where the system does not say."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)


def compute_bytes_per_minute(samples: Sequence[Sample]) -> float:
    """The slope of the linear regression; 0 for fewer than three samples."""
    if len(samples) < 3:
        return 0.0
    seconds, held = zip(*samples, strict=True)
    return statistics.linear_regression(seconds, held).slope * 60
