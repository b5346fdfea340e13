"""Apache Kafka on loopback, from its published jars: one node for trying and testing, three for faults."""

from __future__ import annotations

import base64
import secrets
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local.answers import kafka_brokers
from deploy.local.cannot_start import why_it_ended
from deploy.local.folders import writable_folder
from deploy.local.java import find_java
from deploy.local.kafka_jars import POM, kafka_jars
from deploy.local.kafka_settings import NodePorts, as_properties, node_settings
from deploy.local.ports import LOOPBACK, free_ports, require_free
from deploy.local.processes import Child, kill_all, start_all, stop_all

HEAP_MB = 256
NEEDS_MB = 200
LOGGING = POM.with_name("log4j2.xml")
_SMALL_JVM = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError")


@dataclass(frozen=True)
class Kafka:
    """A running cluster: how clients reach it, and its nodes for whoever wants to hurt them.

    A node that was stopped or killed comes back with its ``start()``.
    """

    ports: tuple[NodePorts, ...]
    nodes: tuple[Child, ...]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def bootstrap(self) -> str:
        """The addresses of all nodes, as clients take them."""
        return ",".join(f"{LOOPBACK}:{node.clients}" for node in self.ports)

    def stop(self) -> None:
        """End all nodes and let them close their files."""
        stop_all(self.nodes)

    def kill(self) -> None:
        """End all nodes at once, where nobody wants their data any more."""
        kill_all(self.nodes)


def start_kafka(
    folder: Path, *, nodes: int = 1, ports: Sequence[int] = (), settings: Mapping[str, str] | None = None
) -> Kafka:
    """Start ``nodes`` nodes with their data in ``folder`` and wait until every one answers and knows all others.

    Data of an earlier start with as many nodes is taken up again, on other ports too.

    Args:
        folder: holds a folder of data, the settings and the log of each node.
        nodes: how many.
        ports: where clients reach them; free ones if not given.
        settings: Kafka settings that differ from ours, for every node.

    Raises:
        CannotStart: one line says why.
    """
    clients = tuple(ports) or free_ports(nodes)
    for port in clients:
        require_free(port, "Kafka")
    controllers = free_ports(len(clients), besides=clients)
    placed = tuple(NodePorts(*pair) for pair in zip(clients, controllers, strict=True))
    java = _java()
    homes = [_home(folder, number, placed, settings or {}) for number, _ in enumerate(placed, start=1)]
    _format(java, homes, _cluster_id(folder))
    members = tuple(_node(java, home, ports.clients, len(placed)) for home, ports in zip(homes, placed, strict=True))
    start_all(members)
    return Kafka(placed, members)


def _java() -> tuple[str, ...]:
    """How every Java program of Kafka is begun; a class name and its arguments follow."""
    return (str(find_java()), "-cp", f"{kafka_jars()}/*", f"-Dlog4j2.configurationFile={LOGGING.as_uri()}", *_SMALL_JVM)


def _home(folder: Path, number: int, nodes: Sequence[NodePorts], settings: Mapping[str, str]) -> Path:
    """The folder of node ``number``, with its settings written."""
    home = writable_folder(folder / f"kafka-{number}", needs_mb=NEEDS_MB)
    own = node_settings(number, nodes, home / "data") | dict(settings)
    (home / "server.properties").write_text(as_properties(own))
    return home


def _cluster_id(folder: Path) -> str:
    """The id that all nodes' data carry; made at the first start."""
    kept = folder / "cluster.id"
    if not kept.exists():
        kept.write_text(new_cluster_id(secrets.token_bytes(16)))
    return kept.read_text()


def new_cluster_id(random: bytes) -> str:
    """Write 16 random bytes as Kafka writes an id; never with a hyphen first, which its tools take for an option."""
    return base64.urlsafe_b64encode(bytes([random[0] & 0x7F]) + random[1:]).decode().rstrip("=")


def _format(java: Sequence[str], homes: Sequence[Path], cluster: str) -> None:
    """Prepare the data folders that are new, all at the same time: each takes a JVM two seconds."""
    new = [home for home in homes if not (home / "data" / "meta.properties").exists()]
    command = (*java, "kafka.tools.StorageTool", "format", "-t", cluster, "-c")
    with ExitStack() as running:
        for home in new:
            log = running.enter_context((home / "kafka.log").open("ab"))
            started = subprocess.Popen([*command, home / "server.properties"], stdout=log, stderr=log)
            running.enter_context(started)
            running.callback(_require_formatted, started, home / "kafka.log")


def _require_formatted(process: subprocess.Popen[bytes], log: Path) -> None:
    if code := process.wait():
        raise why_it_ended("Kafka's storage tool", code, log.read_text(errors="replace"), log)


def _node(java: Sequence[str], home: Path, port: int, nodes: int) -> Child:
    """A node, not started yet; it is ready when it sees as many brokers as there shall be."""
    return Child(
        f"Kafka on port {port}",
        [java[0], f"-Xmx{HEAP_MB}m", *java[1:], "kafka.Kafka", home / "server.properties"],
        log=home / "kafka.log",
        ready=lambda: kafka_brokers(port) == nodes,
    )
