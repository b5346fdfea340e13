"""kill -9 of each service at each place where something is written and not yet said, or done and not yet marked.

Real Kafka, a real MongoDB, three processes. Events are on their way when a process dies; it is started again, the
people repeat what they got no answer to, and then all is looked at from outside: nothing is lost, nothing doubled.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx
import pytest

from deploy.local.errors import ExitedEarly
from deploy.local.polling import poll_until
from deploy.local.ports import find_free_ports
from deploy.local.processes import Child
from faults.failpoints import VARIABLE
from services.demo.stack import PORTS, Stack, create_service_process, start_stack
from shared.eventlog.dead_letters.inspect import list_dead_letters
from shared.eventlog.envelope import Envelope, parse_message
from shared.eventlog.kafka.log import KafkaLog
from shared.eventlog.outbox.backlog import WAITING
from shared.settings import CommonSettings
from tests.support.builders import make_submission
from tests.support.clients import (
    FORMATS,
    Curator,
    Editor,
    Keys,
    Published,
    Reader,
    eventually,
    make_keys,
    people,
    published_in,
)
from tests.support.databases import open_patiently
from tests.support.topics import envelopes_on, open_kafka

pytestmark = [pytest.mark.connected, pytest.mark.slow, pytest.mark.timeout(600)]

EVENTS: Final = 5
DEATH_SECONDS: Final = 60.0
ANSWER_SECONDS: Final = 90.0
QUIET_SECONDS: Final = 120.0
"""A dead member keeps its partitions for 10 s, and the next member waits for them."""

T = TypeVar("T")


@dataclass(frozen=True)
class Running:
    """The stack with its people; ``public`` is what earlier tests made public: the title by the event's id."""

    stack: Stack
    folder: Path
    keys: Keys
    public: dict[str, str] = field(default_factory=dict)

    def doomed(self, service: str, place: str) -> Child:
        """A service that dies when it reaches a place, not started yet."""
        addresses = self.stack.addresses
        of = {"ingest": addresses.ingest_url, "calendar": addresses.calendar_url, "distribution": addresses.base_url}
        settings = {**self.stack.settings, VARIABLE: place}
        port = httpx.URL(of[service]).port or 0
        return create_service_process(service, port, folder=self.folder, settings=settings, program="faults.process")


