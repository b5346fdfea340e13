"""What a check found: how bad it is, what is the case, and what to do. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum

import msgspec


class Level(IntEnum):
    """How bad it is; the worst of all is the command's exit code."""

    OK = 0
    WARNING = 1
    BROKEN = 2


class Finding(msgspec.Struct, frozen=True):
    """One sentence that says what is the case with ``about``, and unless all is well one that says what to do."""

    level: Level
    about: str
    what: str
    do: str = ""


def ok(about: str, what: str) -> Finding:
    """Say that something is as it should be."""
    return Finding(Level.OK, about, what)


def warning(about: str, what: str, do: str) -> Finding:
    """Say that something works and should be looked at."""
    return Finding(Level.WARNING, about, what, do)


def broken(about: str, what: str, do: str) -> Finding:
    """Say that something does not work."""
    return Finding(Level.BROKEN, about, what, do)


def worst(findings: Iterable[Finding]) -> Level:
    """Give the worst level of all."""
    return max((finding.level for finding in findings), default=Level.OK)


def in_lines(findings: Sequence[Finding]) -> list[str]:
    """Write findings for a terminal, and a line that sums them up."""
    wide = max((len(finding.about) for finding in findings), default=0)
    lines: list[str] = []
    for finding in findings:
        name = finding.level.name.lower()
        lines.append(f"{name:<8} {finding.about:<{wide}}  {finding.what}")
        if finding.do:
            lines.append(f"{'':<8} {'':<{wide}}  -> {finding.do}")
    counts = {level: sum(finding.level is level for finding in findings) for level in Level}
    summary = f"{counts[Level.OK]} ok, {counts[Level.WARNING]} to be looked at, {counts[Level.BROKEN]} broken."
    return [*lines, "", summary]


def in_json(findings: Sequence[Finding]) -> bytes:
    """Write findings for a program: ``worst`` and each finding with its level as a word."""
    listed = [msgspec.to_builtins(finding) | {"level": finding.level.name.lower()} for finding in findings]
    return msgspec.json.encode({"worst": worst(findings).name.lower(), "findings": listed})
