from __future__ import annotations

import asyncio
import re
import resource
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from services.distribution.replica.replica import ReplicaSettings
from services.distribution.replica.snapshot_store import NAME
from shared.eventlog.port import Outgoing
from shared.eventlog.topic_reader import TopicReaderSettings
from shared.messages import EventWithdrawn
from shared.web.http.last_modified import parse_date
from tests.services.distribution.builders import make_message, make_withdrawal
from tests.services.distribution.serving import Served, serve
from tests.shared.eventlog.builders import eventually
from tests.support.fakes import FakeEventLog

SAYS = "x-feed-generated-at"
HASTY = TopicReaderSettings(
    poll_seconds=0.02, look_seconds=0.05, stalled_after_seconds=0.2, first_wait=0.01, longest_wait=0.05
)
FAST = ReplicaSettings(
    check_interval=0.01, stale_after=60.0, open_after=60.0, settle_after=0.2, snapshot_interval=0.02, reader=HASTY
)
AT = "2026-11-03T10:00:00Z"
INSTANT = r"20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z"
SHOWN = (
    "/feeds/programme.ics",
    "/feeds/programme.rss",
    "/feeds/programme.json?lang=de",
    "/api/v1/events",
    "/api/v1/events/a",
    "/pl/",
    "/de/events/a",
    "/pl/offices",
    "/pl/subscribe",
)


def away() -> FakeEventLog:
    log = FakeEventLog()
    log.away = True
    return log


