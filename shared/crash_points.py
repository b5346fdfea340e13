"""Places where a test may kill the process, to show that nothing is lost or doubled there.

``KAL_CRASH_AT=outbox.sent`` ends the process with SIGKILL when it first reaches that place, ``outbox.sent:3`` when it
reaches it for the third time. Without the variable, which only tests set, reaching a place does nothing.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from functools import cache

VARIABLE = "KAL_CRASH_AT"

STORE_WRITTEN = "store.written"
"""After a service's write, before the relay: called by the stores."""
OUTBOX_SENT = "outbox.sent"
"""After the log's answer, before the message leaves the outbox."""
CONSUMER_HANDLED = "consumer.handled"
"""After a handler's effect, before the offset is committed."""
RECORD_READ = "record.read"
"""After distribution was handed a record, before the programme has it."""
RECORD_APPLIED = "record.applied"
"""After the programme has a record, before a feed does."""


@cache
def _wanted() -> tuple[str, int]:
    """The place that the environment names, and at which time it is meant; read once, for records come fast."""
    name, _, time = os.environ.get(VARIABLE, "").partition(":")
    return name, int(time or "1")


@cache
def _reached() -> Counter[str]:
    return Counter()


def reach(place: str) -> None:
    """Kill this process at once if the environment names this place."""
    name, time = _wanted()
    if name != place:
        return
    _reached()[place] += 1
    if _reached()[place] >= time:
        os.kill(os.getpid(), signal.SIGKILL)
