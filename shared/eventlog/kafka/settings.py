"""Kafka client settings: every one whose default is unsafe here is explicit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaSettings:
    """All times in seconds."""

    bootstrap: str
    client: str = "kalendarium"
    # The client's own timeout; a stalled broker holds up a send for so long.
    request: float = 10.0
    # It bounds every call from outside, because some of the client's calls never return while brokers are unavailable;
    # it is longer than ``request``, so that the client gives up first and sends nothing late.
    answer: float = 25.0
    commit: float = 12.0
    # For a replaced producer to end what is under way.
    retire: float = 12.0
    # Short: what was not acknowledged is sent again.
    stop: float = 2.0
    # How long a dead member keeps its partitions.
    session: float = 10.0
    # How long a broker holds back an empty answer to a member, and to a reader without a group.
    fetch_wait: float = 0.025
    follow_wait: float = 0.010

    def build_client_settings(self) -> dict[str, Any]:
        return {
            "bootstrap_servers": self.bootstrap,
            "client_id": self.client,
            "request_timeout_ms": round(self.request * 1000),
            "retry_backoff_ms": 100,
            "metadata_max_age_ms": 60_000,
        }

    def build_producer_settings(self) -> dict[str, Any]:
        # Idempotence is off: it leaves a producer broken after one refused record.
        return self.build_client_settings() | {
            "acks": "all",
            "enable_idempotence": False,
            "linger_ms": 0,
            "max_batch_size": 128 * 1024,
            "max_request_size": MAX_REQUEST_BYTES,
        }

    def build_reader_settings(self) -> dict[str, Any]:
        # No deserializers, which may raise in the client; from the earliest record; no automatic commit.
        # A partition whose records were just taken waits for the fetch under way, so a fetch waits shortly. A reader
        # shows a topic to everybody and waits least: idle, it takes 0.05 of a core and 0.1 of a broker's at 10 ms, half
        # of that at 25.
        return self.build_client_settings() | {
            "auto_offset_reset": "earliest",
            "enable_auto_commit": False,
            "fetch_max_wait_ms": round(self.follow_wait * 1000),
            "fetch_min_bytes": 1,
            "max_partition_fetch_bytes": MAX_REQUEST_BYTES,
            "isolation_level": "read_uncommitted",
        }

    def build_member_settings(self) -> dict[str, Any]:
        return self.build_reader_settings() | {
            "fetch_max_wait_ms": round(self.fetch_wait * 1000),
            "session_timeout_ms": round(self.session * 1000),
            "heartbeat_interval_ms": round(self.session * 1000 / 4),
            "rebalance_timeout_ms": round(self.session * 1000),
            "max_poll_interval_ms": 300_000,
        }


# Twice what an envelope may have, so that a dead letter fits with its added headers.
MAX_REQUEST_BYTES = 2 * 1024 * 1024
