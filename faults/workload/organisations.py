"""Organisation: submits events, changes, cancels and withdraws them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from faults.client import RecordingClient, is_settled, wait_retry_after
from faults.history import Act, EventText, History, Kind, Trespass
from faults.workload.month import EventMonth

SUBMISSIONS: Final = "/ingest/api/v1/submissions"
WEIGHTS: Final[Mapping[str, int]] = {"send": 50, "edit": 20, "cancel": 8, "withdraw": 7, "again": 8, "spy": 7}
# In a row; then it works on those it has.
MOST_EVENTS: Final = 50


@dataclass(slots=True)
class OwnEvent:
    """``version`` is what was acknowledged last."""

    content: EventText
    id: str
    version: int
    ended: bool = False


@dataclass(slots=True)
class Organisation:
    """One act at a time; what got no response is repeated with the same key."""

    slug: str
    asker: RecordingClient
    history: History
    window: EventMonth
    random: Random
    next_token: Callable[[], str]
    # Events of another organisation, to try whether they can be read.
    neighbours: list[OwnEvent] = field(default_factory=list)
    own: list[OwnEvent] = field(default_factory=list)
    # What was submitted and acknowledged: key, body and id.
    sent: list[tuple[str, dict[str, Any], str]] = field(default_factory=list)

    async def work(self, stop: asyncio.Event, pause: float) -> None:
        while not stop.is_set():
            await _wait_or_stop(stop, self.random.uniform(0, 2 * pause))
            if not stop.is_set():
                await self.act_once()

    async def act_once(self) -> None:
        kind = self.random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        open_ones = [each for each in self.own if not each.ended]
        if kind == "again" and self.sent:
            await self._repeat()
        elif kind == "spy" and self.neighbours:
            await self._try_to_read()
        elif open_ones and (kind in {"edit", "cancel", "withdraw"} or len(self.own) >= MOST_EVENTS):
            await self._change(self.random.choice(open_ones), kind)
        elif len(self.own) < MOST_EVENTS:
            await self.send()

    async def send(self) -> OwnEvent | None:
        content = EventText(self.next_token(), 1)
        body = self.window.make_event(content)
        act = self._begin("send", content)
        answer = await self._request_until_settled(act, "POST", SUBMISSIONS, body, {})
        if answer is None:
            return None
        made = OwnEvent(content, answer["id"], answer["version"])
        self.own.append(made)
        self.sent.append((act.key, body, made.id))
        return made

    async def _change(self, mine: OwnEvent, kind: str) -> None:
        seen = {"If-Match": f'"{mine.version}"'}
        path = f"{SUBMISSIONS}/{mine.id}"
        if kind == "edit":
            content = EventText(mine.content.token, mine.content.ordinal + 1)
            act = self._begin("edit", content)
            answer = await self._request_until_settled(act, "PUT", path, self.window.make_event(content), seen)
            if answer is not None:
                mine.content, mine.version = content, answer["version"]
        elif kind in {"cancel", "withdraw"}:
            act = self._begin("cancel" if kind == "cancel" else "withdraw", mine.content)
            answer = await self._request_until_settled(act, "POST", f"{path}/{kind}", None, seen)
            if answer is not None:
                mine.version, mine.ended = answer["version"], True

    async def _repeat(self) -> None:
        # The response must be about the same submission.
        key, body, event_id = self.random.choice(self.sent)
        answer = await self.asker.request("POST", SUBMISSIONS, json=body, headers={"Idempotency-Key": key})
        if answer is not None and answer.is_success and answer.json()["id"] != event_id:
            self.history.contradictions.append(f"{key} was answered as {event_id} and as {answer.json()['id']}")

    async def _try_to_read(self) -> None:
        foreign = self.random.choice(self.neighbours)
        answer = await self.asker.request("GET", f"{SUBMISSIONS}/{foreign.id}")
        if answer is not None:
            self.history.trespasses.append(Trespass(self.slug, foreign.content.token, answer.status_code))

    def _begin(self, kind: Kind, content: EventText) -> Act:
        key = f"{kind}-{content.token}v{content.ordinal}-{self.random.getrandbits(48):x}"
        return self.history.begin(kind, content, key, time.monotonic())

    async def _request_until_settled(
        self, act: Act, method: str, path: str, body: object, headers: Mapping[str, str]
    ) -> dict[str, Any] | None:
        """None if it was refused."""
        asked = {**headers, "Idempotency-Key": act.key}
        while True:
            answer = await self.asker.request(method, path, json=body, headers=asked)
            if answer is not None and is_settled(answer):
                break
            await wait_retry_after(answer)
        if not answer.is_success:
            act.end("refused", time.monotonic())
            return None
        found: dict[str, Any] = answer.json()
        act.end("ok", time.monotonic(), event_id=found["id"], version=found["version"])
        return found


async def _wait_or_stop(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
