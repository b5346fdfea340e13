"""Results in a file, a line of JSON each: a run cut short loses nothing, several make one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from faults.checker import Violation
from faults.row import Row, Scene
from faults.runner import Result


class _RunLine(msgspec.Struct, tag="run"):
    described: Mapping[str, str]
    seed: int
    long: bool


class _RowLine(msgspec.Struct, tag="row"):
    numbers: tuple[int, ...]
    what: str
    accepted: int
    violations: Sequence[Violation]
    healed: float | None
    notes: Sequence[str]
    not_run: str | None


@dataclass(frozen=True, slots=True)
class KeptRun:
    described: Mapping[str, str]
    seed: int
    long: bool
    results: Sequence[Result]


@dataclass(frozen=True, slots=True)
class ResultFile:
    path: Path

    def begin(self, described: Mapping[str, str], *, seed: int, long: bool) -> None:
        """Overwrites the file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(_encode_line(_RunLine(described, seed, long)))

    def add(self, result: Result) -> None:
        row = result.row
        with self.path.open("ab") as file:
            file.write(
                _encode_line(
                    _RowLine(
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


def read_results(path: Path) -> KeptRun:
    """Its rows cannot be played again. Raises ValueError, naming the line, and OSError."""
    decoder = msgspec.json.Decoder(_RunLine | _RowLine)
    run, results = None, []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            found = decoder.decode(line)
        except msgspec.DecodeError as error:
            raise ValueError(f"{path}, line {number}: {error}") from error
        match found:
            case _RunLine():
                run = found
            case _RowLine():
                results.append(_create_result(found))
    if run is None:
        raise ValueError(f"{path} does not say what was played")
    return KeptRun(run.described, run.seed, run.long, results)


def _create_result(played: _RowLine) -> Result:
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


def _encode_line(what: _RunLine | _RowLine) -> bytes:
    return msgspec.json.encode(what) + b"\n"
