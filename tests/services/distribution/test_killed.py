"""Distribution killed between two snapshots, and started while the log is away: nothing shown is taken back."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

from services.distribution.replica.snapshot_store import NAME
from shared.eventlog.port import Outgoing
from shared.messages import EventWithdrawn
from tests.services.distribution.builders import make_message
from tests.services.distribution.replica.test_replica import FAST, SHOWN, away, goes_on_to_say, ids, opened, show
from tests.services.distribution.serving import Served, serve
from tests.shared.eventlog.builders import eventually
from tests.support.fakes import FakeEventLog

WITHDRAWN = EventWithdrawn(event_id="b", revision=2, withdrawn_at="2026-11-03T10:00:00Z")
SELDOM = replace(FAST, snapshot_interval=3600.0)
"""A first snapshot at once, and no second one while a test lasts."""


async def killed(served: Served, folder: Path, copied: Path) -> None:
    """Take what a process leaves that is killed now."""
    await asyncio.to_thread(shutil.copytree, folder, copied)


async def kept(folder: Path) -> None:
    await eventually((folder / NAME).exists)
    await eventually(lambda: list(folder.glob("programme.*.journal")))


async def test_what_came_after_the_last_snapshot_is_shown_again_with_the_same_bytes_and_tags(tmp_path: Path) -> None:
    here, left = tmp_path / "here", tmp_path / "left"
    async with serve(make_message("a"), make_message("b"), data=here, replica_settings=SELDOM) as served:
        await kept(here)
        await served.say(make_message("a", 2, title={"pl": "Nowy"}), make_message("c"), WITHDRAWN)
        await served.until("/feeds/programme.json", "Nowy")
        await eventually(lambda: len(served.front.fastapi.state.service.programme) == 2)
        before = await show(served)
        await killed(served, here, left)
    async with serve(log=away(), data=left, replica_settings=SELDOM) as served:
        await opened(served)
        after, shown = await show(served), await ids(served)

    assert shown == {"a": 2, "c": 1}
    for path in SHOWN:
        assert (after[path].status_code, after[path].content) == (200, before[path].content), path
        assert after[path].headers.get("etag") == before[path].headers.get("etag")


async def test_it_is_so_after_every_death_until_the_log_is_back_and_read_on_from_there(tmp_path: Path) -> None:
    log, folders = FakeEventLog(), [tmp_path / str(number) for number in range(4)]
    async with serve(make_message("a"), log=log, data=folders[0], replica_settings=SELDOM) as served:
        await kept(folders[0])
        await served.say(make_message("a", 2))
        await served.until("/api/v1/events", '"revision":2')
        await killed(served, folders[0], folders[1])
    async with serve(log=log, data=folders[1], replica_settings=SELDOM) as served:
        await served.say(make_message("a", 3))
        await served.until("/api/v1/events", '"revision":3')
        await killed(served, folders[1], folders[2])
        log.away = True
        async with serve(log=away(), data=folders[2], replica_settings=SELDOM) as again:
            await opened(again)
            assert await ids(again) == {"a": 3}
            await killed(again, folders[2], folders[3])
    log.away = False
    async with serve(make_message("b"), log=log, data=folders[3], replica_settings=SELDOM) as served:
        await goes_on_to_say(served, its_age=False)
        assert await ids(served) == {"a": 3, "b": 1}
        assert served.front.fastapi.state.service.programme.change_count == 4  # three of the files, one of the log


async def test_a_record_that_was_skipped_after_the_snapshot_is_met_again_by_the_next_release(tmp_path: Path) -> None:
    log, here, left = FakeEventLog(), tmp_path / "here", tmp_path / "left"
    async with serve(make_message("a"), log=log, data=here, replica_settings=SELDOM) as served:
        await kept(here)
        await log.send(Outgoing("programme.v1", b"x", b"{}", [("ce_type", b"of another release")]))
        await served.say(make_message("c"))
        await served.until("/api/v1/events", '"c"')
        await killed(served, here, left)
    async with serve(log=log, data=left, replica_settings=SELDOM) as served:
        await goes_on_to_say(served, its_age=False)
        metrics = (await served.client.get("/metrics")).text
        shown = await ids(served)

    assert shown == {"a": 1, "c": 1}
    assert 'kal_records_skipped_total{service="distribution"} 1.0' in metrics


async def test_what_another_log_says_is_not_taken_for_a_part_of_the_one_before(tmp_path: Path) -> None:
    """The positions of a journal mean nothing on a log that was made again."""
    here, left = tmp_path / "here", tmp_path / "left"
    async with serve(make_message("a"), make_message("b"), data=here, replica_settings=SELDOM):
        await kept(here)
    never = replace(SELDOM, settle_after=3600.0)
    async with serve(make_message("c"), log=FakeEventLog(), data=here, replica_settings=never) as served:
        await killed(served, here, left)
    async with serve(log=away(), data=left, replica_settings=SELDOM) as served:
        await opened(served)
        shown = await ids(served)

    assert shown == {"a": 1, "b": 1}