@pytest.fixture(scope="module")
def running(kafka_libs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("crashes")
    with start_stack(folder, ports=dict(zip(PORTS, find_free_ports(len(PORTS)), strict=True))) as started:
        yield Running(started, folder, asyncio.run(make_keys(CommonSettings(mongo_url=started.mongo_url))))


@dataclass(frozen=True)
class People:
    """An editor, a curator and a reader, who repeat what they got no answer to, as the API tells them to."""

    editor: Editor
    curator: Curator
    reader: Reader

    async def send(self, title: str) -> str:
        """Send an event in and give its id; the key makes a repeat harmless."""
        event = make_submission(title={"pl": title}, external_id=title.replace(" ", "-"))
        return (await answered(lambda: self.editor.send(event, key=event["external_id"]))).id

    async def send_all(self, titles: Sequence[str]) -> list[str]:
        """Send events in, side by side."""
        return list(await asyncio.gather(*map(self.send, titles)))

    async def accept(self, event_id: str) -> None:
        """Accept an event; a curator who got no answer looks first whether it is done."""

        async def unless_done() -> None:
            if (await self.curator.find(event_id)).state == "waiting":
                await self.curator.accept(event_id)

        await answered(unless_done)

    async def accept_all(self, ids: Sequence[str]) -> None:
        """Accept events, side by side, once all of them wait."""
        waiting = await eventually(self.arrived, set(ids), within=QUIET_SECONDS)
        assert waiting == set(ids)
        await asyncio.gather(*map(self.accept, ids))

    async def arrived(self) -> set[str]:
        """Say which events wait for the curator."""
        return set(await answered(self.curator.waiting))


async def answered(act: Callable[[], Awaitable[T]]) -> T:
    """Do something again and again until there is an answer; for ``ANSWER_SECONDS`` at most."""
    async with asyncio.timeout(ANSWER_SECONDS):
        while True:
            try:
                return await act()
            except httpx.TransportError:
                await asyncio.sleep(0.1)


@asynccontextmanager
async def people_of(running: Running) -> AsyncIterator[People]:
    addresses = running.stack.addresses
    async with people(
        running.keys, ingest=addresses.ingest_url, calendar=addresses.calendar_url, public=addresses.base_url
    ) as (editor, curator, reader):
        yield People(editor, curator, reader)


async def killed(running: Running, service: str, place: str, work: Coroutine[Any, Any, T]) -> T:
    """Do some work with a service that dies at a place, start the service again, and end the work."""
    await quiet(running)
    healthy = running.stack.services[service]
    await asyncio.to_thread(healthy.stop)
    doomed = running.doomed(service, place)
    working = asyncio.create_task(work)
    try:
        with suppress(ExitedEarly):  # the place may be reached before all is ready: then it died where it should
            await asyncio.to_thread(doomed.start)
        await asyncio.to_thread(poll_until, lambda: not doomed.running or failed(working), within=DEATH_SECONDS)
        if failed(working):
            await working
        assert doomed.exit_code == -signal.SIGKILL, f"{service} did not come to {place}"
    finally:
        doomed.kill()
        await asyncio.to_thread(healthy.start)
    return await working


async def quiet(running: Running) -> None:
    """Wait until no envelope is left to be sent, as a death before leaves some: the next death is to have its own."""
    settings = CommonSettings(mongo_url=running.stack.mongo_url)

    async def unsent() -> int:
        count = 0
        for service, collection in (("ingest", "submissions"), ("calendar", "entries")):
            async with open_patiently(settings.mongo_url, settings.database(service)) as database:
                count += await database[collection].count_documents(WAITING)
        return count

    assert await eventually(unsent, 0, within=QUIET_SECONDS) == 0


def failed(task: asyncio.Task[Any]) -> bool:
    return task.done() and task.exception() is not None


@asynccontextmanager
async def watched(reader: Reader) -> AsyncIterator[list[str]]:
    """Look at the feed all the time and note whatever went back: a revision that fell, an event that vanished."""
    backwards: list[str] = []

    async def watch() -> None:
        before: dict[str, Published] = {}
        while True:
            answer = await answered(lambda: reader.http.get("/feeds/programme.json"))
            if answer.is_success:
                now = published_in(answer.json()["items"])
                backwards.extend(sorted(before.keys() - now.keys()))
                backwards.extend(
                    each for each in before.keys() & now.keys() if now[each].revision < before[each].revision
                )
                before = now
            await asyncio.sleep(0.02)

    watching = asyncio.create_task(watch())
    try:
        yield backwards
        assert not watching.done(), watching.exception()
    finally:
        watching.cancel()


@pytest.mark.parametrize(
    ("service", "place"),
    [("ingest", "store.written"), ("ingest", "outbox.sent:3"), ("calendar", "consumer.handled:3")],
)
async def test_death_while_events_are_sent_in_loses_and_doubles_nothing(
    running: Running, service: str, place: str
) -> None:
    async with people_of(running) as way, watched(way.reader) as backwards:
        titles = [f"{service} {place} {number}" for number in range(EVENTS)]
        ids = await killed(running, service, place, way.send_all(titles))
        await way.accept_all(ids)

        running.public.update(zip(ids, titles, strict=True))
        await expect_everything_once(running, way)

    assert backwards == []


@pytest.mark.parametrize(
    ("service", "place"),
    [("calendar", "store.written:3"), ("calendar", "outbox.sent:3"), ("ingest", "consumer.handled:3")],
)
async def test_death_while_events_are_accepted_loses_and_doubles_nothing(
    running: Running, service: str, place: str
) -> None:
    async with people_of(running) as way, watched(way.reader) as backwards:
        titles = [f"{service} {place} {number}" for number in range(EVENTS)]
        ids = await way.send_all(titles)
        assert await eventually(way.arrived, set(ids), within=QUIET_SECONDS) == set(ids)
        await killed(running, service, place, way.accept_all(ids))

        running.public.update(zip(ids, titles, strict=True))
        await expect_everything_once(running, way)

    assert backwards == []


@pytest.mark.parametrize("place", ["record.read", "record.applied"])
async def test_death_of_distribution_between_log_and_feed_loses_and_doubles_nothing(
    running: Running, place: str
) -> None:
    """It starts where its snapshot ends; it dies before a record is applied, or before a feed has it."""
    async with people_of(running) as way, watched(way.reader) as backwards:
        titles = [f"distribution {place} {number}" for number in range(EVENTS)]
        ids = await way.send_all(titles)
        await killed(running, "distribution", f"{place}:3", way.accept_all(ids))

        running.public.update(zip(ids, titles, strict=True))
        await expect_everything_once(running, way)

    assert backwards == []


async def test_death_of_distribution_while_it_serves_gives_the_same_bytes_again(running: Running) -> None:
    distribution = running.stack.services["distribution"]
    paths = [f"/feeds/{name}.{extension}" for name in ("programme", "pot-berlin") for extension in FORMATS]
    seen: dict[str, set[tuple[str, bytes]]] = {path: set() for path in paths}

    async def read(reader: Reader, path: str, stop: asyncio.Event) -> None:
        while not stop.is_set():
            answer = await answered(lambda: reader.http.get(path))
            if answer.is_success:
                seen[path].add((answer.headers["etag"], answer.content))

    async with people_of(running) as way:
        stop = asyncio.Event()
        before = {path: await fetched(way.reader, path) for path in paths}
        reading = [asyncio.create_task(read(way.reader, path, stop)) for path in paths]
        await asyncio.sleep(0.5)
        await asyncio.to_thread(distribution.kill)
        await asyncio.to_thread(distribution.start)
        after = {path: await fetched(way.reader, path) for path in paths}
        stop.set()
        await asyncio.gather(*reading)

    assert after == before
    assert seen == {path: {before[path]} for path in paths}


async def fetched(reader: Reader, path: str) -> tuple[str, bytes]:
    """A feed's ETag and bytes."""
    answer = (await reader.http.get(path)).raise_for_status()
    return answer.headers["etag"], answer.content


async def expect_everything_once(running: Running, way: People) -> None:
    """Compare all that was ever answered with what services, feeds and topics say now."""
    public = {event_id: Published(title, 1, "confirmed") for event_id, title in running.public.items()}
    assert await eventually(way.reader.events, public, within=QUIET_SECONDS) == public
    for ids_in in (way.reader.components, way.reader.notices):  # one format is brought up to date after the other
        assert await eventually(partial(_set_of, ids_in), set(public), within=QUIET_SECONDS) == set(public)

    entries = {entry.id: (entry.review_number, entry.revision) for entry in (await way.curator.entries()).values()}
    assert entries == dict.fromkeys(public, (2, 1))

    async def submissions() -> dict[str, tuple[int, str]]:
        found = [await way.editor.find(event_id) for event_id in public]
        return {each.id: (each.version, each.state) for each in found}

    accepted = dict.fromkeys(public, (1, "accepted"))
    assert await eventually(submissions, accepted, within=QUIET_SECONDS) == accepted
    async with open_kafka(kafka_of(running)) as log:
        await expect_topics(log, set(public))


async def _set_of(ids_in: Callable[[], Awaitable[Iterable[str]]]) -> set[str]:
    return set(await ids_in())


async def expect_topics(log: KafkaLog, ids: set[str]) -> None:
    """Every fact stands on its topic; one that was sent twice is the same envelope, and no number goes down."""
    for topic, numbers in (("submissions.v1", [1]), ("decisions.v1", [1, 2]), ("programme.v1", [1])):
        envelopes = await envelopes_on(log, topic)
        assert set(envelopes) == ids
        for each in envelopes.values():
            said = [parse_message(envelope).number for envelope in each]
            assert said == sorted(said)
            assert [parse_message(envelope).number for envelope in distinct(each)] == numbers
    assert await list_dead_letters(log) == []


def distinct(envelopes: Sequence[Envelope]) -> list[Envelope]:
    """Each envelope once; two that share an id are the same in every byte."""
    found: dict[str, Envelope] = {}
    for envelope in envelopes:
        assert found.setdefault(envelope.id, envelope) == envelope
    return list(found.values())


def kafka_of(running: Running) -> str:
    return running.stack.kafka_bootstrap
