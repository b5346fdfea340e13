"""The settings of Kafka nodes that share a laptop: small, on loopback, and strict about topics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local.ports import LOOPBACK

COPIES = 3  # as many copies of a record as a cluster on a server keeps, where there are nodes enough


@dataclass(frozen=True)
class NodePorts:
    """Where one node listens: for clients, and for the other nodes' controllers."""

    clients: int
    controllers: int


def node_settings(number: int, nodes: Sequence[NodePorts], data: Path | str) -> dict[str, str]:
    """What ``server.properties`` says of node ``number`` (from 1) of ``nodes``, with its data in ``data``."""
    ports = nodes[number - 1]
    return {
        "process.roles": "broker,controller",
        "node.id": str(number),
        "controller.quorum.voters": ",".join(
            f"{voter}@{LOOPBACK}:{node.controllers}" for voter, node in enumerate(nodes, start=1)
        ),
        "listeners": f"PLAINTEXT://{LOOPBACK}:{ports.clients},CONTROLLER://{LOOPBACK}:{ports.controllers}",
        "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{ports.clients}",
        "controller.listener.names": "CONTROLLER",
        "log.dirs": str(data),
    } | cluster_settings(len(nodes))


def cluster_settings(nodes: int) -> dict[str, str]:
    """What is the same on every node of a cluster of ``nodes``."""
    copies = min(nodes, COPIES)
    enough = max(1, copies - 1)
    return {
        "auto.create.topics.enable": "false",  # a topic made by a mistyped name would have the wrong settings
        "group.initial.rebalance.delay.ms": "0",  # else a first member waits 3 s for others
        "default.replication.factor": str(copies),
        "min.insync.replicas": str(enough),
        "offsets.topic.replication.factor": str(copies),
        "offsets.topic.num.partitions": "5",  # of 50, each a folder with files
        "transaction.state.log.replication.factor": str(copies),
        "transaction.state.log.min.isr": str(enough),
        "transaction.state.log.num.partitions": "1",
        "share.coordinator.state.topic.replication.factor": str(copies),
        "share.coordinator.state.topic.min.isr": str(enough),
        "share.coordinator.state.topic.num.partitions": "1",
        "log.cleaner.dedupe.buffer.size": str(8 * 1024 * 1024),  # of 128 MB, which a small heap does not have
        "num.network.threads": "2",
        "num.io.threads": "4",
    }


def as_properties(settings: dict[str, str]) -> str:
    """The text of a ``server.properties`` with these settings."""
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def as_environment(settings: dict[str, str]) -> dict[str, str]:
    """The same settings as the official container image takes them: ``node.id`` becomes ``KAFKA_NODE_ID``."""
    return {f"KAFKA_{name.replace('.', '_').upper()}": value for name, value in settings.items()}
