"""CPU pinning: the server on one core and the load on another, where the system can do that."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path


def choose_server_core() -> int | None:
    """None where there is only one core, or it cannot be chosen."""
    cores = _list_cores()
    return cores[0] if len(cores) > 1 else None


def choose_load_core() -> int | None:
    cores = _list_cores()
    return cores[-1] if len(cores) > 1 else None


def pin_process(core: int | None, process: int) -> None:
    """With all its threads."""
    if core is None:
        return
    for thread in Path(f"/proc/{process}/task").iterdir():
        with suppress(ProcessLookupError):  # a thread that has ended meanwhile
            os.sched_setaffinity(int(thread.name), {core})


def build_pin_prefix(core: int | None) -> Sequence[str]:
    """A command prefix."""
    return ("taskset", "-c", str(core)) if core is not None and shutil.which("taskset") else ()


def measure_cpu_seconds(*processes: int) -> float:
    """Of all their threads together; NaN where the system does not say."""
    return sum(map(_measure_cpu_seconds, processes))


def _measure_cpu_seconds(process: int) -> float:
    try:
        threads = [thread.read_text() for thread in Path(f"/proc/{process}/task").glob("*/schedstat")]
    except OSError:
        return math.nan
    return sum(int(thread.split()[0]) for thread in threads) / 1e9 if threads else math.nan


def _list_cores() -> Sequence[int]:
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else ()
