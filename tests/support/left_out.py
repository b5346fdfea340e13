"""What a machine cannot test is left out loudly: a line at the end of the run says what, and how to get it.

``KAL_REQUIRE_<KIND>=1`` (``KAL_REQUIRE_KAFKA=1``, say) turns what would be left out into a failure.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Final, NoReturn

import pytest

WANTING: Final = "for want of "
"""Begins the reason of every test that is left out, and of no other skip; reports bring it from xdist's workers."""


def leave_out(kind: str, reason: str) -> NoReturn:
    """Skip the test that asked for ``kind``; its one-line ``reason``, which names the remedy, is shown at the end."""
    line = f"{kind}: {reason}"
    if os.environ.get(f"KAL_REQUIRE_{kind.upper()}") == "1":
        pytest.fail(f"Required, and not to be had: {line}", pytrace=False)
    pytest.skip(WANTING + line)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print one line for each kind of test that was left out."""
    reasons = (_reason(report) for report in terminalreporter.stats.get("skipped", []))
    for reason, count in Counter(each for each in reasons if each.startswith(WANTING)).items():
        terminalreporter.write_line(f"LEFT OUT: {count} test{'s' * (count != 1)} {reason}", yellow=True, bold=True)


def _reason(report: pytest.TestReport) -> str:
    """Why a test was skipped: pytest reports a skip as its place, its line and this."""
    *_, reason = report.longrepr if isinstance(report.longrepr, tuple) else ("",)
    return str(reason).removeprefix("Skipped: ")
