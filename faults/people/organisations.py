"""An organisation that sends events in, changes them, calls them off and takes them back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from faults.asking import Asker, surely_answered, wait_as_told
from faults.history import Act, Content, History, Kind, Trespass
from faults.people.window import Window

SUBMISSIONS: Final = "/ingest/api/v1/submissions"
WEIGHTS: Final[Mapping[str, int]] = {"send": 50, "edit": 20, "cancel": 8, "withdraw": 7, "again": 8, "spy": 7}
MOST_EVENTS: Final = 50
"""Of one organisation in a row; then it works on what it has."""


@dataclass(slots=True)
class Own:
    """One of our events as we know it: its text, and the version that we were told last."""

    content: Content
    id: str
    version: int
    ended: bool = False


@dataclass(slots=True)
class Organisation:
    """Works on its own events, one act at a time; whatever got no answer is repeated with the same key."""

    slug: str
    asker: Asker
    history: History
    window: Window
    random: Random
    next_token: Callable[[], str]
    neighbours: list[Own] = field(default_factory=list)
    """Events of the other organisations, to try whether they can be read."""
    own: list[Own] = field(default_factory=list)
    sent: list[tuple[str, dict[str, Any], str]] = field(default_factory=list)
    """What was sent in and answered: the key, the body, and the id."""

    async def work(self, stop: asyncio.Event, pause: float) -> None:
        """Do one thing after another until ``stop`` is set."""
        while not stop.is_set():
            await _unless(stop, self.random.uniform(0, 2 * pause))
            if not stop.is_set():
                await self.do_something()

    async def do_something(self) -> None:
        """Choose, and do."""
        kind = self.random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        open_ones = [each for each in self.own if not each.ended]
        if kind == "again" and self.sent:
            await self._repeat()
        elif kind == "spy" and self.neighbours:
            await self._spy()
        elif open_ones and (kind in {"edit", "cancel", "withdraw"} or len(self.own) >= MOST_EVENTS):
            await self._change(self.random.choice(open_ones), kind)
        elif len(self.own) < MOST_EVENTS:
            await self.send()

    async def send(self) -> Own | None:
        """Send a new event in."""
        content = Content(self.next_token(), 1)
        body = self.window.event(content)
        act = self._begin("send", content)
        answer = await self._until_answered(act, "POST", SUBMISSIONS, body, {})
        if answer is None:
            return None
        made = Own(content, answer["id"], answer["version"])
        self.own.append(made)
        self.sent.append((act.key, body, made.id))
        return made

    async def _change(self, mine: Own, kind: str) -> None:
        seen = {"If-Match": f'"{mine.version}"'}
        path = f"{SUBMISSIONS}/{mine.id}"
        if kind == "edit":
            content = Content(mine.content.token, mine.content.ordinal + 1)
            act = self._begin("edit", content)
            answer = await self._until_answered(act, "PUT", path, self.window.event(content), seen)
            if answer is not None:
                mine.content, mine.version = content, answer["version"]
        elif kind in {"cancel", "withdraw"}:
            act = self._begin("cancel" if kind == "cancel" else "withdraw", mine.content)
            answer = await self._until_answered(act, "POST", f"{path}/{kind}", None, seen)
            if answer is not None:
                mine.version, mine.ended = answer["version"], True

    async def _repeat(self) -> None:
        """Send something in again with its key: the answer must be about the same submission."""
        key, body, event_id = self.random.choice(self.sent)
        answer = await self.asker.ask("POST", SUBMISSIONS, json=body, headers={"Idempotency-Key": key})
        if answer is not None and answer.is_success and answer.json()["id"] != event_id:
            self.history.contradictions.append(f"{key} was answered as {event_id} and as {answer.json()['id']}")

    async def _spy(self) -> None:
        foreign = self.random.choice(self.neighbours)
        answer = await self.asker.ask("GET", f"{SUBMISSIONS}/{foreign.id}")
        if answer is not None:
            self.history.trespasses.append(Trespass(self.slug, foreign.content.token, answer.status_code))

    def _begin(self, kind: Kind, content: Content) -> Act:
        key = f"{kind}-{content.token}v{content.ordinal}-{self.random.getrandbits(48):x}"
        return self.history.begin(kind, content, key, time.monotonic())

    async def _until_answered(
        self, act: Act, method: str, path: str, body: object, headers: Mapping[str, str]
    ) -> dict[str, Any] | None:
        """Ask until it is known what became of it; None if it was refused."""
        asked = {**headers, "Idempotency-Key": act.key}
        while True:
            answer = await self.asker.ask(method, path, json=body, headers=asked)
            if answer is not None and surely_answered(answer):
                break
            await wait_as_told(answer)
        if not answer.is_success:
            act.end("refused", time.monotonic())
            return None
        found: dict[str, Any] = answer.json()
        act.end("ok", time.monotonic(), event_id=found["id"], version=found["version"])
        return found


async def _unless(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
