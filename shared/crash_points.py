"""Places where a test may kill the process, to show that nothing is lost or doubled there.

``KAL_CRASH_AT=outbox.sent`` ends the process with SIGKILL when it first reaches that place, ``outbox.sent:3`` when it
reaches it for the third time, and ``record.taken=<key>`` whenever it comes to that record. Without the variable, which
only tests set, reaching a place does nothing.
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
RECORD_TAKEN = "record.taken"
"""Before a handler has a record."""
FETCH_TASK = "fetch.task"
"""Where nobody dies: the log's client loses the task that fetches, and says nothing (reliability of aiokafka)."""
RECORD_READ = "record.read"
"""After distribution was handed a record, before the programme has it."""
RECORD_APPLIED = "record.applied"
"""After the programme has a record, before a feed does."""


@cache
def _wanted() -> tuple[str, str, int]:
    """The place that the environment names, of what, and at which time; read once, for records come fast."""
    place, _, time = os.environ.get(VARIABLE, "").partition(":")
    name, _, of = place.partition("=")
    return name, of, int(time or "1")


def is_anywhere() -> bool:
    """Tell whether the environment names any place: where records come by the thousand, asking once is enough."""
    return bool(_wanted()[0])


@cache
def _reached() -> Counter[str]:
    return Counter()


def comes_to(place: str, of: str = "") -> bool:
    """Tell whether the environment names this place, and it is the time; ``of`` is what is in hand there."""
    name, wanted, time = _wanted()
    if name != place or (wanted and wanted != of):
        return False
    _reached()[place] += 1
    return _reached()[place] >= time


def reach(place: str, of: str = "") -> None:
    """Kill this process at once if the environment names this place."""
    if comes_to(place, of):
        os.kill(os.getpid(), signal.SIGKILL)
