"""Writes, as a process of its own, what our producer would never write: ``forge.py <bootstrap> <topic>``.

A good record, one with a header whose name is not UTF-8, and a good one. The client's compiled encoder takes no such
name, so this runs with AIOKAFKA_NO_EXTENSIONS.
"""

from __future__ import annotations

import asyncio
import sys

from aiokafka import AIOKafkaProducer


class NotUtf8(str):
    """A name that encodes itself wrongly."""

    __slots__ = ()

    def encode(self, *_: object) -> bytes:
        return b"\xff\xfe"


async def main(bootstrap: str, topic: str) -> None:
    """Write the three."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    await producer.send_and_wait(topic, b"1", key=b"a")
    await producer.send_and_wait(topic, b"2", key=b"a", headers=[(NotUtf8("x"), b"1")])
    await producer.send_and_wait(topic, b"3", key=b"a")
    await producer.stop()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
