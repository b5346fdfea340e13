"""What the services say of themselves on real Kafka and MongoDB, once the demonstration has gone through them."""

from __future__ import annotations

import math
from collections import defaultdict

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.connected.conftest import StackShown
from tests.support.clients import eventually

pytestmark = [pytest.mark.connected, pytest.mark.slow]

Numbers = dict[str, dict[tuple[str, ...], float]]
SETTLED = {
    "kal_ready": 3,
    "kal_consumer_joined": 2,
    "kal_consumer_lag_records": 0,
    "kal_consumer_lag_seconds": 0,
    "kal_outbox_unsent_messages": 0,
    "kal_outbox_oldest_unsent_seconds": 0,
    "kal_relay_working": 2,
    "kal_parked_records": 0,
}


async def numbers_of(demo_stack: StackShown) -> Numbers:
    """Ask all three services, and give each number by its labels."""
    addresses = demo_stack.stack.addresses
    found: Numbers = defaultdict(dict)
    async with httpx.AsyncClient() as client:
        for address in (addresses.ingest_url, addresses.calendar_url, addresses.base_url):
            text = (await client.get(f"{address}/metrics", timeout=30)).text
            for family in text_string_to_metric_families(text):
                for sample in family.samples:
                    found[sample.name][tuple(sample.labels.values())] = sample.value
    return found


async def test_all_is_handled_sent_and_known(demo_stack: StackShown) -> None:
    async def sums() -> dict[str, float]:
        numbers = await numbers_of(demo_stack)
        return {name: sum(numbers[name].values()) for name in SETTLED}

    assert await eventually(sums, SETTLED, within=90) == SETTLED


async def test_no_number_but_that_of_a_first_snapshot_is_missing_while_nothing_is_away(demo_stack: StackShown) -> None:
    async def unknown() -> list[str]:
        numbers = await numbers_of(demo_stack)
        missing = [name for name in SETTLED if not numbers[name]]
        return missing + [
            name for name, by in numbers.items() if "snapshot" not in name and any(map(math.isnan, by.values()))
        ]

    assert await eventually(unknown, [], within=90) == []


async def test_topics_are_told_apart(demo_stack: StackShown) -> None:
    numbers = await numbers_of(demo_stack)

    assert set(numbers["kal_parked_records"]) == {
        ("ingest", "activity.v1"),
        ("ingest", "calls.v1"),
        ("ingest", "decisions.v1"),
        ("ingest", "submissions.v1"),
        ("calendar", "activity.v1"),
        ("calendar", "calls.v1"),
        ("calendar", "programme.v1"),
        ("calendar", "submissions.v1"),
    }
    assert numbers["kal_consumer_lag_seconds"].keys() == numbers["kal_parked_records"].keys()
