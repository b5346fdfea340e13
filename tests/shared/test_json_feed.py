"""A feed in pages is read whole, whatever changes while it is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.json_feed import read_items

ADDRESS = "/feeds/programme.json"


class ChangingFeed:
    """Newest first, in pages of two; before each answer some events change, which brings them to the front."""

    def __init__(self, events: int, changes: Sequence[Sequence[int]]) -> None:
        self._changed_at = {number: number for number in range(events)}
        self._changes = list(changes)
        self.asked: list[str] = []

    async def ask(self, address: str) -> Mapping[str, Any]:
        for number in self._changes.pop(0) if self._changes else ():
            if number in self._changed_at:
                self._changed_at[number] = max(self._changed_at.values()) + 1
        self.asked.append(address)
        after = float(address.partition("after=")[2] or "inf")
        behind = sorted((at, number) for number, at in self._changed_at.items() if at < after)[::-1]
        page = {"items": [{"id": str(number), "at": at} for at, number in behind[:2]]}
        return page | ({"next_url": f"https://kalendarium.test{ADDRESS}?after={behind[1][0]}"} if behind[2:] else {})


@given(st.integers(0, 12), st.lists(st.lists(st.integers(0, 11), max_size=8), max_size=12))
async def test_every_event_is_read_however_many_change_meanwhile(events: int, changes: list[list[int]]) -> None:
    feed = ChangingFeed(events, changes)

    assert set(await read_items(feed.ask, ADDRESS)) == {str(number) for number in range(events)}


async def test_what_does_not_change_is_read_once_but_for_the_first_page() -> None:
    feed = ChangingFeed(5, [])

    await read_items(feed.ask, ADDRESS)

    assert feed.asked == [ADDRESS, f"{ADDRESS}?after=3", f"{ADDRESS}?after=1", ADDRESS]
