"""Soak test: minutes of user load on three brokers and three MongoDB nodes; one node of each is killed once."""

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

from bench.events import make_envelopes
from bench.keys import build_bearer_header, create_curator_key, create_editor_keys, create_sessions
from bench.load import MeasurementFailed
from bench.memory import MemorySamples, compute_bytes_per_minute
from bench.rounds import Series, compute_percentile
from bench.servers import Servers, write_envelopes
from bench.soak_load import RETRY_SECONDS, AcknowledgedEvent, SoakOutcome, SoakRequest, SoakTask
from bench.table import Budget, Report, format_number
from deploy.local.kafka import Kafka, start_kafka
from deploy.local.ports import LOOPBACK, find_free_ports
from deploy.local.processes import Child, start_all, stop_all
from deploy.local.replica_set import ReplicaSet, start_replica_set
from services.demo.stack import create_service_process
from shared.region import Region
from shared.settings import CommonSettings

MINUTES = 10.0
EVENTS = 1_000
USERS, SUBMITTERS = 50, 20
NODES = 3
SERVICES = ("ingest", "calendar", "distribution")
LOOK_SECONDS = 1.0
DOWN_SECONDS = 20.0
# Seconds after the restart of a node that still count as its outage.
RECOVERY_SECONDS = 10.0
# The share of memory samples to drop: caches fill at first, which is no growth.
WARM_UP_SHARE = 0.3
SETTLE_SECONDS = 120.0
GROWTH = 1.0
SLOWEST_MS = 200.0
UNAVAILABLE, ERROR = 503, 500


class Outage(NamedTuple):
    """In seconds since 1970."""

    what: str
    began: float
    ended: float


@dataclass(slots=True)
class SoakCluster:
    servers: Servers
    kafka: Kafka
    mongo: ReplicaSet
    services: Mapping[str, Child]
    addresses: Mapping[str, str]
    memory: MemorySamples = field(default_factory=MemorySamples)
    outages: list[Outage] = field(default_factory=list)
    # Services that exited by themselves and were restarted.
    ended: list[str] = field(default_factory=list)

    def take_samples(self) -> None:
        """Restart services that exited, and sample the memory of all processes."""
        for name, child in self.services.items():
            if not child.running:
                self.ended.append(f"{name} with {child.exit_code}")
                child.start()
        nodes = {each.name: each for each in (*self.kafka.nodes, *self.mongo.nodes) if each.running}
        self.memory.take_samples({name: child.pid for name, child in {**self.services, **nodes}.items()})


def measure(folder: Path, region: Region, *, minutes: float = MINUTES) -> Report:
    """A few minutes longer than the load itself."""
    with start_soak_cluster(folder, region) as cluster:
        task = _build_task(cluster, region, minutes * 60)
        before = {name: child.pid for name, child in cluster.services.items()}
        outcome = _run_soak(cluster, task)
        lost = _count_lost(cluster.servers.mongo_url, outcome.acknowledged)
        return report(outcome, cluster, lost=lost, minutes=minutes, pids=before)


@contextmanager
def start_soak_cluster(folder: Path, region: Region) -> Iterator[SoakCluster]:
    with ExitStack() as running:
        kafka = running.enter_context(start_kafka(folder / "kafka", nodes=NODES))
        mongo = running.enter_context(start_replica_set(folder / "mongo", nodes=NODES))
        pids = [[node.pid for node in nodes] for nodes in (mongo.nodes, kafka.nodes)]
        servers = Servers(folder, mongo.url, kafka.bootstrap, None, *pids)
        write_envelopes(make_envelopes(EVENTS, region), servers)
        ports = dict(zip(SERVICES, find_free_ports(len(SERVICES)), strict=True))
        addresses = {name: f"http://{LOOPBACK}:{port}" for name, port in ports.items()}
        settings = {**servers.environment, "KAL_PUBLIC_URL": addresses["distribution"]}
        services = {
            name: create_service_process(name, port, folder=folder, settings=settings) for name, port in ports.items()
        }
        running.callback(stop_all, services.values())
        start_all(tuple(services.values()))
        yield SoakCluster(servers, kafka, mongo, services, addresses)


