"""Operator errors: reported in one line instead of a traceback."""

from __future__ import annotations

from typing import Final

import httpx

from deploy.local.errors import StartError
from shared.database.client import is_unavailable
from shared.eventlog.port import AnotherProcessConsumes, LogUnavailable, TopicMismatch
from shared.region import RegionPackBroken
from shared.settings import SettingsBroken


class OperatorError(Exception):
    """A failed command; its text is complete."""


# Their own text says what is wrong and what to do.
SELF_EXPLANATORY: Final = (
    AnotherProcessConsumes,
    StartError,
    OperatorError,
    RegionPackBroken,
    SettingsBroken,
    TopicMismatch,
)


def describe_error(error: BaseException) -> str | None:
    """One line (or one per setting); None if it is a bug of ours."""
    if isinstance(error, SELF_EXPLANATORY):
        return str(error)
    if is_unavailable(error):
        return f"MongoDB does not answer: {summarize(error)}. Start it, or correct KAL_MONGO_URL."
    if isinstance(error, LogUnavailable):
        return f"The event log does not answer: {summarize(error)}. Start Kafka, or correct KAL_KAFKA_BOOTSTRAP."
    if isinstance(error, httpx.TransportError):
        return f"There is no answer from {error.request.url}: {summarize(error)}."
    return None


def summarize(error: BaseException) -> str:
    """The first line, without the configuration that drivers append."""
    return (str(error).splitlines() or [type(error).__name__])[0].split(" (configured", maxsplit=1)[0].rstrip(".")
