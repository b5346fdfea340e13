"""How a service is: whether it lives, whether it is ready, and what it counts.

A resource is registered together with its check; ``/livez`` and ``/readyz`` only ask them all. Not alive means that the
process must be restarted; not ready that it should get no requests for now.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import JSONResponse, Response

from shared.measures import Measure, Reading
from shared.web.loop_delay import LoopDelay
from shared.web.metrics import Metrics, written

Check = Callable[[], str | Awaitable[str | None] | None]
"""Gives None while all is well, else one sentence that says what is missing."""

HEALTH_PATHS: Final = frozenset({"/livez", "/readyz", "/metrics"})
DEADLINE: Final = 4.0
"""Seconds that one check may take: longer than a call to the database, which says more about what is wrong."""


class Health:
    """The checks and counts of one service; ``app.state.health`` holds it.

    ``closed`` is why no request is taken at all for now, None once they are.
    """

    def __init__(self, service: str) -> None:
        self.service = service
        self.closed: str | None = None
        self.metrics = Metrics(service)
        self.loop_delay = LoopDelay()
        self._alive: dict[str, Check] = {}
        self._ready: dict[str, Check] = {}
        self._noted: dict[str, Check] = {}
        self._broken: dict[str, str] = {}
        self.must_be_ready("opening", lambda: self.closed)
        self.gauge("kal_ready", "1 while /readyz answers 200, else 0.", self._readiness)
        self.gauge(
            "kal_check_ok", "1 while this check of /livez or /readyz passes, else 0.", self._checks, label="check"
        )
        self.measure(*self.loop_delay.measures())

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

    def gauge(self, name: str, meaning: str, reading: Reading, *, label: str | None = None) -> None:
        """Let ``/metrics`` show a number that is read, or asked for, when Prometheus asks; see :class:`Measure`."""
        self.measure(Measure(name=name, meaning=meaning, reading=reading, label=label))

    def counter(self, name: str, meaning: str, reading: Reading, *, label: str | None = None) -> None:
        """Let ``/metrics`` show a number that only rises while the process lives; its name ends with ``_total``."""
        self.measure(Measure(name=name, meaning=meaning, reading=reading, label=label, kind="counter"))

    def measure(self, *measures: Measure) -> None:
        """Let ``/metrics`` show what a part tells of itself."""
        for each in measures:
            self.metrics.add(each)

    def count_request(self, *, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered; ``route`` is its pattern, never its path."""
        self.metrics.count_request(method=method, route=route, status=status, seconds=seconds)

    async def missing_for_life(self) -> dict[str, str]:
        """Give what keeps the service from living, by name."""
        return self._broken | await _missing(self._alive)

    async def missing_for_requests(self) -> dict[str, str]:
        """Give what keeps the service from taking requests, by name."""
        return self._broken | await _missing(self._alive | self._ready)

    async def notes(self) -> dict[str, str]:
        """Give what is not well but keeps nobody from being served, by name."""
        return await _missing(self._noted)

    async def _readiness(self) -> float:
        return float(not await self.missing_for_requests())

    async def _checks(self) -> dict[str, float]:
        missing = await self.missing_for_requests()
        return {name: float(name not in missing) for name in self._alive | self._ready | self._broken}


async def _missing(checks: Mapping[str, Check]) -> dict[str, str]:
    """Ask all checks side by side, so that what is away costs one deadline and not one each."""
    answers = await asyncio.gather(*(_asked(check) for check in checks.values()))
    return {name: reason for name, reason in zip(checks, answers, strict=True) if reason is not None}


async def _asked(check: Check) -> str | None:
    """Ask a check; one that fails is missing too, and must not hide the others."""
    try:
        async with asyncio.timeout(DEADLINE):
            answer = check()
            return await answer if inspect.isawaitable(answer) else answer
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is missing
        return f"{type(error).__name__}: {error}" if str(error) else f"no answer: {type(error).__name__}"


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
    return metrics_response(await written(health.metrics))


def metrics_response(text: bytes) -> Response:
    """Answer with what Prometheus reads."""
    return Response(text, media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})
