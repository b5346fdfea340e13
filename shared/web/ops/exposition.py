"""Renders ``/metrics`` for Prometheus; every value is read at each scrape.

A value that cannot be read is ``NaN``, never an error and never the last one: an unavailable database must not take
away the metrics that report it.
"""

from __future__ import annotations

import asyncio
import inspect
import math
import platform
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import structlog
from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from shared.observability.metrics import MetricDefinition, MetricValue
from shared.version import VERSION

BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
DEADLINE: Final = 5.0
"""Seconds that one number may take; all are asked for side by side."""
UNKNOWN: Final = math.nan
_log = structlog.get_logger("kalendarium.web")


class MetricDescription(NamedTuple):
    name: str
    kind: str
    labels: tuple[str, ...]
    meaning: str


REQUESTS: Final = MetricDescription(
    "kal_request_seconds", "histogram", ("method", "route", "status"), "How long requests took, by the route's pattern."
)
BUILD: Final = MetricDescription(
    "kal_build_info", "gauge", ("version", "python"), "Always 1; the labels say what runs here."
)


class MetricRegistry:
    """The metrics of one service; all but the process's own carry the label ``service``."""

    def __init__(self, service: str, *, deadline: float = DEADLINE) -> None:
        self._service = service
        self._deadline = deadline
        self._measures: dict[str, MetricDefinition] = {}
        self._registry = CollectorRegistry(auto_describe=False)
        self._process = CollectorRegistry(auto_describe=False)
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._process)
        self._requests = Histogram(
            REQUESTS.name,
            REQUESTS.meaning,
            ("service", *REQUESTS.labels),
            buckets=BUCKETS,
            registry=self._registry,
        )

    def add(self, measure: MetricDefinition) -> None:
        """A metric of the same name is replaced."""
        self._measures[measure.name] = measure

    def describe(self) -> list[MetricDescription]:
        """List the metrics without reading any."""
        measures = self._measures.values()
        ours = [
            MetricDescription(each.name, each.kind, (each.label,) if each.label else (), each.meaning)
            for each in measures
        ]
        return sorted([BUILD, REQUESTS, *ours])

    def count_request(self, *, method: str, route: str, status: int, seconds: float) -> None:
        """``route`` is the pattern, never the path."""
        self._requests.labels(self._service, method, route, str(status)).observe(seconds)

    async def collect_service(self) -> list[Metric]:
        collected = [_collect_family(self._service, each, self._deadline) for each in self._measures.values()]
        return [*self._registry.collect(), _build_info(self._service), *await asyncio.gather(*collected)]

    def collect_process(self) -> Iterable[Metric]:
        """The process's metrics, which all services in it share."""
        return self._process.collect()


async def render_metrics(*services: MetricRegistry) -> bytes:
    """Render the metrics of all services of one process, each name once."""
    families = {family.name: family for family in services[0].collect_process()}
    for each in services:
        for family in await each.collect_service():
            families.setdefault(
                family.name, Metric(family.name, family.documentation, family.type)
            ).samples += family.samples
    return generate_latest(_CollectedRegistry(families.values()))


class _CollectedRegistry(CollectorRegistry):
    def __init__(self, families: Iterable[Metric]) -> None:
        super().__init__()
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _build_info(service: str) -> GaugeMetricFamily:
    family = GaugeMetricFamily(BUILD.name, BUILD.meaning, labels=["service", *BUILD.labels])
    family.add_metric([service, VERSION, platform.python_version()], 1)
    return family


async def _collect_family(
    service: str, measure: MetricDefinition, deadline: float
) -> GaugeMetricFamily | CounterMetricFamily:
    kind = GaugeMetricFamily if measure.kind == "gauge" else CounterMetricFamily
    labels = ["service", *([measure.label] if measure.label else [])]
    family = kind(measure.name, measure.meaning, labels=labels)
    read = await _read(measure, deadline)
    if isinstance(read, Mapping):
        for value, number in read.items():
            family.add_metric([service, value], number)
    elif measure.label is None:
        family.add_metric([service], UNKNOWN if read is None else read)
    return family


async def _read(measure: MetricDefinition, deadline: float) -> MetricValue:
    """None if there is no value in time."""
    try:
        async with asyncio.timeout(deadline):
            answer = measure.reading()
            return await answer if inspect.isawaitable(answer) else answer
    except Exception as error:  # noqa: BLE001 - whatever it is, the other numbers must be told
        _log.debug("number not known", name=measure.name, reason=repr(error))
        return None
