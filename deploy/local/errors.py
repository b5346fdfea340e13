"""Start-up errors of local servers; the text of each is one line for the operator."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

MAX_QUOTE_LENGTH = 300


class StartError(Exception):
    """One line that says why and what to do."""


class PortTaken(StartError):
    def __init__(self, port: int, wanted_for: str) -> None:
        super().__init__(
            f"Port {port}, wanted for {wanted_for}, is taken: stop the program on it or choose another port."
        )
        self.port = port


class DiskFull(StartError):
    def __init__(self, folder: Path, needs: str = "some") -> None:
        super().__init__(f"The disk under {folder} is full: {needs} free space is needed, so delete something there.")


class NotWritable(StartError):
    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"Cannot write to {folder}: {reason}.")


class DataInUse(StartError):
    def __init__(self, name: str, log: Path) -> None:
        super().__init__(f"The data of {name} is in use by another process: stop that one first (log: {log}).")


class LibraryMissing(StartError):
    def __init__(self, name: str, library: str) -> None:
        hint = ", on Debian and Ubuntu by: apt-get install libcurl4" if library.startswith("libcurl") else ""
        super().__init__(f"{name} needs {library}, which is not installed: install it{hint}.")


class ExitedEarly(StartError):
    # For a cause that we do not recognise in its log.

    def __init__(self, name: str, code: int, log: Path, quote: str) -> None:
        super().__init__(
            f"{name} ended with code {code} before it was ready; it said: {quote or 'nothing'} (log: {log})"
        )


class StartTimeout(StartError):
    def __init__(self, name: str, seconds: float, log: Path) -> None:
        super().__init__(f"{name} was not ready within {seconds:.0f} s (log: {log}).")


_CAUSES: tuple[tuple[str, Callable[[str, Path, re.Match[str]], StartError]], ...] = (
    (r"No space left on device", lambda _, log, __: DiskFull(log.parent)),
    (r"error while loading shared libraries: ([^:\s]+)", lambda name, _, found: LibraryMissing(name, found[1])),
    (r"DBPathInUse|Failed to acquire lock on file", lambda name, log, _: DataInUse(name, log)),
)


def explain_exit(name: str, code: int, said: str, log: Path) -> StartError:
    for pattern, cause in _CAUSES:
        if found := re.search(pattern, said):
            return cause(name, log, found)
    return ExitedEarly(name, code, log, _find_error_line(said))


def _find_error_line(said: str) -> str:
    """The last line that looks like an error, else the last line, truncated."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    complaints = [line for line in lines if re.search(r'"s":"[EF]"|\b(ERROR|FATAL|Error|Exception)\b', line)]
    return (complaints or lines or [""])[-1][:MAX_QUOTE_LENGTH]
