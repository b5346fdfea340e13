"""What aiokafka answers, told as facts of the port, within a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import structlog
from aiokafka.errors import (
    CommitFailedError,
    ConsumerStoppedError,
    IllegalStateError,
    KafkaError,
    NotControllerError,
    ProducerClosed,
)

from shared.eventlog.port import LogAway, PartitionLost, RecordRefused
from shared.eventlog.stopping import cancelled

log = structlog.get_logger(__name__)

Untyped = Any
"""A client of aiokafka, which has no types."""

LOST = (CommitFailedError, IllegalStateError, ConsumerStoppedError)
"""Normal during a rebalance (A9)."""

REFUSED_CODES = frozenset({10, 17, 18, 29, 31, 32, 44})
"""Too large, no such topic name, batch too large, not allowed on the topic or cluster, timestamp, policy."""


def as_fact(error: Exception) -> Exception:
    """Tell a client's error as one of the port."""
    if isinstance(error, LOST):
        return PartitionLost(str(error))
    if getattr(error, "errno", None) in REFUSED_CODES and not isinstance(error, OSError):
        return RecordRefused(f"{type(error).__name__}: {error}")
    return LogAway(f"{type(error).__name__}: {error}")


CLIENT_ERRORS = (KafkaError, ConsumerStoppedError, ProducerClosed, NotControllerError, OSError, TimeoutError)


@contextmanager
def as_facts() -> Iterator[None]:
    """Tell what the client raises inside as facts of the port."""
    try:
        yield
    except CLIENT_ERRORS as error:
        raise as_fact(error) from error


@asynccontextmanager
async def answered_within(seconds: float) -> AsyncIterator[None]:
    """The same, for calls to the broker: no answer in time is :class:`LogAway`."""
    with as_facts():
        try:
            async with asyncio.timeout(seconds):
                yield
        except TimeoutError as error:
            raise LogAway(f"no answer within {seconds:g} s") from error


async def stop_within(seconds: float, client: Untyped, what: str) -> None:
    """Stop a client; what does not stop in time, or not in order, is cut off (A3, A11).

    A consumer's ``stop()`` can also end as if cancelled, when a fetch had just failed, and leaves its connections open.
    """
    stopping = asyncio.create_task(client.stop() if hasattr(client, "stop") else client.close())
    await asyncio.wait({stopping}, timeout=seconds)
    if stopping.done() and not stopping.cancelled() and stopping.exception() is None:
        return
    log.warning("event_log_client_cut_off", client=what)
    await cancelled(stopping)
    connections = client.client if hasattr(client, "client") else client._client  # noqa: SLF001 - else they stay open
    await connections.close()
