"""The soak: people at work for minutes on three brokers and three MongoDB nodes, of which one each is killed once."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from pymongo import MongoClient

from bench.events import letters
from bench.keys import bearer, curator_key, editor_keys, sessions
from bench.load import NoFigure
from bench.memory import Memory, bytes_a_minute
from bench.rounds import Series, percentile
from bench.servers import Servers, write_letters
from bench.soakers import LATE_SECONDS, Asked, Kept, Outcome, Task
from bench.table import Budget, Report, number
from deploy.local.kafka import Kafka, start_kafka
from deploy.local.ports import LOOPBACK, free_ports
from deploy.local.processes import Child, start_all, stop_all
from deploy.local.replica_set import ReplicaSet, start_replica_set
from services.stack import service_process
from shared.region import Region
from shared.settings import CommonSettings

MINUTES = 10.0
EVENTS = 1_000
USERS, SUBMITTERS = 50, 20
NODES = 3
SERVICES = ("ingest", "calendar", "distribution")
LOOK_SECONDS = 1.0
DOWN_SECONDS = 20.0
CALM_SECONDS = 10.0
"""So long after a node is back is still part of the gap that its death tore."""
WARMING_SHARE = 0.3
"""What is held in memory in the first part of a soak says nothing about growth: caches fill."""
REST_SECONDS = 120.0
GROWTH = 1.0
SLOWEST_MS = 200.0
UNAVAILABLE, ERROR = 503, 500


class Gap(NamedTuple):
    """A time in which a node was away, in seconds since 1970."""

    what: str
    began: float
    ended: float


@dataclass(slots=True)
class Ground:
    """What runs, and what is noted about it."""

    servers: Servers
    kafka: Kafka
    mongo: ReplicaSet
    services: Mapping[str, Child]
    addresses: Mapping[str, str]
    memory: Memory = field(default_factory=Memory)
    gaps: list[Gap] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    """Services that ended by themselves, and were started again."""

    def look(self) -> None:
        """Look after the services as a supervisor does, and at everybody's memory."""
        for name, child in self.services.items():
            if not child.running:
                self.ended.append(f"{name} with {child.exit_code}")
                child.start()
        nodes = {each.name: each for each in (*self.kafka.nodes, *self.mongo.nodes) if each.running}
        self.memory.look({name: child.pid for name, child in {**self.services, **nodes}.items()})


def measure(folder: Path, region: Region, *, minutes: float = MINUTES) -> Report:
    """Measure; a few minutes longer than the soak itself."""
    with ground(folder, region) as made:
        task = _task(made, region, minutes * 60)
        before = {name: child.pid for name, child in made.services.items()}
        outcome = _soak(made, task)
        lost = _lost(made.servers.mongo_url, outcome.kept)
        return report(outcome, made, lost=lost, minutes=minutes, pids=before)


@contextmanager
def ground(folder: Path, region: Region) -> Iterator[Ground]:
    """Start three brokers, three nodes, three services, with some public events from the beginning."""
    with ExitStack() as running:
        kafka = running.enter_context(start_kafka(folder / "kafka", nodes=NODES))
        mongo = running.enter_context(start_replica_set(folder / "mongo", nodes=NODES))
        pids = [[node.pid for node in nodes] for nodes in (mongo.nodes, kafka.nodes)]
        servers = Servers(folder, mongo.url, kafka.bootstrap, None, *pids)
        write_letters(letters(EVENTS, region), servers)
        ports = dict(zip(SERVICES, free_ports(len(SERVICES)), strict=True))
        addresses = {name: f"http://{LOOPBACK}:{port}" for name, port in ports.items()}
        settings = {**servers.environment, "KAL_PUBLIC_URL": addresses["distribution"]}
        services = {name: service_process(name, port, folder=folder, settings=settings) for name, port in ports.items()}
        running.callback(stop_all, services.values())
        start_all(tuple(services.values()))
        yield Ground(servers, kafka, mongo, services, addresses)


def _task(made: Ground, region: Region, seconds: float) -> Task:
    url = made.servers.mongo_url
    headers = {str(role): each for role, each in sessions(url, region).items()}
    headers["decisions"] = bearer(curator_key(url, region))
    return Task(made.addresses, headers, editor_keys(url, region, count=SUBMITTERS), USERS, seconds)


def _soak(made: Ground, task: Task) -> Outcome:
    """Let the people live and the nodes die; the supervisor looks on."""
    stop = threading.Event()
    looking = threading.Thread(target=_look_on, args=(made, stop))
    killing = threading.Thread(target=_kill, args=(made, task.seconds, stop))
    looking.start()
    killing.start()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "bench.soakers"],
            input=msgspec.json.encode(task),
            capture_output=True,
            check=False,
            timeout=task.seconds + LATE_SECONDS + 60,
        )
    finally:
        stop.set()
        killing.join()
        looking.join()
    if done.returncode:
        raise NoFigure(f"The people gave up: {done.stderr.decode(errors='replace').strip().splitlines()[-1]}")
    return msgspec.json.decode(done.stdout, type=Outcome)


def _look_on(made: Ground, stop: threading.Event) -> None:
    while not stop.wait(LOOK_SECONDS):
        made.look()


def _kill(made: Ground, seconds: float, stop: threading.Event) -> None:
    """Kill a broker after a third of the time and MongoDB's primary after two thirds, and start each again."""
    down = min(DOWN_SECONDS, seconds / 10)
    for what, choose in (("a broker", lambda: made.kafka.nodes[0]), ("MongoDB's primary", made.mongo.primary)):
        if not stop.wait(seconds / 3 - (down if made.gaps else 0)):
            _kill_once(made, what, choose, down)


