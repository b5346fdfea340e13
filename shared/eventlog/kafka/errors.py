"""Error translation: aiokafka's errors as those of the port, and deadlines around its calls."""

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

from shared.aio.cancellation import cancel_and_wait
from shared.eventlog.port import LogUnavailable, PartitionLost, RecordRefused

log = structlog.get_logger(__name__)

# aiokafka has no types.
Untyped = Any

# Normal in a rebalance.
LOST = (CommitFailedError, IllegalStateError, ConsumerStoppedError)

# Too large, no such topic name, batch too large, not allowed on the topic or cluster, timestamp, policy.
REFUSED_CODES = frozenset({10, 17, 18, 29, 31, 32, 44})


def translate_error(error: Exception) -> Exception:
    if isinstance(error, LOST):
        return PartitionLost(str(error))
    if getattr(error, "errno", None) in REFUSED_CODES and not isinstance(error, OSError):
        return RecordRefused(f"{type(error).__name__}: {error}")
    return LogUnavailable(f"{type(error).__name__}: {error}")


CLIENT_ERRORS = (KafkaError, ConsumerStoppedError, ProducerClosed, NotControllerError, OSError, TimeoutError)


@contextmanager
def translate_errors() -> Iterator[None]:
    try:
        yield
    except CLIENT_ERRORS as error:
        raise translate_error(error) from error


@asynccontextmanager
async def limit_call(seconds: float) -> AsyncIterator[None]:
    """For calls to the broker: no answer in time is :class:`LogUnavailable`."""
    with translate_errors():
        try:
            async with asyncio.timeout(seconds):
                yield
        except TimeoutError as error:
            raise LogUnavailable(f"no answer within {seconds:g} s") from error


async def stop_within(seconds: float, client: Untyped, what: str) -> None:
    """Stop a client, or cut it off: its own stop may never return while brokers are unavailable."""
    # A consumer's ``stop()`` can also end as if cancelled, when a fetch had just failed, and leaves its connections
    # open.
    stopping = asyncio.create_task(client.stop() if hasattr(client, "stop") else client.close())
    await asyncio.wait({stopping}, timeout=seconds)
    if stopping.done() and not stopping.cancelled() and stopping.exception() is None:
        return
    log.warning("event_log_client_cut_off", client=what)
    await cancel_and_wait(stopping)
    connections = client.client if hasattr(client, "client") else client._client  # noqa: SLF001 - else they stay open
    await connections.close()
