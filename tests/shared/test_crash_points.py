from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
from shared.crash_points import reach
for step in ("outbox.sent", "consumer.handled", "outbox.sent"):
    reach(step)
    print(step, flush=True)
for key in ("e1", "e2", "e3"):
    reach("record.taken", of=key)
    print(key, flush=True)
"""


def run(crash_at: str | None) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "KAL_CRASH_AT"}
    environment |= {"PYTHONPATH": str(ROOT)} | ({} if crash_at is None else {"KAL_CRASH_AT": crash_at})
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("crash_at", [None, "", "store.written", "outbox.sent:9", "record.taken=e9"])
def test_a_place_that_is_not_named_does_nothing(crash_at: str | None) -> None:
    ended = run(crash_at)

    assert (ended.returncode, len(ended.stdout.splitlines())) == (0, 6)


@pytest.mark.parametrize(
    ("crash_at", "steps"),
    [("outbox.sent", 0), ("consumer.handled", 1), ("outbox.sent:2", 2), ("record.taken", 3), ("record.taken=e2", 4)],
)
def test_the_process_dies_where_it_is_told(crash_at: str, steps: int) -> None:
    ended = run(crash_at)

    assert (ended.returncode, len(ended.stdout.splitlines())) == (-signal.SIGKILL, steps)
