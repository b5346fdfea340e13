"""Writes records to Kafka, each acknowledged by all in-sync replicas."""

from __future__ import annotations

import asyncio

import structlog
from aiokafka import AIOKafkaProducer

from shared.eventlog.kafka.answers import Untyped, answered_within, stop_within
from shared.eventlog.kafka.settings import KafkaSettings
from shared.eventlog.kafka.together import Together
from shared.eventlog.port import LogAway, Outgoing, Partition, Sent
from shared.eventlog.stopping import cancelled

log = structlog.get_logger(__name__)


class KafkaSender:
    """One producer, thrown away and made anew after a send that failed in any way but a refusal.

    A new one starts from the bootstrap address, so that a cluster that came back elsewhere is found, and nothing of
    what went wrong is carried on. What is still under way in the old one is given time to end.
    """

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._producer: Untyped = None
        self._started = Together(self._start)
        self._ending: set[asyncio.Task[None]] = set()

    async def send(self, outgoing: Outgoing) -> Sent:
        """Write one record and wait until it is kept; errors as the port says."""
        producer = self._producer or await self._started()
        try:
            async with answered_within(self._settings.answer):
                kept = await producer.send_and_wait(
                    outgoing.topic, _value(outgoing), key=outgoing.key, headers=list(outgoing.headers)
                )
        except LogAway as away:
            self._throw_away(producer, away)
            raise
        return Sent(Partition(kept.topic, kept.partition), kept.offset)

    async def close(self) -> None:
        """Stop; what is not sent by then is given up after a deadline."""
        await self._started.end()
        if self._producer is not None:
            self._retire(self._producer)
            self._producer = None
        if self._ending:
            _ended, late = await asyncio.wait(self._ending, timeout=self._settings.stop)
            await cancelled(*late)

    async def _start(self) -> Untyped:
        producer = AIOKafkaProducer(**self._settings.producer_settings())
        try:
            async with answered_within(self._settings.answer):
                await producer.start()
        except BaseException:
            self._retire(producer)
            raise
        self._producer = producer
        return producer

    def _throw_away(self, producer: Untyped, reason: LogAway) -> None:
        if producer is self._producer:
            log.warning("event_log_producer_replaced", reason=str(reason))
            self._producer = None
            self._retire(producer)

    def _retire(self, producer: Untyped) -> None:
        ending = asyncio.create_task(stop_within(self._settings.retire, producer, "producer"))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)


def _value(outgoing: Outgoing) -> bytes | None:
    """The client refuses a record with neither key nor value, which others may write and we may have to park."""
    return b"" if outgoing.key is None and outgoing.value is None else outgoing.value
