"""Event log for the operator's commands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from shared.eventlog.factory import open_event_log
from shared.eventlog.port import EventLog
from shared.settings import CommonSettings

T = TypeVar("T")


async def run_with_log(settings: CommonSettings, work: Callable[[EventLog], Awaitable[T]]) -> T:
    async with open_event_log(settings, service="operator") as log:
        return await work(log)
