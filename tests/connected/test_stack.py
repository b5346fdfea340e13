"""`make stack DEMO=1`: real Kafka, MongoDB and one process a service, with the region's programme in it."""

from __future__ import annotations

import asyncio
import signal
import subprocess
from pathlib import Path
from typing import Final

import httpx
import pytest

from deploy.local.polling import poll_until
from deploy.local.ports import is_taken
from services.demo.programme import load_programme
from services.demo.stack import PORTS
from services.demo.walkthrough import FORMATS
from shared.eventlog.dead_letters.inspect import list_dead_letters
from shared.eventlog.port import Outgoing
from shared.eventlog.topics import ACTIVITY, TOPICS
from shared.region import load_region
from tests.connected.conftest import StackShown
from tests.support.clients import eventually
from tests.support.demonstrations import Demonstrated, demonstrate
from tests.support.left_out import leave_out
from tests.support.running import COMMAND, REGION, environment, run_command
from tests.support.topics import envelopes_on, open_kafka

pytestmark = [pytest.mark.connected, pytest.mark.slow, pytest.mark.timeout(600)]

EVENTS: Final = len(load_programme(REGION, load_region(REGION)))
FEEDS: Final = ("programme", *load_region(REGION).channels)


def all_feeds(shown: Demonstrated) -> dict[str, tuple[str, bytes]]:
    """Every feed in every format: its ETag and its bytes."""
    answers = {f"{name}.{extension}": shown.feed(name, extension) for name in FEEDS for extension in FORMATS}
    return {name: (answer.headers["etag"], answer.content) for name, answer in answers.items()}


def test_every_event_comes_out_in_every_feed(demo_stack: StackShown) -> None:
    shown = demo_stack.demonstrated.shown

    assert (len(shown.sent.new), shown.sent.refused, shown.accepted) == (EVENTS, [], EVENTS)
    assert shown.feeds == dict.fromkeys(FEEDS, EVENTS)


async def test_each_fact_stands_once_on_its_topic_and_none_is_parked(demo_stack: StackShown) -> None:
    async with open_kafka(demo_stack.stack.kafka_bootstrap) as log:
        facts = [topic.name for topic in TOPICS if topic is not ACTIVITY]  # whose numbers change with the clock
        counts = {name: await envelopes_on(log, name) for name in facts}
        parked = await list_dead_letters(log)

    assert {name: sorted({len(each) for each in envelopes.values()}) for name, envelopes in counts.items()} == {
        "submissions.v1": [1],
        "decisions.v1": [2],
        "programme.v1": [1],
        "calls.v1": [1],
    }
    assert {name: len(envelopes) for name, envelopes in counts.items()} == {
        **dict.fromkeys(counts, EVENTS),
        "calls.v1": 1,
    }
    assert parked == []


async def test_second_demonstration_changes_nothing(demo_stack: StackShown) -> None:
    first = demo_stack.demonstrated
    before = all_feeds(first)

    second = await demonstrate(first.settings, first.addresses)

    assert (second.shown.sent.new, set(second.shown.sent.known)) == ([], set(first.shown.sent.new))
    assert (second.shown.accepted, second.logins) == (0, first.logins)
    assert all_feeds(first) == before


def test_each_service_is_ready_on_a_port_of_its_own(demo_stack: StackShown) -> None:
    addresses = demo_stack.stack.addresses
    answers = [httpx.get(f"{url}/readyz") for url in (addresses.ingest_url, addresses.calendar_url, addresses.base_url)]

    assert [answer.json() for answer in answers] == [
        {"service": name, "ok": True, "missing": {}} for name in ("ingest", "calendar", "distribution")
    ]


def test_start_says_how_long_an_acceptance_took_to_show(demo_stack: StackShown) -> None:
    visible_after = demo_stack.demonstrated.shown.visible_after

    assert visible_after is not None
    assert visible_after < 5


async def test_dead_letter_is_listed_shown_and_replayed_by_command(demo_stack: StackShown, tmp_path: Path) -> None:
    """What nobody can read is set aside by both services that read the topic, and the next record is handled."""
    running = demo_stack.stack
    settings = {"mongo_url": running.mongo_url, "kafka_bootstrap": running.kafka_bootstrap}

    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return run_command("dead-letters", *arguments, folder=tmp_path, **settings)

    async def groups() -> list[str]:
        return sorted(record.group for record in await list_dead_letters(log))

    async with open_kafka(running.kafka_bootstrap) as log:
        await log.send(Outgoing("submissions.v1", b"a-key", b'{"half": ', [("ce_id", b"broken")]))
        assert await eventually(groups, ["calendar", "ingest"]) == ["calendar", "ingest"]
        place = next(record.place for record in await list_dead_letters(log) if record.group == "calendar")

        listed = await asyncio.to_thread(command, "list", "--group", "calendar")
        shown = await asyncio.to_thread(command, "show", place)
        replayed = await asyncio.to_thread(command, "replay", place)
        repeated = await asyncio.to_thread(command, "replay", place)

        # Both read it again, cannot read it still, and set it aside again; the one that was replayed is done.
        assert await eventually(groups, ["calendar", "ingest", "ingest"]) == ["calendar", "ingest", "ingest"]
        left = [record.place for record in await list_dead_letters(log) if record.group == "calendar"]

    assert (listed.returncode, place in listed.stdout, "a-key" in listed.stdout) == (0, True, True)
    assert (shown.returncode, "header     ce_id: broken" in shown.stdout) == (0, True)
    assert shown.stdout.endswith('{"half": \n')
    assert (replayed.returncode, replayed.stdout) == (0, "1 replayed, 0 already replayed before.\n")
    assert (repeated.returncode, repeated.stdout) == (0, "0 replayed, 1 already replayed before.\n")
    assert (len(left), place in left) == (1, False)


def test_ctrl_c_stops_the_whole_stack(kafka_libs: Path, tmp_path: Path) -> None:
    for name, port in PORTS.items():
        if is_taken(port):
            leave_out("ports", f"{name}'s own port {port} is taken: stop the program on it.")
    log = tmp_path / "stack.log"
    # Where the tests run in the background of a shell, Ctrl-C is ignored, and what they start inherits that.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with log.open("wb") as output:
        command = subprocess.Popen(  # noqa: S603 - our own command
            [*COMMAND, "stack"], cwd=tmp_path, env=environment({}), stdout=output, stderr=output, process_group=0
        )
    try:
        assert poll_until(lambda: b"It stays up" in log.read_bytes(), within=120), log.read_text()
        children = running_under(command.pid)
        command.send_signal(signal.SIGINT)
        ended = command.wait(30)
    finally:
        signal.signal(signal.SIGINT, before)
        command.kill()
        command.wait()

    assert (len(children), ended) == (5, 130)
    assert poll_until(lambda: not any(Path(f"/proc/{child}").exists() for child in children), within=5)
    assert [port for port in PORTS.values() if is_taken(port)] == []


def running_under(pid: int) -> list[str]:
    """The ids of a process's children."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [child for children in tasks for child in children.read_text().split()]
