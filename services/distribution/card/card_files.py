"""Cards as files: each is drawn once for a revision and language, one at a time, in a thread."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from services.distribution.card.drawing import Card, draw_card

KEPT: Final = 200
"""Of about 40 kB each."""
WAITING: Final = 20
CardKey = tuple[str, int, str]
"""The event's id, its revision, and the language."""


class TooManyCards(Exception):
    """As many wait to be drawn as may."""


class CardFiles:
    def __init__(self, draw: Callable[[Card], bytes] = draw_card) -> None:
        self._draw = draw
        self._kept: OrderedDict[CardKey, bytes] = OrderedDict()
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def get(self, key: CardKey, card: Card) -> bytes:
        """Raises TooManyCards."""
        if key not in self._kept:
            if self._waiting >= WAITING:
                raise TooManyCards
            self._waiting += 1
            try:
                async with self._turn:
                    if key not in self._kept:
                        self._kept[key] = await asyncio.to_thread(self._draw, card)
            finally:
                self._waiting -= 1
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]
