"""Load generator of the soak test: closed-loop users with a think time, in a separate process.

``python -m bench.soak_load`` reads a :class:`SoakTask` as JSON and writes a :class:`SoakOutcome`. Visitors, editors and
curators load pages; organisations submit events by the API and, from some number on, change them, so the data stops
growing; one curator accepts the queue. A request answered with Retry-After is repeated with the same idempotency key.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import httpx
import msgspec

from bench.events import YEAR, make_event
from bench.keys import build_bearer_header
from shared.region import Region, load_region

REGION = Path("deploy/region")
THINK_SECONDS = (1.0, 5.0)
DECIDE_SECONDS = 2.0
EVENTS_PER_ORGANISATION = 8
MAX_RETRY_AFTER = 5.0
TIMEOUT_SECONDS = 30.0
# After the end a submission may still be retried.
RETRY_SECONDS = 90.0
# Then the client closes a connection, before the server does.
KEEP_ALIVE_SECONDS = 2.0
SUBMISSIONS, REVIEWS = "/ingest/api/v1/submissions", "/calendar/api/v1/reviews"
# Half of the users visit public pages.
USER_ROLES = ("public", "public", "public", "feed", "editor", "curator")


class SoakTask(msgspec.Struct, frozen=True):
    """``headers`` by role, ``keys`` of the submitters."""

    addresses: Mapping[str, str]
    headers: Mapping[str, Mapping[str, str]]
    keys: Sequence[str]
    users: int
    seconds: float


class SoakRequest(msgspec.Struct, frozen=True):
    """``at`` in seconds since 1970; status 0 if there was no response."""

    what: str
    path: str
    at: float
    seconds: float
    status: int
    retry_after: bool = False


class AcknowledgedEvent(msgspec.Struct, frozen=True):
    """The last version that was acknowledged."""

    id: str
    version: int


class SoakOutcome(msgspec.Struct, frozen=True):
    requests: list[SoakRequest]
    acknowledged: list[AcknowledgedEvent]


class LoadGenerator:
    """Every user has its own client."""

    def __init__(self, task: SoakTask, region: Region) -> None:
        self._task = task
        self._region = region
        self._deadline = time.time() + task.seconds
        self._numbers = iter(range(2_000_000, 3_000_000))
        self.requests: list[SoakRequest] = []
        self.acknowledged: dict[str, AcknowledgedEvent] = {}

    async def run(self) -> SoakOutcome:
        users = [
            self._browse(USER_ROLES[number % len(USER_ROLES)], Random(number)) for number in range(self._task.users)
        ]
        submitters = [self._submit_events(key, Random(key)) for key in self._task.keys]
        await asyncio.gather(*users, *submitters, self._review())
        return SoakOutcome(self.requests, list(self.acknowledged.values()))

    async def _browse(self, role: str, random: Random) -> None:
        service = {"editor": "ingest", "curator": "calendar"}.get(role, "distribution")
        headers: dict[str, str] = dict(self._task.headers.get(role, {}))
        async with self._open_client(service, headers | {"Accept-Encoding": "gzip"}) as client:
            await asyncio.sleep(random.uniform(0, THINK_SECONDS[1]))
            tags: dict[str, str] = {}
            while time.time() < self._deadline:
                path = random.choice(PATHS[role])
                again = {"If-None-Match": tags[path]} if path in tags else {}
                answer = await self._request(client, "feed" if role == "feed" else "page", "GET", path, headers=again)
                if role == "feed" and answer is not None and "etag" in answer.headers:
                    tags[path] = answer.headers["etag"]
                await asyncio.sleep(random.uniform(*THINK_SECONDS))

    async def _submit_events(self, key: str, random: Random) -> None:
        mine: list[AcknowledgedEvent] = []
        async with self._open_client("ingest", build_bearer_header(key)) as client:
            while time.time() < self._deadline:
                await asyncio.sleep(random.uniform(*THINK_SECONDS))
                content = make_event(next(self._numbers), self._region)
                if len(mine) < EVENTS_PER_ORGANISATION:
                    made = await self._submit_until_answered(client, "POST", SUBMISSIONS, content, {})
                    mine += [made] if made else []
                else:
                    old = mine.pop(0)
                    seen = {"If-Match": f'"{old.version}"'}
                    made = await self._submit_until_answered(client, "PUT", f"{SUBMISSIONS}/{old.id}", content, seen)
                    mine.append(made or old)

    async def _submit_until_answered(
        self, client: httpx.AsyncClient, method: str, path: str, content: Mapping[str, Any], headers: Mapping[str, str]
    ) -> AcknowledgedEvent | None:
        """None if it is refused or the time is over."""
        keyed = {**headers, "Idempotency-Key": f"soak-{time.time_ns()}"}
        while time.time() < self._deadline + RETRY_SECONDS:
            answer = await self._request(client, "submission", method, path, headers=keyed, json=content)
            if answer is not None and answer.is_success:
                said = answer.json()
                kept = self.acknowledged[said["id"]] = AcknowledgedEvent(said["id"], said["version"])
                return kept
            if answer is not None and answer.status_code not in {429, 503}:
                return None
            await asyncio.sleep(_read_retry_after(answer))
        return None

    async def _review(self) -> None:
        async with self._open_client("calendar", self._task.headers["decisions"]) as client:
            while time.time() < self._deadline:
                await asyncio.sleep(DECIDE_SECONDS)
                params = {"state": "waiting", "limit": 100}
                answer = await self._request(client, "decision", "GET", REVIEWS, params=params)
                waiting = answer.json()["items"] if answer is not None and answer.is_success else []
                if waiting:
                    decisions = [
                        {"id": each["id"], "review_number": each["review_number"], "decision": "accept"}
                        for each in waiting
                    ]
                    await self._request(
                        client, "decision", "POST", f"{REVIEWS}/decisions", json={"decisions": decisions}
                    )

    async def _request(
        self,
        client: httpx.AsyncClient,
        what: str,
        method: str,
        path: str,
        **more: Any,  # noqa: ANN401 - httpx's own arguments
    ) -> httpx.Response | None:
        at, began = time.time(), time.perf_counter()
        try:
            answer = await client.request(method, path, **more)
        except httpx.TransportError:
            answer = None
        status = answer.status_code if answer is not None else 0
        retry_after = answer is not None and "retry-after" in answer.headers
        self.requests.append(
            SoakRequest(what, f"{method} {path}", at, time.perf_counter() - began, status, retry_after)
        )
        return answer

    def _open_client(self, service: str, headers: Mapping[str, str]) -> httpx.AsyncClient:
        limits = httpx.Limits(max_connections=1, keepalive_expiry=KEEP_ALIVE_SECONDS)
        address = self._task.addresses[service]
        return httpx.AsyncClient(base_url=address, headers=headers, timeout=TIMEOUT_SECONDS, limits=limits)


PATHS: Mapping[str, Sequence[str]] = {
    "public": (
        "/pl/",
        "/de/",
        "/en/?category=maritime",
        f"/pl/{YEAR}",
        f"/cs/{YEAR}/08",
        "/pl/subscribe",
        "/pl/organisers",
        "/pl/offices",
        "/api/v1/events?limit=50",
    ),
    "feed": ("/feeds/programme.ics", "/feeds/programme.rss", "/feeds/programme.json", "/feeds/programme.ics?lang=de"),
    "editor": ("/ingest/", "/ingest/submissions/new"),
    "curator": ("/calendar/", f"/calendar/programme/{YEAR}"),
}


def _read_retry_after(answer: httpx.Response | None) -> float:
    told = answer.headers.get("retry-after", "") if answer is not None else ""
    return min(MAX_RETRY_AFTER, float(told)) if told.isdecimal() else 1.0


def main() -> None:
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=SoakTask)
    outcome = asyncio.run(LoadGenerator(task, load_region(REGION)).run())
    sys.stdout.buffer.write(msgspec.json.encode(outcome))


if __name__ == "__main__":
    main()
