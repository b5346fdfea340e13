"""Where the time goes inside a service: Python's own profiler, begun and ended by signals.

``python -m bench.profiled NAME FILE`` runs a service as ``kalendarium NAME`` does. SIGUSR1 begins, SIGUSR2 ends and
writes the functions that took most of the time to FILE as JSON. The profiler itself makes small functions look dearer
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

from bench.load import NoFigure
from bench.servers import Running, Servers, running_service

MOST = 15
WRITTEN_SECONDS = 20.0


class Spent(msgspec.Struct, frozen=True):
    """What a function took: its own seconds, and those with everything that it called."""

    function: str
    calls: int
    own_seconds: float
    all_seconds: float


class Profile(msgspec.Struct, frozen=True):
    """The dearest functions first; ``own_seconds`` are those of all functions together."""

    own_seconds: float
    functions: list[Spent]


class Profiled:
    """A service under the profiler."""

    def __init__(self, service: Running, file: Path) -> None:
        self.address = service.address
        self._process = service.process
        self._file = file

    @contextmanager
    def watched(self) -> Iterator[list[Profile]]:
        """Profile what happens within the block; afterwards the list holds what was found.

        Raises:
            NoFigure: if the service does not write it.

        """
        found: list[Profile] = []
        os.kill(self._process, signal.SIGUSR1)
        yield found
        os.kill(self._process, signal.SIGUSR2)
        deadline = time.monotonic() + WRITTEN_SECONDS
        while not self._file.exists():
            if time.monotonic() > deadline:
                raise NoFigure("The profile was not written.")
            time.sleep(0.05)
        found.append(msgspec.json.decode(self._file.read_bytes(), type=Profile))
        self._file.unlink()


@contextmanager
def profiled(name: str, where: Servers, *, core: int | None = None) -> Iterator[Profiled]:
    """Run a service under the profiler, which is idle until asked."""
    file = where.folder / f"{name}.profile"
    command = [sys.executable, "-m", "bench.profiled", name, str(file)]
    with running_service(name, where, core=core, command=command) as service:
        yield Profiled(service, file)


def main() -> None:
    """Run the service."""
    from services.cli import kalendarium  # noqa: PLC0415 - only the process that is a service needs all of it

    name, file = sys.argv[1:]
    profile = cProfile.Profile()

    def end(*_: object) -> None:
        profile.disable()
        coming = Path(file).with_suffix(".coming")
        coming.write_bytes(msgspec.json.encode(_dearest(profile)))
        coming.rename(file)

    def begin(*_: object) -> None:
        profile.clear()
        profile.enable()

    signal.signal(signal.SIGUSR1, begin)
    signal.signal(signal.SIGUSR2, end)
    sys.argv = ["kalendarium", name]
    kalendarium()


def _dearest(profile: cProfile.Profile) -> Profile:
    stats: dict[tuple[str, int, str], tuple[int, int, float, float, object]] = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    found = [Spent(_named(where), calls, own, every) for where, (_, calls, own, every, _) in stats.items()]
    found.sort(key=lambda each: -each.own_seconds)
    return Profile(sum(each.own_seconds for each in found), found[:MOST])


def _named(where: tuple[str, int, str]) -> str:
    """Name a function as one looks for it: by its file within the project or its package."""
    path, line, name = where
    if not line:
        return name.strip("<>")
    parts: Sequence[str] = Path(path).parts
    cut = parts.index("site-packages") + 1 if "site-packages" in parts else max(len(parts) - 3, 0)
    return f"{'/'.join(parts[cut:])}:{name}"


if __name__ == "__main__":
    main()
