"""Keeps the server on one core and the load on another, where the system can do that."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Sequence
from pathlib import Path


def server_core() -> int | None:
    """Give the core of what is measured; None where there is one core only, or none can be chosen."""
    cores = _cores()
    return cores[0] if len(cores) > 1 else None


def load_core() -> int | None:
    """Give the core of what makes the load."""
    cores = _cores()
    return cores[-1] if len(cores) > 1 else None


def keep_to(core: int | None, process: int) -> None:
    """Keep a running process, with all its threads, to a core."""
    if core is None:
        return
    for thread in Path(f"/proc/{process}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {core})


def on(core: int | None) -> Sequence[str]:
    """Give what to put before a command so that it keeps to a core from its start."""
    return ("taskset", "-c", str(core)) if core is not None and shutil.which("taskset") else ()


def cpu_seconds(*processes: int) -> float:
    """Tell how long processes have been computing, all their threads together; NaN where the system does not say."""
    return sum(map(_cpu_seconds, processes))


def _cpu_seconds(process: int) -> float:
    try:
        threads = [thread.read_text() for thread in Path(f"/proc/{process}/task").glob("*/schedstat")]
    except OSError:
        return math.nan
    return sum(int(thread.split()[0]) for thread in threads) / 1e9 if threads else math.nan


def _cores() -> Sequence[int]:
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else ()
