"""Which failures need no traceback: a line says what is the case and what to do."""

from __future__ import annotations

from typing import Final

import httpx

from deploy.local.cannot_start import CannotStart
from services.demo import DemoFailed
from services.import_programme.sending import NoKey
from shared.database import is_away
from shared.eventlog.port import AnotherProcessConsumes, LogAway, TopicMismatch
from shared.region import RegionPackBroken
from shared.settings import SettingsBroken

UNDERSTOOD: Final = (
    AnotherProcessConsumes,
    CannotStart,
    DemoFailed,
    NoKey,
    RegionPackBroken,
    SettingsBroken,
    TopicMismatch,
)
"""What says by itself, in its text, all that there is to say."""


def in_one_line(error: BaseException) -> str | None:
    """Say in a line, or a line a setting, why a command cannot go on; None if that is a fault of ours."""
    if isinstance(error, UNDERSTOOD):
        return str(error)
    if is_away(error):
        return f"MongoDB does not answer: {_briefly(error)}. Start it, or correct KAL_MONGO_URL."
    if isinstance(error, LogAway):
        return f"The event log does not answer: {_briefly(error)}. Start Kafka, or correct KAL_KAFKA_BOOTSTRAP."
    if isinstance(error, httpx.TransportError):
        return f"There is no answer from {error.request.url}: {_briefly(error)}."
    return None


def _briefly(error: BaseException) -> str:
    """Give what an error says first; drivers go on with everything they know."""
    return (str(error).splitlines() or [""])[0].split(" (configured", maxsplit=1)[0].rstrip(".")
