from __future__ import annotations

import inspect

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from shared.eventlog.kafka.settings import KafkaSettings

SETTINGS = KafkaSettings(bootstrap="localhost:9092")


def test_no_unsafe_default_is_left_to_the_client() -> None:
    """A12: reset, automatic commits, acknowledgement, session and rebalance time are ours to say."""
    member = SETTINGS.build_member_settings()

    assert member["auto_offset_reset"] == "earliest"
    assert member["enable_auto_commit"] is False
    assert (member["session_timeout_ms"], member["rebalance_timeout_ms"]) == (10_000, 10_000)
    assert member["heartbeat_interval_ms"] * 3 <= member["session_timeout_ms"]
    assert SETTINGS.build_producer_settings()["acks"] == "all"


def test_the_producer_is_neither_idempotent_nor_transactional() -> None:
    """A1, A2, A17: both leave it broken after a refusal, or fence nothing."""
    producer = SETTINGS.build_producer_settings()

    assert producer["enable_idempotence"] is False
    assert "transactional_id" not in producer


def test_no_deserialiser_stands_in_the_client() -> None:
    """A5: one that raises is called again for ever."""
    assert not [
        name
        for name in {**SETTINGS.build_member_settings(), **SETTINGS.build_producer_settings()}
        if "serializer" in name
    ]


def test_the_client_knows_every_setting() -> None:
    known = {*inspect.signature(AIOKafkaConsumer).parameters, *inspect.signature(AIOKafkaProducer).parameters}

    assert {*SETTINGS.build_member_settings(), *SETTINGS.build_producer_settings()} <= known


def test_our_own_deadline_is_longer_than_the_clients() -> None:
    """A4: it gives up first, and so sends nothing late."""
    assert SETTINGS.answer > SETTINGS.request
    assert SETTINGS.retire > SETTINGS.request
