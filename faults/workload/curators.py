"""Curator: decides what waits, and checks first where no response came."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from faults.client import RecordingClient, is_settled, wait_retry_after
from faults.history import Act, EventText, History, Kind, parse_title
from faults.workload.month import EventMonth

REVIEWS: Final = "/calendar/api/v1/reviews"
REJECTED_SHARE: Final = 0.08
LOOK_AGAIN_SECONDS: Final = 0.3


@dataclass(slots=True)
class Curator:
    """One of several, who share the entries by id."""

    number: int
    of: int
    asker: RecordingClient
    history: History
    window: EventMonth
    random: Random
    resting: bool = False
    last_round: bool = False

    async def work(self) -> None:
        """Until nothing of ours waits in the last round."""
        while True:
            last = self.last_round
            waiting = None if self.resting else await self._list_waiting()
            for entry in waiting or ():
                await self._decide(entry)
            if last and waiting is not None and not waiting:
                return
            await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def _list_waiting(self) -> list[dict[str, Any]] | None:
        """None if unknown."""
        filters = {"state": "waiting", "year": self.window.year, "limit": 200}
        answer = await self.asker.request("GET", REVIEWS, params=filters)
        if answer is None or not answer.is_success:
            return None
        return [entry for entry in answer.json()["items"] if self._is_assigned(entry)]

    def _is_assigned(self, entry: Mapping[str, Any]) -> bool:
        content = _parse_waiting(entry)
        return (
            content is not None and self.window.contains(content) and sum(entry["id"].encode()) % self.of == self.number
        )

    async def _decide(self, entry: Mapping[str, Any]) -> None:
        content = _parse_waiting(entry)
        if content is None:
            return
        kind: Kind = "reject" if self.random.random() < REJECTED_SHARE else "accept"
        act = self.history.begin(kind, content, "", time.monotonic())
        body = {"reason": "other", "comment": "Nie tym razem."} if kind == "reject" else {}
        await self._decide_until_known(act, entry, kind, body)

    async def _decide_until_known(self, act: Act, entry: Mapping[str, Any], kind: str, body: object) -> None:
        version, number = entry["proposal"]["version"], entry["review_number"]
        path = f"{REVIEWS}/{entry['id']}"
        asked_before = False
        while True:
            answer = await self.asker.request("POST", f"{path}/{kind}", json=body, headers={"If-Match": f'"{number}"'})
            if answer is not None and answer.is_success:
                act.end("ok", time.monotonic(), event_id=entry["id"], version=version)
                return
            if is_settled(answer):
                known = await self._read_outcome(path, version, kind) if asked_before else "refused"
                act.end("ok" if known == kind else "refused", time.monotonic(), event_id=entry["id"], version=version)
                return
            asked_before = True
            await wait_retry_after(answer)

    async def _read_outcome(self, path: str, version: int, kind: str) -> str | None:
        """A decision without a response may have been taken all the same: the entry's history shows it."""
        while True:
            answer = await self.asker.request("GET", path)
            if answer is not None and answer.is_success:
                done = {"accept": "accepted", "reject": "rejected"}[kind]
                steps = [(step["what"], step["version"], step["by"]) for step in answer.json()["history"]]
                return kind if (done, version, "curator") in steps else None
            await wait_retry_after(answer)


def _parse_waiting(entry: Mapping[str, Any]) -> EventText | None:
    proposal = entry["proposal"]
    return parse_title(proposal["event"]["title"]["pl"]) if proposal else None