def _kill_once(made: Ground, what: str, choose: Callable[[], Child], down: float) -> None:
    node, began = choose(), time.time()
    node.kill()
    time.sleep(down)
    node.start()
    made.gaps.append(Gap(what, began, time.time() + CALM_SECONDS))


def _lost(mongo_url: str, kept: Sequence[Kept]) -> int:
    """Count what was answered as kept and is not there, in ingest or, once it had time to come, in calendar."""
    end = time.monotonic() + REST_SECONDS
    with MongoClient[dict[str, Any]](mongo_url) as client:
        settings = CommonSettings()
        submissions = client[settings.database("ingest")]["submissions"]
        entries = client[settings.database("calendar")]["entries"]
        while True:
            missing = _missing(submissions, "version", kept) + _missing(entries, "received_version", kept)
            if not missing or time.monotonic() > end:
                return missing
            time.sleep(1)


def _missing(collection: Any, field_name: str, kept: Sequence[Kept]) -> int:  # noqa: ANN401 - a collection of whatever
    found = collection.find({"_id": {"$in": [each.id for each in kept]}}, {field_name: 1})
    versions = {each["_id"]: each[field_name] for each in found}
    return sum(versions.get(each.id, 0) < each.version for each in kept)


def report(outcome: Outcome, made: Ground, *, lost: int, minutes: float, pids: Mapping[str, int]) -> Report:
    """Write down what came of it."""
    kinds = ("page", "feed", "submission", "decision")
    wrong = [each for each in outcome.asked if is_wrong(each)]
    calm = [each for each in outcome.asked if each.what == "page" and not within(made.gaps, each)]
    growth = {name: _growth(made.memory.samples[f"{name} ({pid})"]) for name, pid in pids.items()}
    worst = max(growth, key=lambda name: growth[name])
    return Report(
        title=f"soak: {minutes:g} minutes of people, with two deaths",
        how=(
            f"{USERS} users on pages and feeds and {SUBMITTERS} submitters, who think for 1 to 5 s, in a program of "
            f"their own; {NODES} Kafka brokers, {NODES} MongoDB nodes and the three services, all on the cores there "
            f"are; {EVENTS:,} events public from the beginning. A broker is killed after a third of the time and "
            f"MongoDB's primary after two thirds, and started again. A gap lasts until {CALM_SECONDS:.0f} s after."
        ),
        head=("what", "answers", "p50 ms", "p95 ms", "p95 ms in gaps", "503 with Retry-After", "other errors"),
        rows=[_row(kind, [each for each in outcome.asked if each.what == kind], made.gaps) for kind in kinds],
        budgets=[
            Budget("errors but 503 with Retry-After", "at most", 0, Series((len(wrong),)), unit=""),
            Budget("acknowledged and lost", "at most", 0, Series((lost,)), unit=f"of {len(outcome.kept):,}"),
            Budget("services that ended", "at most", 0, Series((len(made.ended),)), unit=""),
            Budget("p95 of pages outside the gaps", "at most", SLOWEST_MS, Series((_p95(calm),)), unit="ms"),
            Budget(f"memory, the fastest growing ({worst})", "at most", GROWTH, Series((growth[worst],)), unit="%/min"),
        ],
        remarks=[*_gaps(made.gaps), *_memory(made.memory), *sorted({f"{each.status} {each.path}" for each in wrong})],
    )


def is_wrong(asked: Asked) -> bool:
    """Tell whether nobody must be answered so: not at all, or with an error that does not say when to return."""
    return not asked.status or (asked.status >= ERROR and not (asked.status == UNAVAILABLE and asked.later))


def within(gaps: Sequence[Gap], asked: Asked) -> bool:
    """Tell whether any part of a request fell into a gap."""
    return any(asked.at < gap.ended and asked.at + asked.seconds > gap.began for gap in gaps)


def _row(kind: str, asked: Sequence[Asked], gaps: Sequence[Gap]) -> Sequence[str]:
    calm = [each for each in asked if not within(gaps, each)]
    hurt = [each for each in asked if within(gaps, each)]
    p50 = percentile([each.seconds * 1_000 for each in calm], 0.5) if calm else 0.0
    told = sum(each.status == UNAVAILABLE and each.later for each in asked)
    others = sum(map(is_wrong, asked))
    return (kind, f"{len(asked):,}", number(p50), number(_p95(calm)), number(_p95(hurt)), str(told), str(others))


def _p95(asked: Sequence[Asked]) -> float:
    return percentile([each.seconds * 1_000 for each in asked], 0.95) if asked else 0.0


def _settled(samples: Sequence[tuple[float, int]]) -> Sequence[tuple[float, int]]:
    return samples[round(len(samples) * WARMING_SHARE) :]


def _growth(samples: Sequence[tuple[float, int]]) -> float:
    """Give the growth a minute in percent of what is held."""
    settled = _settled(samples)
    return bytes_a_minute(settled) / settled[-1][1] * 100 if settled else 0.0


def _gaps(gaps: Sequence[Gap]) -> Iterator[str]:
    for gap in gaps:
        yield f"{gap.what} was killed; the gap lasted {gap.ended - gap.began:.0f} s."


def _memory(memory: Memory) -> Iterator[str]:
    for name, samples in memory.samples.items():
        slope = bytes_a_minute(_settled(samples)) / 1_000
        yield f"Memory of {name}: {samples[-1][1] / 1e6:.0f} MB in the end, {slope:+.0f} kB/min."
