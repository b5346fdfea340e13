"""Health of a service: liveness, readiness, metrics.

Each resource registers its check, and ``/readyz`` runs them. Not live: restart the process. Not ready: send no requests
for now.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import JSONResponse, Response

from shared.observability.metrics import MetricDefinition, MetricReader
from shared.web.ops.exposition import MetricRegistry, render_metrics
from shared.web.ops.loop_delay import LoopDelay

Check = Callable[[], str | Awaitable[str | None] | None]
"""Gives None while all is well, else one sentence that says what is missing."""

HEALTH_PATHS: Final = frozenset({"/livez", "/readyz", "/metrics"})
DEADLINE: Final = 4.0
"""Seconds that one check may take: longer than a call to the database, which says more about what is wrong."""


class Health:
    """``closed`` is why no request is accepted, None once they are."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.closed: str | None = None
        self.metrics = MetricRegistry(service)
        self.loop_delay = LoopDelay()
        self._ready: dict[str, Check] = {}
        self._noted: dict[str, Check] = {}
        self._broken: dict[str, str] = {}
        self.add_readiness_check("opening", lambda: self.closed)
        self.add_gauge("kal_ready", "1 while /readyz answers 200, else 0.", self._measure_readiness)
        self.add_gauge(
            "kal_check_ok",
            "1 while this check of /livez or /readyz passes, else 0.",
            self._measure_checks,
            label="check",
        )
        self.add_metrics(*self.loop_delay.metrics())

    def add_readiness_check(self, name: str, check: Check) -> None:
        self._ready[name] = check

    def add_note(self, name: str, check: Check) -> None:
        """Let ``/readyz`` also report what is wrong without making the service unready."""
        self._noted[name] = check

    def mark_broken(self, name: str, reason: str) -> None:
        """Make ``/livez`` fail from now on."""
        self._broken[name] = reason

    def add_gauge(self, name: str, meaning: str, reading: MetricReader, *, label: str | None = None) -> None:
        self.add_metrics(MetricDefinition(name=name, meaning=meaning, reading=reading, label=label))

    def add_counter(self, name: str, meaning: str, reading: MetricReader, *, label: str | None = None) -> None:
        """A value that only rises while the process lives; the name ends with ``_total``."""
        self.add_metrics(MetricDefinition(name=name, meaning=meaning, reading=reading, label=label, kind="counter"))

    def add_metrics(self, *measures: MetricDefinition) -> None:
        for each in measures:
            self.metrics.add(each)

    def count_request(self, *, method: str, route: str, status: int, seconds: float) -> None:
        """``route`` is the pattern, never the path."""
        self.metrics.count_request(method=method, route=route, status=status, seconds=seconds)

    def list_liveness_problems(self) -> dict[str, str]:
        return dict(self._broken)

    async def list_readiness_problems(self) -> dict[str, str]:
        return self._broken | await _run_checks(self._ready)

    async def list_notes(self) -> dict[str, str]:
        return await _run_checks(self._noted)

    async def _measure_readiness(self) -> float:
        return float(not await self.list_readiness_problems())

    async def _measure_checks(self) -> dict[str, float]:
        missing = await self.list_readiness_problems()
        return {name: float(name not in missing) for name in self._ready | self._broken}


async def _run_checks(checks: Mapping[str, Check]) -> dict[str, str]:
    """Concurrently, so that an outage costs one deadline and not one per check."""
    answers = await asyncio.gather(*(_run_check(check) for check in checks.values()))
    return {name: reason for name, reason in zip(checks, answers, strict=True) if reason is not None}


async def _run_check(check: Check) -> str | None:
    """A check that raises has failed, and must not hide the others."""
    try:
        async with asyncio.timeout(DEADLINE):
            answer = check()
            return await answer if inspect.isawaitable(answer) else answer
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is missing
        return f"{type(error).__name__}: {error}" if str(error) else f"no answer: {type(error).__name__}"


health_router = APIRouter(include_in_schema=False)


def _respond(service: str, missing: Mapping[str, str], notes: Mapping[str, str] | None = None) -> JSONResponse:
    body = {"service": service, "ok": not missing, "missing": dict(missing)} | ({"notes": dict(notes)} if notes else {})
    return JSONResponse(body, status_code=503 if missing else 200, headers={"Cache-Control": "no-store"})


@health_router.get("/livez")
async def show_liveness(request: Request) -> JSONResponse:
    health: Health = request.app.state.health
    return _respond(health.service, health.list_liveness_problems())


@health_router.get("/readyz")
async def show_readiness(request: Request) -> JSONResponse:
    health: Health = request.app.state.health
    return _respond(health.service, await health.list_readiness_problems(), await health.list_notes())


@health_router.get("/metrics")
async def show_metrics(request: Request) -> Response:
    health: Health = request.app.state.health
    return create_metrics_response(await render_metrics(health.metrics))


def create_metrics_response(text: bytes) -> Response:
    return Response(text, media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})
