"""How this project talks to Kafka: every setting whose default is unsafe here is explicit (A12)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaSettings:
    """Deadlines and sizes; all times in seconds.

    ``request`` is the client's own time-out of one request: a stalled broker holds up a send for so long. ``answer``
    bounds every call from outside, because some of the client's calls never return while brokers are away (A3, A10,
    A11, A16); it is longer, so that the client gives up first and sends nothing late. ``session`` is how long a dead
    member keeps its partitions. ``retire`` is how long a producer that is replaced may take to end what is under way.
    ``stop`` is short, because the process ends then and a client that is cut off loses nothing: what was not
    acknowledged is sent again, and others wait for a member's partitions no longer than for those of a dead one.
    ``fetch_wait`` is how long a broker holds back an empty answer to a group's member, ``follow_wait`` to who reads
    without a group.
    """

    bootstrap: str
    client: str = "kalendarium"
    request: float = 10.0
    answer: float = 25.0
    commit: float = 12.0
    retire: float = 12.0
    stop: float = 2.0
    session: float = 10.0
    fetch_wait: float = 0.025
    follow_wait: float = 0.010

    def client_settings(self) -> dict[str, Any]:
        """What producer, consumer and administration have in common."""
        return {
            "bootstrap_servers": self.bootstrap,
            "client_id": self.client,
            "request_timeout_ms": round(self.request * 1000),
            "retry_backoff_ms": 100,
            "metadata_max_age_ms": 60_000,
        }

    def producer_settings(self) -> dict[str, Any]:
        """``acks=all``; idempotence off, for it leaves a producer broken after one refused record (A1, A2)."""
        return self.client_settings() | {
            "acks": "all",
            "enable_idempotence": False,
            "linger_ms": 0,
            "max_batch_size": 128 * 1024,
            "max_request_size": MAX_REQUEST_BYTES,
        }

    def reader_settings(self) -> dict[str, Any]:
        """No deserialisers (A5), from the earliest record (A13), nothing committed behind our back (A8, A11).

        A partition whose records were just taken waits for the fetch under way, so a fetch waits shortly: it is what
        the slowest of changes that follow each other are late by. Who follows a topic shows it to everybody and waits
        least: an idle follower takes 0.05 of a core and 0.1 of a broker's at 10 ms, half of that at 25 (CPU time of
        both, 15 s idle each, three rounds, one broker). Members of a group work behind the scenes.
        """
        return self.client_settings() | {
            "auto_offset_reset": "earliest",
            "enable_auto_commit": False,
            "fetch_max_wait_ms": round(self.follow_wait * 1000),
            "fetch_min_bytes": 1,
            "max_partition_fetch_bytes": MAX_REQUEST_BYTES,
            "isolation_level": "read_uncommitted",
        }

    def member_settings(self) -> dict[str, Any]:
        """A group's member: session, heartbeat and rebalance times are explicit (A12)."""
        return self.reader_settings() | {
            "fetch_max_wait_ms": round(self.fetch_wait * 1000),
            "session_timeout_ms": round(self.session * 1000),
            "heartbeat_interval_ms": round(self.session * 1000 / 4),
            "rebalance_timeout_ms": round(self.session * 1000),
            "max_poll_interval_ms": 300_000,
        }


MAX_REQUEST_BYTES = 2 * 1024 * 1024
"""Twice what a letter may have, so that a parked record fits with where and why added to it."""
