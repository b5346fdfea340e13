"""Failure of a command: one line on standard error and exit code 1."""

from __future__ import annotations

import sys
from typing import NoReturn

import typer


def fail(reason: str) -> NoReturn:
    sys.stderr.write(f"{reason}\n")
    raise typer.Exit(1) from None
