"""What a machine cannot test is left out loudly: a line at the end of the run says what, and how to get it.

``KAL_REQUIRE_<KIND>=1`` (``KAL_REQUIRE_KAFKA=1``, say) turns what would be left out into a failure.
"""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

_REASONS = pytest.StashKey[dict[str, str]]()


def leave_out(config: pytest.Config, kind: str, reason: str) -> NoReturn:
    """Skip the test that asked for ``kind``; its one-line ``reason``, which names the remedy, is shown at the end."""
    line = f"{kind}: {reason}"
    if os.environ.get(f"KAL_REQUIRE_{kind.upper()}") == "1":
        pytest.fail(f"Required, and not to be had: {line}", pytrace=False)
    config.stash.setdefault(_REASONS, {})[kind] = line
    pytest.skip(line)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print one line for each kind of test that was left out."""
    skipped = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    for line in config.stash.get(_REASONS, {}).values():
        count = sum(line in reason for reason in skipped)
        terminalreporter.write_line(
            f"LEFT OUT: {count} test{'s' * (count != 1)} for want of {line}", yellow=True, bold=True
        )
