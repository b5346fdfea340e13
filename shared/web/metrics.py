"""What ``/metrics`` says: everything that is counted, read anew for each question, as Prometheus has it.

A number that cannot be had is not a number (``NaN``), never an error and never the one from before: a database that is
away must not take away the numbers that say so.
"""

from __future__ import annotations

import asyncio
import inspect
import math
import platform
from collections.abc import Iterable, Mapping
from importlib.metadata import version
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

from shared.measures import Measure, Number

SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
DEADLINE: Final = 5.0
"""Seconds that one number may take; all are asked for side by side."""
UNKNOWN: Final = math.nan
_log = structlog.get_logger("kalendarium.web")


class Described(NamedTuple):
    """What a number is called, of which kind it is, its labels beside ``service``, and what it means."""

    name: str
    kind: str
    labels: tuple[str, ...]
    meaning: str


REQUESTS: Final = Described(
    "kal_request_seconds", "histogram", ("method", "route", "status"), "How long requests took, by the route's pattern."
)
BUILD: Final = Described("kal_build_info", "gauge", ("version", "python"), "Always 1; the labels say what runs here.")


class Metrics:
    """The numbers of one service; everything but the process's own carries the label ``service``."""

    def __init__(self, service: str, *, deadline: float = DEADLINE) -> None:
        self._service = service
        self._deadline = deadline
        self._measures: dict[str, Measure] = {}
        self._registry = CollectorRegistry(auto_describe=False)
        self._process = CollectorRegistry(auto_describe=False)
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._process)
        self._requests = Histogram(
            REQUESTS.name,
            REQUESTS.meaning,
            ("service", *REQUESTS.labels),
            buckets=SECONDS,
            registry=self._registry,
        )

    def add(self, measure: Measure) -> None:
        """Show one more number; one of the same name takes the place of the one before."""
        self._measures[measure.name] = measure

    def described(self) -> list[Described]:
        """Say which numbers there are, without reading any."""
        measures = self._measures.values()
        ours = [Described(each.name, each.kind, (each.label,) if each.label else (), each.meaning) for each in measures]
        return sorted([BUILD, REQUESTS, *ours])

    def count_request(self, *, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered; ``route`` is its pattern, never its path."""
        self._requests.labels(self._service, method, route, str(status)).observe(seconds)

    async def families(self) -> list[Metric]:
        """Read every number of the service."""
        asked = [_family(self._service, each, self._deadline) for each in self._measures.values()]
        return [*self._registry.collect(), _build(self._service), *await asyncio.gather(*asked)]

    def process(self) -> Iterable[Metric]:
        """Read the numbers of the process, which all services in it share."""
        return self._process.collect()


async def written(*services: Metrics) -> bytes:
    """Write the numbers of the services of one process as Prometheus reads them, each name once."""
    families = {family.name: family for family in services[0].process()}
    for each in services:
        for family in await each.families():
            families.setdefault(
                family.name, Metric(family.name, family.documentation, family.type)
            ).samples += family.samples
    return generate_latest(_Read(families.values()))


class _Read(CollectorRegistry):
    """Holds numbers that are read already."""

    def __init__(self, families: Iterable[Metric]) -> None:
        super().__init__()
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _build(service: str) -> GaugeMetricFamily:
    family = GaugeMetricFamily(BUILD.name, BUILD.meaning, labels=["service", *BUILD.labels])
    family.add_metric([service, version("kalendarium"), platform.python_version()], 1)
    return family


async def _family(service: str, measure: Measure, deadline: float) -> GaugeMetricFamily | CounterMetricFamily:
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


async def _read(measure: Measure, deadline: float) -> Number:
    """Ask for a number; None if there is no answer, or not in time."""
    try:
        async with asyncio.timeout(deadline):
            answer = measure.reading()
            return await answer if inspect.isawaitable(answer) else answer
    except Exception as error:  # noqa: BLE001 - whatever it is, the other numbers must be told
        _log.debug("number not known", name=measure.name, reason=repr(error))
        return None
