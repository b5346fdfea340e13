"""Profiler inside a service, started and stopped by signals.

``python -m bench.profiled_service NAME FILE`` runs a service as ``kalendarium NAME`` does. SIGUSR1 starts, SIGUSR2
stops and writes the most expensive functions to FILE as JSON. The profiler makes small functions look more expensive
than they are, so the shares say where to look, not how fast anything is.
"""

from __future__ import annotations

import cProfile
import os
import pstats
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from bench.load import MeasurementFailed
from bench.servers import RunningProcess, Servers, run_command_as_service

MOST = 15
WRITTEN_SECONDS = 20.0


class FunctionCost(msgspec.Struct, frozen=True):
    """``own_seconds`` without, ``all_seconds`` with the functions that it called."""

    function: str
    calls: int
    own_seconds: float
    all_seconds: float


class Profile(msgspec.Struct, frozen=True):
    """The most expensive functions first; ``own_seconds`` are those of all functions together."""

    own_seconds: float
    functions: list[FunctionCost]


class ProfiledService:
    def __init__(self, service: RunningProcess, file: Path) -> None:
        self.address = service.address
        self._process = service.process
        self._file = file

    @contextmanager
    def profile(self) -> Iterator[list[Profile]]:
        """Profile the block; afterwards the list holds the result. Raises NoFigure."""
        found: list[Profile] = []
        os.kill(self._process, signal.SIGUSR1)
        yield found
        os.kill(self._process, signal.SIGUSR2)
        deadline = time.monotonic() + WRITTEN_SECONDS
        while not self._file.exists():
            if time.monotonic() > deadline:
                raise MeasurementFailed("The profile was not written.")
            time.sleep(0.05)
        found.append(msgspec.json.decode(self._file.read_bytes(), type=Profile))
        self._file.unlink()


@contextmanager
def run_profiled(name: str, where: Servers, *, core: int | None = None) -> Iterator[ProfiledService]:
    """It is idle until asked."""
    file = where.folder / f"{name}.profile"
    command = [sys.executable, "-m", "bench.profiled_service", name, str(file)]
    with run_command_as_service(name, where, core=core, command=command) as service:
        yield ProfiledService(service, file)


def main() -> None:
    from services.cli import kalendarium  # noqa: PLC0415 - only the process that is a service needs all of it

    name, file = sys.argv[1:]
    profile = cProfile.Profile()

    def end(*_: object) -> None:
        profile.disable()
        coming = Path(file).with_suffix(".coming")
        coming.write_bytes(msgspec.json.encode(_build_profile(profile)))
        coming.rename(file)

    def begin(*_: object) -> None:
        profile.clear()
        profile.enable()

    signal.signal(signal.SIGUSR1, begin)
    signal.signal(signal.SIGUSR2, end)
    sys.argv = ["kalendarium", name]
    kalendarium()


def _build_profile(profile: cProfile.Profile) -> Profile:
    stats: dict[tuple[str, int, str], tuple[int, int, float, float, object]] = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    found = [
        FunctionCost(_name_function(where), calls, own, every) for where, (_, calls, own, every, _) in stats.items()
    ]
    found.sort(key=lambda each: -each.own_seconds)
    return Profile(sum(each.own_seconds for each in found), found[:MOST])


def _name_function(where: tuple[str, int, str]) -> str:
    """By its file within the project or its package."""
    path, line, name = where
    if not line:
        return name.strip("<>")
    parts: Sequence[str] = Path(path).parts
    cut = parts.index("site-packages") + 1 if "site-packages" in parts else max(len(parts) - 3, 0)
    return f"{'/'.join(parts[cut:])}:{name}"


if __name__ == "__main__":
    main()
