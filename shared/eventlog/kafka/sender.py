"""Sender on Kafka: each record acknowledged by all in-sync replicas."""

from __future__ import annotations

import asyncio

import structlog
from aiokafka import AIOKafkaProducer

from shared.aio.cancellation import cancel_and_wait
from shared.aio.single_flight import SingleFlight
from shared.eventlog.kafka.errors import Untyped, limit_call, stop_within
from shared.eventlog.kafka.settings import KafkaSettings
from shared.eventlog.port import LogUnavailable, Outgoing, Partition, RecordPosition

log = structlog.get_logger(__name__)


class KafkaSender:
    """One producer, replaced after a send that failed in any way but a refusal."""

    # A new one starts from the bootstrap address, so that a cluster that came back elsewhere is found. Sends in flight
    # in the old one get time to end.

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._producer: Untyped = None
        self._started = SingleFlight(self._start)
        self._ending: set[asyncio.Task[None]] = set()

    async def send(self, outgoing: Outgoing) -> RecordPosition:
        producer = self._producer or await self._started()
        try:
            async with limit_call(self._settings.answer):
                sent = await producer.send_and_wait(
                    outgoing.topic, _encode_value(outgoing), key=outgoing.key, headers=list(outgoing.headers)
                )
        except LogUnavailable as error:
            self._replace(producer, error)
            raise
        return RecordPosition(Partition(sent.topic, sent.partition), sent.offset)

    async def close(self) -> None:
        # After a deadline, sends in flight are cancelled.
        await self._started.cancel()
        if self._producer is not None:
            self._retire(self._producer)
            self._producer = None
        if self._ending:
            _ended, late = await asyncio.wait(self._ending, timeout=self._settings.stop)
            await cancel_and_wait(*late)

    async def _start(self) -> Untyped:
        producer = AIOKafkaProducer(**self._settings.build_producer_settings())
        try:
            async with limit_call(self._settings.answer):
                await producer.start()
        except BaseException:
            self._retire(producer)
            raise
        self._producer = producer
        return producer

    def _replace(self, producer: Untyped, reason: LogUnavailable) -> None:
        if producer is self._producer:
            log.warning("event_log_producer_replaced", reason=str(reason))
            self._producer = None
            self._retire(producer)

    def _retire(self, producer: Untyped) -> None:
        ending = asyncio.create_task(stop_within(self._settings.retire, producer, "producer"))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)


def _encode_value(outgoing: Outgoing) -> bytes | None:
    # The client refuses a record with neither key nor value, which others may write and we may have to dead-letter.
    return b"" if outgoing.key is None and outgoing.value is None else outgoing.value
