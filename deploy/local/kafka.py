"""Local Kafka cluster in KRaft mode: one node for demo and tests, three for fault tests."""

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

from deploy.local.errors import explain_exit
from deploy.local.folders import ensure_writable_folder
from deploy.local.java import find_java
from deploy.local.kafka_jars import POM, ensure_kafka_jars
from deploy.local.kafka_settings import NodePorts, build_node_settings, format_properties
from deploy.local.ports import LOOPBACK, find_free_ports, require_free
from deploy.local.probes import count_kafka_brokers
from deploy.local.processes import Child, kill_all, start_all, stop_all

HEAP_MB = 256
NEEDED_MB = 200
LOGGING = POM.with_name("log4j2.xml")
_SMALL_JVM = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError")


@dataclass(frozen=True)
class Kafka:
    """A running cluster; a node that was stopped or killed is restarted by its ``start()``."""

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
        return ",".join(f"{LOOPBACK}:{node.clients}" for node in self.ports)

    def stop(self) -> None:
        stop_all(self.nodes)

    def kill(self) -> None:
        """For data that is thrown away."""
        kill_all(self.nodes)


def start_kafka(
    folder: Path, *, nodes: int = 1, ports: Sequence[int] = (), settings: Mapping[str, str] | None = None
) -> Kafka:
    """Wait until every node answers and sees all others; raises StartError."""
    # Data of an earlier start with as many nodes is reused, on other ports too. ``ports`` are for clients, free ones by
    # default; ``settings`` override ours on every node.
    clients = tuple(ports) or find_free_ports(nodes)
    for port in clients:
        require_free(port, "Kafka")
    controllers = find_free_ports(len(clients), excluding=clients)
    placed = tuple(NodePorts(*pair) for pair in zip(clients, controllers, strict=True))
    java = _build_java_command()
    homes = [_prepare_home(folder, number, placed, settings or {}) for number, _ in enumerate(placed, start=1)]
    _format_storage(java, homes, _load_cluster_id(folder))
    members = tuple(
        _create_node(java, home, ports.clients, len(placed)) for home, ports in zip(homes, placed, strict=True)
    )
    start_all(members)
    return Kafka(placed, members)


def _build_java_command() -> tuple[str, ...]:
    """A class name and its arguments follow."""
    return (
        str(find_java()),
        "-cp",
        f"{ensure_kafka_jars()}/*",
        f"-Dlog4j2.configurationFile={LOGGING.as_uri()}",
        *_SMALL_JVM,
    )


def _prepare_home(folder: Path, number: int, nodes: Sequence[NodePorts], settings: Mapping[str, str]) -> Path:
    home = ensure_writable_folder(folder / f"kafka-{number}", needs_mb=NEEDED_MB)
    own = build_node_settings(number, nodes, home / "data") | dict(settings)
    (home / "server.properties").write_text(format_properties(own))
    return home


def _load_cluster_id(folder: Path) -> str:
    kept = folder / "cluster.id"
    if not kept.exists():
        kept.write_text(encode_cluster_id(secrets.token_bytes(16)))
    return kept.read_text()


def encode_cluster_id(random: bytes) -> str:
    """Never with a leading hyphen, which Kafka's tools read as an option."""
    return base64.urlsafe_b64encode(bytes([random[0] & 0x7F]) + random[1:]).decode().rstrip("=")


def _format_storage(java: Sequence[str], homes: Sequence[Path], cluster: str) -> None:
    # In parallel: each takes a JVM two seconds.
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
        raise explain_exit("Kafka's storage tool", code, log.read_text(errors="replace"), log)


def _create_node(java: Sequence[str], home: Path, port: int, nodes: int) -> Child:
    """Ready when it sees all brokers of the cluster."""
    return Child(
        f"Kafka on port {port}",
        [java[0], f"-Xmx{HEAP_MB}m", *java[1:], "kafka.Kafka", home / "server.properties"],
        log=home / "kafka.log",
        ready=lambda: count_kafka_brokers(port) == nodes,
    )
