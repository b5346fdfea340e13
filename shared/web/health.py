"""How a service is: whether it lives, whether it is ready, and what it counts.

A resource is registered together with its check; ``/livez`` and ``/readyz`` only ask them all. Not alive means that the
process must be restarted; not ready that it should get no requests for now.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final

from fastapi import APIRouter, Request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.responses import JSONResponse, Response

Check = Callable[[], str | Awaitable[str | None] | None]
"""Gives None while all is well, else one sentence that says what is missing."""

Reading = Callable[[], float | Mapping[str, float]]
"""Gives a number of now, or several by the value of a label."""

SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Health:
    """The checks and counts of one service; ``app.state.health`` holds it."""

    def __init__(self, service: str) -> None:
        self.service = service
        self._alive: dict[str, Check] = {}
        self._ready: dict[str, Check] = {}
        self._noted: dict[str, Check] = {}
        self._broken: dict[str, str] = {}
        self._registry = CollectorRegistry(auto_describe=False)
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._registry)
        self._requests = Histogram(
            "kal_request_seconds",
            "How long requests took.",
            ("service", "method", "route", "status"),
            buckets=SECONDS,
            registry=self._registry,
        )

    def must_live(self, name: str, check: Check) -> None:
        """Let ``/livez`` depend on a check."""
        self._alive[name] = check

    def must_be_ready(self, name: str, check: Check) -> None:
        """Let ``/readyz`` depend on a check."""
        self._ready[name] = check

    def note(self, name: str, check: Check) -> None:
        """Let ``/readyz`` also say what is not well but keeps nobody from being served."""
        self._noted[name] = check

    def broken(self, name: str, reason: str) -> None:
        """Say that something ended that the service cannot live without; ``/livez`` is red from now on."""
        self._broken[name] = reason

    def gauge(self, name: str, description: str, reading: Reading, *, label: str | None = None) -> None:
        """Let ``/metrics`` show a number that is read when it is asked for.

        Args:
            name: as Prometheus has it, e.g. ``kal_outbox_letters``; the label ``service`` is added.
            description: one sentence.
            reading: gives the number, or with ``label`` the numbers by the label's value.
            label: what distinguishes several numbers, e.g. ``topic``.

        """
        self._registry.register(_Gauge(self.service, name, description, reading, label))

    def count_request(self, *, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered; ``route`` is its pattern, never its path."""
        self._requests.labels(self.service, method, route, str(status)).observe(seconds)

    async def missing_for_life(self) -> dict[str, str]:
        """Give what keeps the service from living, by name."""
        return self._broken | await _missing(self._alive)

    async def missing_for_requests(self) -> dict[str, str]:
        """Give what keeps the service from taking requests, by name."""
        return await self.missing_for_life() | await _missing(self._ready)

    async def notes(self) -> dict[str, str]:
        """Give what is not well but keeps nobody from being served, by name."""
        return await _missing(self._noted)

    def metrics(self) -> bytes:
        """Write everything that is counted, as Prometheus reads it."""
        return generate_latest(self._registry)


class _Gauge(Collector):
    """Reads a number when Prometheus asks."""

    def __init__(self, service: str, name: str, description: str, reading: Reading, label: str | None) -> None:
        self._service, self._name, self._description = service, name, description
        self._reading, self._label = reading, label

    def collect(self) -> Iterable[GaugeMetricFamily]:
        labels = ["service"] + ([self._label] if self._label else [])
        family = GaugeMetricFamily(self._name, self._description, labels=labels)
        read = self._reading()
        for value, number in read.items() if isinstance(read, Mapping) else [("", read)]:
            family.add_metric([self._service, value][: len(labels)], number)
        yield family


async def _missing(checks: Mapping[str, Check]) -> dict[str, str]:
    found = {name: await _asked(check) for name, check in checks.items()}
    return {name: reason for name, reason in found.items() if reason is not None}


async def _asked(check: Check) -> str | None:
    """Ask a check; one that fails is missing too, and must not hide the others."""
    try:
        answer = check()
        return await answer if inspect.isawaitable(answer) else answer
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is missing
        return f"{type(error).__name__}: {error}"


health_router = APIRouter(include_in_schema=False)


def _answer(service: str, missing: Mapping[str, str], notes: Mapping[str, str] | None = None) -> JSONResponse:
    body = {"service": service, "ok": not missing, "missing": dict(missing)} | ({"notes": dict(notes)} if notes else {})
    return JSONResponse(body, status_code=503 if missing else 200, headers={"Cache-Control": "no-store"})


@health_router.get("/livez")
async def livez(request: Request) -> JSONResponse:
    """Say whether the process should go on, 200 or 503."""
    health: Health = request.app.state.health
    return _answer(health.service, await health.missing_for_life())


@health_router.get("/readyz")
async def readyz(request: Request) -> JSONResponse:
    """Say whether the service takes requests, 200 or 503, and what is missing."""
    health: Health = request.app.state.health
    return _answer(health.service, await health.missing_for_requests(), await health.notes())


@health_router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Give what is counted, in Prometheus' text format."""
    health: Health = request.app.state.health
    return Response(health.metrics(), media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})