def _build_task(cluster: SoakCluster, region: Region, seconds: float) -> SoakTask:
    url = cluster.servers.mongo_url
    headers = {str(role): each for role, each in create_sessions(url, region).items()}
    headers["decisions"] = build_bearer_header(create_curator_key(url, region))
    return SoakTask(cluster.addresses, headers, create_editor_keys(url, region, count=SUBMITTERS), USERS, seconds)


def _run_soak(cluster: SoakCluster, task: SoakTask) -> SoakOutcome:
    stop = threading.Event()
    looking = threading.Thread(target=_supervise, args=(cluster, stop))
    killing = threading.Thread(target=_kill_nodes, args=(cluster, task.seconds, stop))
    looking.start()
    killing.start()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "bench.soak_load"],
            input=msgspec.json.encode(task),
            capture_output=True,
            check=False,
            timeout=task.seconds + RETRY_SECONDS + 60,
        )
    finally:
        stop.set()
        killing.join()
        looking.join()
    if done.returncode:
        raise MeasurementFailed(
            f"The load generator failed: {done.stderr.decode(errors='replace').strip().splitlines()[-1]}"
        )
    return msgspec.json.decode(done.stdout, type=SoakOutcome)


def _supervise(cluster: SoakCluster, stop: threading.Event) -> None:
    while not stop.wait(LOOK_SECONDS):
        cluster.take_samples()


def _kill_nodes(cluster: SoakCluster, seconds: float, stop: threading.Event) -> None:
    """Kill a broker after a third of the time and MongoDB's primary after two thirds, and restart each."""
    down = min(DOWN_SECONDS, seconds / 10)
    for what, choose in (
        ("a broker", lambda: cluster.kafka.nodes[0]),
        ("MongoDB's primary", cluster.mongo.find_primary),
    ):
        if not stop.wait(seconds / 3 - (down if cluster.outages else 0)):
            _kill_node(cluster, what, choose, down)


def _kill_node(cluster: SoakCluster, what: str, choose: Callable[[], Child], down: float) -> None:
    node, began = choose(), time.time()
    node.kill()
    time.sleep(down)
    node.start()
    cluster.outages.append(Outage(what, began, time.time() + RECOVERY_SECONDS))


def _count_lost(mongo_url: str, acknowledged: Sequence[AcknowledgedEvent]) -> int:
    # Calendar gets time to settle.
    end = time.monotonic() + SETTLE_SECONDS
    with MongoClient[dict[str, Any]](mongo_url) as client:
        settings = CommonSettings()
        submissions = client[settings.database("ingest")]["submissions"]
        entries = client[settings.database("calendar")]["entries"]
        while True:
            missing = _count_missing(submissions, "version", acknowledged) + _count_missing(
                entries, "received_version", acknowledged
            )
            if not missing or time.monotonic() > end:
                return missing
            time.sleep(1)


def _count_missing(collection: Any, field_name: str, acknowledged: Sequence[AcknowledgedEvent]) -> int:  # noqa: ANN401 - a collection of any documents
    found = collection.find({"_id": {"$in": [each.id for each in acknowledged]}}, {field_name: 1})
    versions = {each["_id"]: each[field_name] for each in found}
    return sum(versions.get(each.id, 0) < each.version for each in acknowledged)


