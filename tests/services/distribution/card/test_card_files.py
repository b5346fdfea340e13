"""Cards are drawn once each, one at a time, and few wait."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from services.distribution.card.card_files import KEPT, WAITING, CardFiles, TooManyCards
from services.distribution.card.drawing import Card
from tests.services.distribution.builders import make_message
from tests.services.distribution.card.test_drawing import CARD
from tests.services.distribution.serving import serve
from tests.shared.media.drawing import decode


class Drawer:
    def __init__(self) -> None:
        self.drawn = self.at_once = self.most = 0
        self._lock = threading.Lock()

    def draw(self, card: Card) -> bytes:
        with self._lock:
            self.drawn += 1
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        time.sleep(0.002)
        self.at_once -= 1
        return card.title.encode()


async def test_a_card_is_drawn_once_for_a_revision_however_many_ask() -> None:
    drawer = Drawer()
    files = CardFiles(drawer.draw)

    await asyncio.gather(*(files.get(("a", 1, "pl"), CARD) for _ in range(WAITING)))
    await files.get(("a", 1, "pl"), CARD)
    assert drawer.drawn == 1
    await files.get(("a", 2, "pl"), CARD)
    assert drawer.drawn == 2


async def test_one_is_drawn_at_a_time_and_more_than_a_few_are_told_to_come_back() -> None:
    drawer = Drawer()
    files = CardFiles(drawer.draw)

    asked = (files.get((str(number), 1, "pl"), CARD) for number in range(WAITING + 5))
    answers = await asyncio.gather(*asked, return_exceptions=True)

    assert sum(isinstance(each, TooManyCards) for each in answers) == 5
    assert drawer.most == 1


async def test_so_many_are_kept() -> None:
    drawer = Drawer()
    files = CardFiles(drawer.draw)
    for number in range(KEPT + 1):
        await files.get((str(number), 1, "pl"), CARD)

    await files.get((str(KEPT), 1, "pl"), CARD)
    assert drawer.drawn == KEPT + 1
    await files.get(("0", 1, "pl"), CARD)
    assert drawer.drawn == KEPT + 2


@pytest.mark.parametrize(("event_id", "status"), [("a", 200), ("nothing", 404)])
async def test_only_a_public_event_has_a_card(event_id: str, status: int) -> None:
    async with serve(make_message("a")) as served:
        answer = await served.client.get(f"/pl/events/{event_id}/card.png?v=1")

        assert answer.status_code == status
        if answer.is_success:
            assert decode(answer.content).size == (1200, 630)
            assert answer.headers["content-type"] == "image/png"
            assert "max-age=86400" in answer.headers["cache-control"]
            head = {"If-None-Match": answer.headers["etag"]}
            assert (await served.client.get("/pl/events/a/card.png?v=1", headers=head)).status_code == 304