async def show(served: Served) -> dict[str, httpx.Response]:
    """What everybody sees, by address."""
    return {path: await served.client.get(path) for path in SHOWN}


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something seen from outside is so."""
    async with asyncio.timeout(60):
        while not await is_so():  # noqa: ASYNC110 - what is waited for rings no bell
            await asyncio.sleep(0.01)


async def opened(served: Served) -> None:
    async def is_ready() -> bool:
        return (await served.client.get("/readyz")).status_code == httpx.codes.OK

    await until(is_ready)


async def goes_on_to_say(served: Served, *, its_age: bool) -> None:
    async def says() -> bool:
        return (SAYS in (await served.client.get(SHOWN[0])).headers) is its_age

    await opened(served)
    await until(says)


async def notes(served: Served) -> dict[str, str]:
    found: dict[str, str] = (await served.client.get("/readyz")).json().get("notes", {})
    return found


async def notes_that(served: Served, said: str) -> None:
    async def is_noted() -> bool:
        return any(said in note for note in (await notes(served)).values())

    await until(is_noted)


async def ids(served: Served) -> dict[str, int]:
    items = (await served.client.get("/api/v1/events")).json()["items"]
    return {item["id"]: item["revision"] for item in items}


async def metric(served: Served, name: str) -> float:
    found = re.search(rf"^{name}{{.*}} (\S+)$", (await served.client.get("/metrics")).text, re.MULTILINE)
    assert found, f"there is no {name}"
    return float(found[1])


def made_at(answer: httpx.Response) -> float:
    """The date of an answer; 0 if it has none."""
    return parse_date(answer.headers.get("last-modified", "").encode()) or 0.0


async def test_a_start_without_the_log_shows_the_same_bytes_and_tags_and_says_how_old_they_are(tmp_path: Path) -> None:
    async with serve(make_message("a"), make_message("b", 2, channels=["pot-berlin"]), data=tmp_path) as served:
        before = await show(served)
    async with serve(log=away(), data=tmp_path, replica_settings=FAST) as served:
        await opened(served)
        after = await show(served)
        unchanged = await served.client.get(SHOWN[0], headers={"if-none-match": before[SHOWN[0]].headers["etag"]})
        ready = (await served.client.get("/readyz")).json()
        health, styles = await served.client.get("/livez"), await served.client.get("/static/site.css")

    for path in SHOWN:
        assert (after[path].status_code, after[path].content) == (200, before[path].content), path
        assert SAYS not in before[path].headers
        assert re.fullmatch(INSTANT, after[path].headers.pop(SAYS)), path
        own = {"date", "x-request-id", "last-modified"}
        ours = {name: value for name, value in after[path].headers.items() if name not in own}
        assert ours.items() <= before[path].headers.items(), path
        assert made_at(after[path]) >= made_at(before[path]), path
    assert (unchanged.status_code, re.fullmatch(INSTANT, unchanged.headers[SAYS]) is not None) == (304, True)
    assert re.fullmatch(
        rf"what is shown is known to be complete up to {INSTANT}; the event log does not answer",
        ready["notes"]["programme_age"],
    )
    assert SAYS not in health.headers.keys() | styles.headers.keys()


@pytest.mark.parametrize("path", [SHOWN[0], "/api/v1/events", "/pl/"])
async def test_a_start_with_neither_log_nor_snapshot_asks_to_come_back(tmp_path: Path, path: str) -> None:
    async with serve(log=away(), data=tmp_path, replica_settings=FAST) as served:
        answer = await served.client.get(path)
        ready = await served.client.get("/readyz")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert (ready.status_code, SAYS in answer.headers) == (503, False)
    assert not (tmp_path / NAME).exists()


async def test_when_the_log_answers_again_only_what_is_new_is_read_and_nothing_says_its_age(tmp_path: Path) -> None:
    log = FakeEventLog()
    async with serve(make_message("a"), make_message("b"), log=log, data=tmp_path):
        pass
    log.away = True
    async with serve(log=log, data=tmp_path, replica_settings=FAST) as served:
        await goes_on_to_say(served, its_age=True)
        log.away = False
        await served.say(make_message("b", 2), make_message("c"))
        await goes_on_to_say(served, its_age=False)

        assert await ids(served) == {"a": 1, "b": 2, "c": 1}
        assert served.front.resolver is not None
        assert await metric(served, "kal_feed_age_seconds") == 0
        assert await notes(served) == {}
    assert log.reads[-1] != {}


async def test_when_the_log_goes_away_everything_stays_and_after_a_while_says_its_age(tmp_path: Path) -> None:
    replica_settings = ReplicaSettings(check_interval=0.01, stale_after=0.5, reader=HASTY)
    async with serve(make_message("a"), data=tmp_path, replica_settings=replica_settings) as served:
        before = await served.client.get(SHOWN[0])
        served.log.away = True
        await goes_on_to_say(served, its_age=True)
        first = await served.client.get(SHOWN[0])
        second = await served.client.get(SHOWN[0])
        gauges = [await metric(served, f"kal_{name}_age_seconds") for name in ("programme", "feed", "record")]
        served.log.away = False
        await goes_on_to_say(served, its_age=False)

    assert (first.content, first.headers["etag"]) == (before.content, before.headers["etag"])
    assert first.headers[SAYS] == second.headers[SAYS]
    assert min(gauges[:2]) > 0.5


async def test_a_snapshot_is_not_shown_while_what_came_after_it_is_read(tmp_path: Path) -> None:
    """A replica that showed revision 2 and was killed before it kept it must not show revision 1 again."""
    log = FakeEventLog()
    async with serve(make_message("a"), log=log, data=tmp_path):
        pass
    kept = (tmp_path / NAME).read_bytes()
    async with serve(make_message("a", 2), log=log, data=tmp_path) as served:
        assert await ids(served) == {"a": 2}
    (tmp_path / NAME).write_bytes(kept)

    async with serve(log=log, data=tmp_path, replica_settings=FAST) as served:
        first = await served.client.get("/api/v1/events/a")

    assert (first.json()["revision"], SAYS in first.headers) == (2, False)


async def test_a_snapshot_is_shown_all_the_same_if_reading_takes_long(tmp_path: Path) -> None:
    log = FakeEventLog()
    async with serve(make_message("a"), log=log, data=tmp_path):
        pass
    log.silent = True

    async with serve(
        log=log, data=tmp_path, replica_settings=ReplicaSettings(check_interval=0.01, open_after=0.2)
    ) as served:
        assert await ids(served) == {"a": 1}
        assert "the event log is being read" in (await notes(served))["programme_age"]


async def test_a_replaced_log_replaces_the_programme_once_it_is_all_read_and_no_revision_goes_down(
    tmp_path: Path,
) -> None:
    async with serve(make_message("a", 5), make_message("b", 1), make_message("gone"), data=tmp_path):
        pass
    other = away()
    seen = []

    async with serve(log=other, data=tmp_path, replica_settings=FAST) as served:

        async def is_live() -> bool:
            answer = await served.client.get("/api/v1/events")
            shown = {item["id"]: item["revision"] for item in answer.json()["items"]}
            if shown not in seen:
                seen.append(shown)
            return SAYS not in answer.headers

        await opened(served)
        await is_live()
        other.away = False
        await served.say(make_message("a", 3), make_message("b", 2), make_message("new"))
        await until(is_live)
        feed = (await served.client.get("/feeds/programme.json")).json()

    assert seen == [{"a": 5, "b": 1, "gone": 1}, {"a": 5, "b": 2, "new": 1}]
    assert len(feed["items"]) == 3


async def test_a_replaced_log_that_holds_nothing_replaces_nothing(tmp_path: Path) -> None:
    async with serve(make_message("a"), data=tmp_path):
        pass
    async with serve(log=FakeEventLog(), data=tmp_path, replica_settings=FAST) as served:
        await notes_that(served, "the event log was replaced, and 0 events of it are read so far")
        await asyncio.sleep(3 * FAST.settle_after)
        assert await ids(served) == {"a": 1}
        assert SAYS in (await served.client.get(SHOWN[0])).headers

        await served.say(make_message("a", 2), make_message("b"))
        await goes_on_to_say(served, its_age=False)
        assert await ids(served) == {"a": 2, "b": 1}


async def test_a_replaced_log_that_lacks_most_of_what_is_shown_replaces_nothing_until_it_is_filled(
    tmp_path: Path,
) -> None:
    """A log that came back empty holds at first only the few decisions that waited to be sent."""
    ten = [make_message(f"e{number}") for number in range(10)]
    before = {message.event_id: 1 for message in ten}
    async with serve(*ten, data=tmp_path):
        pass
    kept = (tmp_path / NAME).read_bytes()
    async with serve(make_message("new"), log=FakeEventLog(), data=tmp_path, replica_settings=FAST) as served:
        await notes_that(served, "1 events of it are read so far; 10 of the 10 events shown are not in it: ")
        await asyncio.sleep(3 * FAST.settle_after)
        said = (await notes(served))["programme_age"]
        assert await ids(served) == before
        assert SAYS in (await served.client.get(SHOWN[0])).headers
        assert (tmp_path / NAME).read_bytes() == kept
        assert "`kalendarium rebuild` " in said
        assert "`kalendarium rebuild distribution` " in said

        withdrawn = [EventWithdrawn(event_id=f"e{number}", revision=2, withdrawn_at=AT) for number in (4, 5)]
        await served.say(*ten[:4], *withdrawn)
        await goes_on_to_say(served, its_age=False)
        assert await ids(served) == {"e0": 1, "e1": 1, "e2": 1, "e3": 1, "new": 1}


async def test_a_replaced_log_to_which_something_is_always_added_replaces_the_programme_all_the_same(
    tmp_path: Path,
) -> None:
    never_quiet = replace(FAST, settle_after=3600, settle_at_latest_after=0.2)
    ten = [make_message(f"e{number}") for number in range(10)]
    async with serve(*ten, data=tmp_path):
        pass
    async with serve(make_message("new"), log=FakeEventLog(), data=tmp_path, replica_settings=never_quiet) as served:
        await notes_that(served, "10 of the 10 events shown are not in it")
        await asyncio.sleep(3 * never_quiet.settle_at_latest_after)
        assert len(await ids(served)) == 10

        await served.say(*ten[:5])
        await goes_on_to_say(served, its_age=False)
        assert await ids(served) == {"new": 1} | {each.event_id: 1 for each in ten[:5]}


async def test_a_log_that_is_emptied_while_it_is_followed_replaces_nothing_here_nor_in_the_snapshot(
    tmp_path: Path,
) -> None:
    async with serve(make_message("a"), data=tmp_path, replica_settings=FAST) as served:
        await eventually((tmp_path / NAME).exists)
        for records in served.log.records.values():
            records.clear()
        await notes_that(served, "was replaced")
        assert await ids(served) == {"a": 1}

    async with serve(log=away(), data=tmp_path, replica_settings=FAST) as served:
        await opened(served)
        assert await ids(served) == {"a": 1}


async def test_a_damaged_snapshot_is_ignored_said_and_replaced(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"KALPROG\n and then something else, long enough to be one")
    patient = ReplicaSettings(check_interval=0.01, snapshot_interval=3600, reader=HASTY)
    async with serve(make_message("a"), data=tmp_path, replica_settings=patient) as served:
        said = await notes(served)
        shown = await ids(served)
    async with serve(log=away(), data=tmp_path, replica_settings=FAST) as served:
        await opened(served)
        again = await ids(served)

    assert said == {
        "snapshot": "the snapshot found at the start was not used: its checksum is wrong: it is damaged or cut off"
    }
    assert shown == again == {"a": 1}


async def test_a_snapshot_that_cannot_be_written_is_said_and_counted_and_nobody_else_notices(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with serve(make_message("a"), data=tmp_path / "file" / "folder", replica_settings=FAST) as served:
        await notes_that(served, "the snapshot could not be written: ")
        shown = await served.client.get(SHOWN[0])
        failures = await metric(served, "kal_snapshot_failures_total")

    assert (shown.status_code, failures >= 1) == (200, True)


async def test_a_disk_that_is_full_is_said_until_there_is_room_again(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    async with serve(make_message("a"), data=tmp_path, replica_settings=FAST) as served:
        await eventually((tmp_path / NAME).exists)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, hard))  # what is printed here is a file too
        try:
            long = {"pl": 800_000 * "a"}
            await served.say(make_message("b", description=long), make_message("c", description=long))
            await notes_that(served, "the snapshot could not be written: OSError: [Errno 27]")
            assert (await served.client.get(SHOWN[0])).status_code == 200
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

        async def is_well() -> bool:
            return await notes(served) == {}

        await until(is_well)
    left = {path.suffix for path in await asyncio.to_thread(lambda: list(tmp_path.iterdir()))}
    assert left == {".snapshot", ".journal"}


async def test_it_is_kept_when_something_changed_and_not_otherwise(tmp_path: Path) -> None:
    file = tmp_path / NAME
    async with serve(make_message("a"), data=tmp_path, replica_settings=FAST) as served:
        await eventually(file.exists)
        first = file.stat().st_ino
        await asyncio.sleep(10 * FAST.snapshot_interval)
        assert file.stat().st_ino == first
        await served.say(make_message("b"))
        await eventually(lambda: file.stat().st_ino != first)
        assert await metric(served, "kal_snapshot_bytes") > 0
        assert await metric(served, "kal_snapshot_age_seconds") >= 0


async def test_what_another_release_could_not_read_is_read_by_this_one(tmp_path: Path) -> None:
    """A snapshot whose reader skipped something keeps no place on the log: all of it is read again."""
    log = FakeEventLog()
    await log.send(Outgoing("programme.v1", b"z", b"{}", (("ce_type", b"unknown"),)))
    async with serve(make_message("a"), log=log, data=tmp_path):
        pass
    async with serve(log=log, data=tmp_path, replica_settings=FAST) as served:
        await eventually(lambda: log.reads[-1] == {})
        assert await ids(served) == {"a": 1}
        assert (await notes(served))["skipped"].startswith("1 records could not be read")


async def test_a_withdrawn_event_is_still_withdrawn_after_a_start_without_the_log(tmp_path: Path) -> None:
    log = FakeEventLog()
    async with serve(make_message("a"), make_message("b"), log=log, data=tmp_path) as served:
        await log.send(
            Outgoing("programme.v1", b"a", make_withdrawal("a"), (("ce_type", b"pl.kalendarium.EventWithdrawn.v1"),))
        )

        async def is_gone() -> bool:
            return await ids(served) == {"b": 1}

        await until(is_gone)
    async with serve(log=away(), data=tmp_path, replica_settings=FAST) as served:
        await opened(served)
        answer = await served.client.get("/api/v1/events/a")

    assert (answer.status_code, SAYS in answer.headers) == (410, True)
