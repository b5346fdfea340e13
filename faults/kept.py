"""Results kept in a file as they come, a line of JSON each: a run cut short loses nothing, several make one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from faults.checker import Violation
from faults.playing import Result
from faults.row import Row, Scene


class _Run(msgspec.Struct, tag="run"):
    described: Mapping[str, str]
    seed: int
    long: bool


class _Played(msgspec.Struct, tag="row"):
    numbers: tuple[int, ...]
    what: str
    accepted: int
    violations: Sequence[Violation]
    healed: float | None
    notes: Sequence[str]
    not_run: str | None


@dataclass(frozen=True, slots=True)
class Kept:
    """One run: what it was played on, its first seed, whether with the longer faults, and what came of each row."""

    described: Mapping[str, str]
    seed: int
    long: bool
    results: Sequence[Result]


@dataclass(frozen=True, slots=True)
class Keeper:
    """Adds to a file what is found, each row as soon as it was played."""

    path: Path

    def begin(self, described: Mapping[str, str], *, seed: int, long: bool) -> None:
        """Say what is being played; whatever stood in the file is gone."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(_line(_Run(described, seed, long)))

    def add(self, result: Result) -> None:
        """Add a row."""
        row = result.row
        with self.path.open("ab") as file:
            file.write(
                _line(
                    _Played(
                        row.numbers,
                        row.what,
                        result.accepted,
                        result.violations,
                        result.healed,
                        result.notes,
                        result.not_run,
                    )
                )
            )


def read_kept(path: Path) -> Kept:
    """Read a run that was kept; its rows cannot be played again from there.

    Raises:
        ValueError: it is no such file; the text says which line is not.
        OSError: it cannot be read.

    """
    decoder = msgspec.json.Decoder(_Run | _Played)
    run, results = None, []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            found = decoder.decode(line)
        except msgspec.DecodeError as error:
            raise ValueError(f"{path}, line {number}: {error}") from error
        match found:
            case _Run():
                run = found
            case _Played():
                results.append(_result(found))
    if run is None:
        raise ValueError(f"{path} does not say what was played")
    return Kept(run.described, run.seed, run.long, results)


def _result(played: _Played) -> Result:
    return Result(
        Row(played.numbers, played.what, _is_over),
        played.accepted,
        list(played.violations),
        played.healed,
        list(played.notes),
        played.not_run,
    )


async def _is_over(_: Scene) -> None:
    raise RuntimeError("a row that was read from a file cannot be played")


def _line(what: _Run | _Played) -> bytes:
    return msgspec.json.encode(what) + b"\n"