def report(outcome: SoakOutcome, cluster: SoakCluster, *, lost: int, minutes: float, pids: Mapping[str, int]) -> Report:
    kinds = ("page", "feed", "submission", "decision")
    wrong = [each for each in outcome.requests if is_error(each)]
    calm = [each for each in outcome.requests if each.what == "page" and not overlaps(cluster.outages, each)]
    growth = {name: _compute_growth(cluster.memory.samples[f"{name} ({pid})"]) for name, pid in pids.items()}
    worst = max(growth, key=lambda name: growth[name])
    return Report(
        title=f"soak: {minutes:g} minutes of users, with two killed nodes",
        how=(
            f"{USERS} users on pages and feeds and {SUBMITTERS} submitters, with a think time of 1 to 5 s, in a "
            f"separate process; {NODES} Kafka brokers, {NODES} MongoDB nodes and the three services share all cores; "
            f"{EVENTS:,} events are public at the start. A broker is killed after a third of the time and MongoDB's "
            f"primary after two thirds, and restarted. An outage counts until {RECOVERY_SECONDS:.0f} s after."
        ),
        head=("what", "answers", "p50 ms", "p95 ms", "p95 ms in outages", "503 with Retry-After", "other errors"),
        rows=[
            _build_row(kind, [each for each in outcome.requests if each.what == kind], cluster.outages)
            for kind in kinds
        ],
        budgets=[
            Budget("errors but 503 with Retry-After", "at most", 0, Series((len(wrong),)), unit=""),
            Budget("acknowledged and lost", "at most", 0, Series((lost,)), unit=f"of {len(outcome.acknowledged):,}"),
            Budget("services that ended", "at most", 0, Series((len(cluster.ended),)), unit=""),
            Budget("p95 of pages outside the outages", "at most", SLOWEST_MS, Series((_compute_p95(calm),)), unit="ms"),
            Budget(f"memory, the fastest growing ({worst})", "at most", GROWTH, Series((growth[worst],)), unit="%/min"),
        ],
        remarks=[
            *_describe_outages(cluster.outages),
            *_describe_memory(cluster.memory),
            *sorted({f"{each.status} {each.path}" for each in wrong}),
        ],
    )


def is_error(request: SoakRequest) -> bool:
    """No response, or a server error other than 503 with Retry-After."""
    return not request.status or (
        request.status >= ERROR and not (request.status == UNAVAILABLE and request.retry_after)
    )


def overlaps(outages: Sequence[Outage], request: SoakRequest) -> bool:
    return any(request.at < outage.ended and request.at + request.seconds > outage.began for outage in outages)


def _build_row(kind: str, requests: Sequence[SoakRequest], outages: Sequence[Outage]) -> Sequence[str]:
    calm = [each for each in requests if not overlaps(outages, each)]
    hurt = [each for each in requests if overlaps(outages, each)]
    p50 = compute_percentile([each.seconds * 1_000 for each in calm], 0.5) if calm else 0.0
    unavailable = sum(each.status == UNAVAILABLE and each.retry_after for each in requests)
    others = sum(map(is_error, requests))
    return (
        kind,
        f"{len(requests):,}",
        format_number(p50),
        format_number(_compute_p95(calm)),
        format_number(_compute_p95(hurt)),
        str(unavailable),
        str(others),
    )


def _compute_p95(requests: Sequence[SoakRequest]) -> float:
    return compute_percentile([each.seconds * 1_000 for each in requests], 0.95) if requests else 0.0


def _drop_warm_up(samples: Sequence[tuple[float, int]]) -> Sequence[tuple[float, int]]:
    return samples[round(len(samples) * WARM_UP_SHARE) :]


def _compute_growth(samples: Sequence[tuple[float, int]]) -> float:
    """Per minute, in percent of the memory at the end."""
    settled = _drop_warm_up(samples)
    return compute_bytes_per_minute(settled) / settled[-1][1] * 100 if settled else 0.0


def _describe_outages(outages: Sequence[Outage]) -> Iterator[str]:
    for outage in outages:
        yield f"{outage.what} was killed; the outage lasted {outage.ended - outage.began:.0f} s."


def _describe_memory(memory: MemorySamples) -> Iterator[str]:
    for name, samples in memory.samples.items():
        slope = compute_bytes_per_minute(_drop_warm_up(samples)) / 1_000
        yield f"Memory of {name}: {samples[-1][1] / 1e6:.0f} MB in the end, {slope:+.0f} kB/min."
