"""Findings of a check: level, state and advice. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum

import msgspec


class Level(IntEnum):
    """The worst of all is the command's exit code."""

    OK = 0
    WARNING = 1
    BROKEN = 2


class Finding(msgspec.Struct, frozen=True):
    """``what`` is the state of ``about``; ``do`` says what to do about it, unless all is well."""

    level: Level
    about: str
    what: str
    do: str = ""


def ok(about: str, what: str) -> Finding:
    return Finding(Level.OK, about, what)


def warning(about: str, what: str, do: str) -> Finding:
    return Finding(Level.WARNING, about, what, do)


def broken(about: str, what: str, do: str) -> Finding:
    return Finding(Level.BROKEN, about, what, do)


def find_worst(findings: Iterable[Finding]) -> Level:
    return max((finding.level for finding in findings), default=Level.OK)


def render_text(findings: Sequence[Finding]) -> list[str]:
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


def render_json(findings: Sequence[Finding]) -> bytes:
    listed = [msgspec.to_builtins(finding) | {"level": finding.level.name.lower()} for finding in findings]
    return msgspec.json.encode({"worst": find_worst(findings).name.lower(), "findings": listed})
