"""What /metrics says when a number can be had, cannot, or takes too long."""

from __future__ import annotations

import asyncio
import math

import pytest
from prometheus_client.parser import text_string_to_metric_families

from shared.observability.metrics import MetricDefinition, MetricReader
from shared.web.ops.exposition import MetricRegistry, render_metrics
from shared.web.ops.health import Health


def measure(reading: MetricReader, label: str | None = None) -> MetricDefinition:
    return MetricDefinition(name="kal_things", meaning="Things there are.", reading=reading, label=label)


async def told(metrics: MetricRegistry, name: str) -> dict[tuple[str, ...], float]:
    """Give a number's values by its labels but the service."""
    families = text_string_to_metric_families((await render_metrics(metrics)).decode())
    samples = [sample for family in families for sample in family.samples if sample.name == name]
    return {
        tuple(value for label, value in sample.labels.items() if label != "service"): sample.value for sample in samples
    }


async def test_a_number_may_be_asked_for() -> None:
    metrics = MetricRegistry("ingest")

    async def asked() -> float:
        await asyncio.sleep(0)
        return 7

    metrics.add(measure(asked))

    assert await told(metrics, "kal_things") == {(): 7.0}


async def never() -> float:
    await asyncio.sleep(3600)
    return 7


def broken() -> float:
    raise ConnectionError("the database is away")


def unknown() -> None:
    return None


@pytest.mark.parametrize("reading", [never, broken, unknown])
async def test_a_number_that_cannot_be_had_is_not_a_number_and_hides_no_other(reading: MetricReader) -> None:
    metrics = MetricRegistry("ingest", deadline=0.05)
    metrics.add(measure(reading))

    assert math.isnan((await told(metrics, "kal_things"))[()])
    assert (await told(metrics, "kal_build_info")).popitem()[1] == 1.0


@pytest.mark.parametrize("reading", [never, broken, unknown])
async def test_numbers_by_label_that_cannot_be_had_are_left_out(reading: MetricReader) -> None:
    metrics = MetricRegistry("ingest", deadline=0.05)
    metrics.add(measure(reading, label="topic"))

    assert await told(metrics, "kal_things") == {}


async def test_a_counter_is_told_as_one() -> None:
    health = Health("ingest")
    health.add_counter("kal_things_total", "Things so far.", lambda: 3)

    assert b"# TYPE kal_things_total counter" in await render_metrics(health.metrics)
    assert await told(health.metrics, "kal_things_total") == {(): 3.0}


async def test_a_check_that_fails_is_told_by_name() -> None:
    health = Health("ingest")
    health.add_readiness_check("database", lambda: "MongoDB does not answer")
    health.add_readiness_check("programme", lambda: None)

    assert await told(health.metrics, "kal_ready") == {(): 0.0}
    assert await told(health.metrics, "kal_check_ok") == {("opening",): 1.0, ("database",): 0.0, ("programme",): 1.0}


async def test_services_of_one_process_are_told_together_each_name_once() -> None:
    ingest, calendar = Health("ingest"), Health("calendar")

    text = (await render_metrics(ingest.metrics, calendar.metrics)).decode()

    assert [text.count(f"# TYPE {name} ") for name in ("kal_ready", "process_cpu_seconds_total")] == [1, 1]
    assert 'kal_ready{service="ingest"} 1.0\nkal_ready{service="calendar"} 1.0\n' in text
