"""A curator who decides what waits, and looks first where no answer came."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from faults.asking import Asker, surely_answered, wait_as_told
from faults.history import Act, Content, History, Kind, content_of
from faults.people.window import Window

REVIEWS: Final = "/calendar/api/v1/reviews"
REJECTED_SHARE: Final = 0.08
LOOK_AGAIN_SECONDS: Final = 0.3


@dataclass(slots=True)
class Curator:
    """One of several; the ids of entries are shared out between them."""

    number: int
    of: int
    asker: Asker
    history: History
    window: Window
    random: Random
    resting: bool = False
    last_round: bool = False

    async def work(self) -> None:
        """Decide until nothing of ours waits in the last round."""
        while True:
            last = self.last_round
            waiting = None if self.resting else await self._waiting()
            for entry in waiting or ():
                await self._decide(entry)
            if last and waiting is not None and not waiting:
                return
            await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def _waiting(self) -> list[dict[str, Any]] | None:
        """List what waits for us, or None if that cannot be known now."""
        filters = {"state": "waiting", "year": self.window.year, "limit": 200}
        answer = await self.asker.ask("GET", REVIEWS, params=filters)
        if answer is None or not answer.is_success:
            return None
        return [entry for entry in answer.json()["items"] if self._is_ours(entry)]

    def _is_ours(self, entry: Mapping[str, Any]) -> bool:
        content = _waits(entry)
        return content is not None and self.window.has(content) and sum(entry["id"].encode()) % self.of == self.number

    async def _decide(self, entry: Mapping[str, Any]) -> None:
        content = _waits(entry)
        if content is None:
            return
        kind: Kind = "reject" if self.random.random() < REJECTED_SHARE else "accept"
        act = self.history.begin(kind, content, "", time.monotonic())
        body = {"reason": "other", "comment": "Nie tym razem."} if kind == "reject" else {}
        await self._until_known(act, entry, kind, body)

    async def _until_known(self, act: Act, entry: Mapping[str, Any], kind: str, body: object) -> None:
        version, number = entry["proposal"]["version"], entry["review_number"]
        path = f"{REVIEWS}/{entry['id']}"
        asked_before = False
        while True:
            answer = await self.asker.ask("POST", f"{path}/{kind}", json=body, headers={"If-Match": f'"{number}"'})
            if answer is not None and answer.is_success:
                act.end("ok", time.monotonic(), event_id=entry["id"], version=version)
                return
            if surely_answered(answer):
                known = await self._became(path, version, kind) if asked_before else "refused"
                act.end("ok" if known == kind else "refused", time.monotonic(), event_id=entry["id"], version=version)
                return
            asked_before = True
            await wait_as_told(answer)

    async def _became(self, path: str, version: int, kind: str) -> str | None:
        """Read in an entry's history whether a decision without an answer was taken all the same."""
        while True:
            answer = await self.asker.ask("GET", path)
            if answer is not None and answer.is_success:
                done = {"accept": "accepted", "reject": "rejected"}[kind]
                steps = [(step["what"], step["version"], step["by"]) for step in answer.json()["history"]]
                return kind if (done, version, "curator") in steps else None
            await wait_as_told(answer)


def _waits(entry: Mapping[str, Any]) -> Content | None:
    proposal = entry["proposal"]
    return content_of(proposal["event"]["title"]["pl"]) if proposal else None
