"""The people of a soak: they think for some seconds, ask, and wait for the answer; a program of its own.

``python -m bench.soakers`` reads a :class:`Task` as JSON and writes an :class:`Outcome`. Visitors, editors and curators
look at pages; organisations send in by the API and, having enough events, change them, so that what is kept stops
growing; one curator accepts what waits. Whoever is told to come back later does so with the same key.
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

from bench.events import YEAR, event
from bench.keys import bearer
from shared.region import Region, load_region

REGION = Path("deploy/region")
THINK_SECONDS = (1.0, 5.0)
DECIDE_SECONDS = 2.0
EVENTS_OF_ONE = 8
LONGEST_WAIT = 5.0
PATIENCE_SECONDS = 30.0
LATE_SECONDS = 90.0
"""How long after the end something that was begun may still be repeated."""
IDLE_SECONDS = 2.0
"""After which we close a connection, before the server does."""
SUBMISSIONS, REVIEWS = "/ingest/api/v1/submissions", "/calendar/api/v1/reviews"
WHERE = ("public", "public", "public", "feed", "editor", "curator")
"""What users look at: half of them at the public pages."""


class Task(msgspec.Struct, frozen=True):
    """Who asks, where, and for how long; headers by role, and the submitters' keys."""

    addresses: Mapping[str, str]
    headers: Mapping[str, Mapping[str, str]]
    keys: Sequence[str]
    users: int
    seconds: float


class Asked(msgspec.Struct, frozen=True):
    """One request: when it began (seconds since 1970), and what came of it; status 0 is no answer."""

    what: str
    path: str
    at: float
    seconds: float
    status: int
    later: bool = False
    """Whether it was told when to come back."""


class Kept(msgspec.Struct, frozen=True):
    """What an organisation was told last of an event of its own."""

    id: str
    version: int


class Outcome(msgspec.Struct, frozen=True):
    """Everything that was asked, and everything that was answered as kept."""

    asked: list[Asked]
    kept: list[Kept]


class People:
    """All of them, with one client each and one common note-book."""

    def __init__(self, task: Task, region: Region) -> None:
        self._task = task
        self._region = region
        self._until = time.time() + task.seconds
        self._numbers = iter(range(2_000_000, 3_000_000))
        self.asked: list[Asked] = []
        self.kept: dict[str, Kept] = {}

    async def live(self) -> Outcome:
        """Let everybody do what they do until the time is over."""
        users = [self._look(WHERE[number % len(WHERE)], Random(number)) for number in range(self._task.users)]
        submitters = [self._submit(key, Random(key)) for key in self._task.keys]
        await asyncio.gather(*users, *submitters, self._decide())
        return Outcome(self.asked, list(self.kept.values()))

    async def _look(self, role: str, random: Random) -> None:
        """Look at one page after the other."""
        service = {"editor": "ingest", "curator": "calendar"}.get(role, "distribution")
        headers: dict[str, str] = dict(self._task.headers.get(role, {}))
        async with self._client(service, headers | {"Accept-Encoding": "gzip"}) as client:
            await asyncio.sleep(random.uniform(0, THINK_SECONDS[1]))
            tags: dict[str, str] = {}
            while time.time() < self._until:
                path = random.choice(PATHS[role])
                again = {"If-None-Match": tags[path]} if path in tags else {}
                answer = await self._ask(client, "feed" if role == "feed" else "page", "GET", path, headers=again)
                if role == "feed" and answer is not None and "etag" in answer.headers:
                    tags[path] = answer.headers["etag"]
                await asyncio.sleep(random.uniform(*THINK_SECONDS))

    async def _submit(self, key: str, random: Random) -> None:
        """Send events in, and from some number on change them."""
        mine: list[Kept] = []
        async with self._client("ingest", bearer(key)) as client:
            while time.time() < self._until:
                await asyncio.sleep(random.uniform(*THINK_SECONDS))
                content = event(next(self._numbers), self._region)
                if len(mine) < EVENTS_OF_ONE:
                    made = await self._until_kept(client, "POST", SUBMISSIONS, content, {})
                    mine += [made] if made else []
                else:
                    old = mine.pop(0)
                    seen = {"If-Match": f'"{old.version}"'}
                    made = await self._until_kept(client, "PUT", f"{SUBMISSIONS}/{old.id}", content, seen)
                    mine.append(made or old)

    async def _until_kept(
        self, client: httpx.AsyncClient, method: str, path: str, content: Mapping[str, Any], headers: Mapping[str, str]
    ) -> Kept | None:
        """Send until it is answered, always with the same key; None if it is refused or the time is over."""
        keyed = {**headers, "Idempotency-Key": f"soak-{time.time_ns()}"}
        while time.time() < self._until + LATE_SECONDS:
            answer = await self._ask(client, "submission", method, path, headers=keyed, json=content)
            if answer is not None and answer.is_success:
                said = answer.json()
                kept = self.kept[said["id"]] = Kept(said["id"], said["version"])
                return kept
            if answer is not None and answer.status_code not in {429, 503}:
                return None
            await asyncio.sleep(_told(answer))
        return None

    async def _decide(self) -> None:
        """Accept what waits, again and again."""
        async with self._client("calendar", self._task.headers["decisions"]) as client:
            while time.time() < self._until:
                await asyncio.sleep(DECIDE_SECONDS)
                params = {"state": "waiting", "limit": 100}
                answer = await self._ask(client, "decision", "GET", REVIEWS, params=params)
                waiting = answer.json()["items"] if answer is not None and answer.is_success else []
                if waiting:
                    decisions = [
                        {"id": each["id"], "review_number": each["review_number"], "decision": "accept"}
                        for each in waiting
                    ]
                    await self._ask(client, "decision", "POST", f"{REVIEWS}/decisions", json={"decisions": decisions})

    async def _ask(
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
        later = answer is not None and "retry-after" in answer.headers
        self.asked.append(Asked(what, f"{method} {path}", at, time.perf_counter() - began, status, later))
        return answer

    def _client(self, service: str, headers: Mapping[str, str]) -> httpx.AsyncClient:
        limits = httpx.Limits(max_connections=1, keepalive_expiry=IDLE_SECONDS)
        address = self._task.addresses[service]
        return httpx.AsyncClient(base_url=address, headers=headers, timeout=PATIENCE_SECONDS, limits=limits)


PATHS: Mapping[str, Sequence[str]] = {
    "public": (
        "/pl/",
        "/de/",
        "/en/?category=maritime",
        f"/pl/{YEAR}",
        f"/cs/{YEAR}/8",
        "/pl/subscribe",
        "/pl/organisers",
        "/pl/offices",
        "/api/v1/events?limit=50",
    ),
    "feed": ("/feeds/programme.ics", "/feeds/programme.rss", "/feeds/programme.json", "/feeds/programme.ics?lang=de"),
    "editor": ("/ingest/", "/ingest/submissions/new"),
    "curator": ("/calendar/", f"/calendar/programme/{YEAR}"),
}


def _told(answer: httpx.Response | None) -> float:
    """Read how long to wait before asking again."""
    told = answer.headers.get("retry-after", "") if answer is not None else ""
    return min(LONGEST_WAIT, float(told)) if told.isdecimal() else 1.0


def main() -> None:
    """Do the task that stands on the standard input."""
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    outcome = asyncio.run(People(task, load_region(REGION)).live())
    sys.stdout.buffer.write(msgspec.json.encode(outcome))


if __name__ == "__main__":
    main()
