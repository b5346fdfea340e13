"""What is in hand beside a record that kills the process is not set aside with it; a life is a consumer that dies."""

from __future__ import annotations

import asyncio

from shared.database import Collection, Database
from shared.eventlog.consumer import Consumer
from shared.eventlog.envelope import Letter
from shared.eventlog.handling import outside_world_is_away
from shared.eventlog.parked import list_parked
from shared.eventlog.stopping import cancelled
from shared.messages import EventPublished
from tests.fakes import FakeEventLog
from tests.shared.eventlog.builders import HASTY, eventually, post, published
from tests.shared.eventlog.desk import GROUP, committed, ends

DEADLY = "deadly"
LIVES = 12
"""More than it takes: three deaths, and one life in which nobody dies."""


class Life:
    """A process: it dies as soon as it has the deadly record in hand, while whatever is beside it is still in work."""

    def __init__(self, event_log: FakeEventLog, attempts: Collection) -> None:
        self.died = asyncio.Event()
        self.handled: list[str] = []
        self._log = event_log
        self._consumer = Consumer(
            event_log,
            group=GROUP,
            handlers={EventPublished: self._handle},
            outage=outside_world_is_away,
            attempts=attempts,
            settings=HASTY,
        )

    async def _handle(self, message: EventPublished, _: Letter) -> None:
        if message.event_id == DEADLY:
            self.died.set()
            await asyncio.Event().wait()
        await asyncio.sleep(0.1)
        self.handled.append(message.event_id)

    async def go_on(self) -> bool:
        """Live until everything is done, or to the death; tells whether it died."""
        life = asyncio.create_task(self._consumer.run(asyncio.Event()))
        done = asyncio.create_task(eventually(lambda: committed(self._log) == ends(self._log)))
        death = asyncio.create_task(self.died.wait())
        try:
            await asyncio.wait({done, death, life}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await cancelled(life, done, death)
        return self.died.is_set()


async def test_only_the_deadly_record_is_parked_whatever_was_in_hand_beside_it(
    event_log: FakeEventLog, database: Database
) -> None:
    """Each partition's record is alone in hand of its partition, in each of the deaths."""
    others = [f"e{number}" for number in range(12)]
    for event_id in (*others, DEADLY):
        await post(event_log, published(event_id))
    handled: set[str] = set()
    deaths = 0
    for _ in range(LIVES):
        life = Life(event_log, database["attempts"])
        died = await life.go_on()
        handled |= set(life.handled)
        deaths += died
        if not died:
            break

    assert [record.key for record in await list_parked(event_log)] == [DEADLY.encode()]
    assert (deaths, handled) == (3, set(others))
