"""Why a local server cannot start: errors whose text is one line for the person who started it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

LONGEST_QUOTE = 300


class CannotStart(Exception):
    """A server cannot start; ``str()`` of it is one line that says why and what to do."""


class PortTaken(CannotStart):
    """Another program listens where a server wants to."""

    def __init__(self, port: int, wanted_for: str) -> None:
        super().__init__(
            f"Port {port}, wanted for {wanted_for}, is taken: stop the program on it or choose another port."
        )
        self.port = port


class DiskFull(CannotStart):
    """There is no room, or too little, for a server's data."""

    def __init__(self, folder: Path, needs: str = "some") -> None:
        super().__init__(f"The disk under {folder} is full: {needs} free space is needed, so delete something there.")


class NotWritable(CannotStart):
    """A folder for data or logs cannot be made or written."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"Cannot write to {folder}: {reason}.")


class DataInUse(CannotStart):
    """Another process works on the same data."""

    def __init__(self, name: str, log: Path) -> None:
        super().__init__(f"The data of {name} is in use by another process: stop that one first (log: {log}).")


class LibraryMissing(CannotStart):
    """A program needs a shared library that the machine does not have."""

    def __init__(self, name: str, library: str) -> None:
        hint = ", on Debian and Ubuntu by: apt-get install libcurl4" if library.startswith("libcurl") else ""
        super().__init__(f"{name} needs {library}, which is not installed: install it{hint}.")


class EndedEarly(CannotStart):
    """A server ended before it answered, for a reason that only its log knows."""

    def __init__(self, name: str, code: int, log: Path, quote: str) -> None:
        super().__init__(
            f"{name} ended with code {code} before it was ready; it said: {quote or 'nothing'} (log: {log})"
        )


class NotReady(CannotStart):
    """A server runs and does not answer in time."""

    def __init__(self, name: str, seconds: float, log: Path) -> None:
        super().__init__(f"{name} was not ready within {seconds:.0f} s (log: {log}).")


_CAUSES: tuple[tuple[str, Callable[[str, Path, re.Match[str]], CannotStart]], ...] = (
    (r"No space left on device", lambda _, log, __: DiskFull(log.parent)),
    (r"error while loading shared libraries: ([^:\s]+)", lambda name, _, found: LibraryMissing(name, found[1])),
    (r"DBPathInUse|Failed to acquire lock on file", lambda name, log, _: DataInUse(name, log)),
)


def why_it_ended(name: str, code: int, said: str, log: Path) -> CannotStart:
    """The error for a server that ended with ``code`` after it ``said`` something in its ``log``."""
    for pattern, cause in _CAUSES:
        if found := re.search(pattern, said):
            return cause(name, log, found)
    return EndedEarly(name, code, log, _last_complaint(said))


def _last_complaint(said: str) -> str:
    """The last line that looks like a complaint, or the last line, cut to a readable length."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    complaints = [line for line in lines if re.search(r'"s":"[EF]"|\b(ERROR|FATAL|Error|Exception)\b', line)]
    return (complaints or lines or [""])[-1][:LONGEST_QUOTE]
