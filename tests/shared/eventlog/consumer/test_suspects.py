"""What is in hand beside a record that kills the process is not set aside with it; a life is a consumer that dies."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from shared.aio.cancellation import cancel_and_wait
from shared.database.client import Collection, Database
from shared.eventlog.consumer.loop import Consumer
from shared.eventlog.dead_letters.inspect import list_dead_letters
from shared.eventlog.envelope import Envelope
from shared.messages import EventPublished
from tests.shared.eventlog.builders import HASTY, eventually, post, published
from tests.shared.eventlog.desk import GROUP, ends
from tests.support.fakes import FakeEventLog

DEADLY = "deadly"
AT_WORK_SECONDS = 0.1
LIVES = 12
"""More than it takes: three deaths, and one life in which nobody dies."""


class Life:
    """A process of one or two services: it dies when calendar has the deadly record in hand, and the others theirs."""

    def __init__(self, event_log: FakeEventLog, crash_records: Collection, groups: Sequence[str]) -> None:
        self.handled: set[tuple[str, str]] = set()
        self._died = asyncio.Event()
        self._log = event_log
        self._groups = groups
        self._consumers = [self._consumer(group, crash_records) for group in groups]

    def _consumer(self, group: str, crash_records: Collection) -> Consumer:
        async def handle(message: EventPublished, _: Envelope) -> None:
            if message.event_id == DEADLY and group == GROUP:
                await asyncio.sleep(AT_WORK_SECONDS / 2)  # till then the others have theirs in hand, if they may
                self._died.set()
                await asyncio.Event().wait()
            await asyncio.sleep(AT_WORK_SECONDS)
            self.handled.add((group, message.event_id))

        return Consumer(
            self._log,
            group=group,
            handlers={EventPublished: handle},
            crash_records=crash_records,
            settings=HASTY,
        )

    def _is_done(self) -> bool:
        return all(
            self._log.offsets.get((group, partition)) == end
            for group in self._groups
            for partition, end in ends(self._log).items()
        )

    async def go_on(self) -> bool:
        """Live until everything is done, or to the death; tells whether it died."""
        lives = [asyncio.create_task(each.run(asyncio.Event())) for each in self._consumers]
        done = asyncio.create_task(eventually(self._is_done))
        death = asyncio.create_task(self._died.wait())
        try:
            await asyncio.wait({done, death, *lives}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await cancel_and_wait(*lives, done, death)
        return self._died.is_set()


@pytest.mark.parametrize("groups", [[GROUP], [GROUP, "ingest"], ["ingest", GROUP]], ids="-".join)
async def test_only_the_deadly_record_is_parked_whatever_was_in_hand_beside_it(
    event_log: FakeEventLog, database: Database, groups: Sequence[str]
) -> None:
    """Each partition's record is the only one in hand of its partition, in each of the deaths."""
    events = [f"e{number}" for number in range(12)]
    for event_id in (*events, DEADLY):
        await post(event_log, published(event_id))
    handled: set[tuple[str, str]] = set()
    deaths = 0
    for _ in range(LIVES):
        life = Life(event_log, database["attempts"], groups)
        died = await life.go_on()
        handled |= life.handled
        deaths += died
        if not died:
            break

    assert [(record.group, record.key) for record in await list_dead_letters(event_log)] == [(GROUP, DEADLY.encode())]
    assert deaths == 3
    assert handled == {(group, each) for group in groups for each in (*events, DEADLY)} - {(GROUP, DEADLY)}
