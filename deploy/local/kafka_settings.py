"""Settings of local Kafka nodes: small, on loopback, without automatic topic creation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local.ports import LOOPBACK

MAX_REPLICAS = 3  # the replication factor of a production cluster, given enough nodes


@dataclass(frozen=True)
class NodePorts:
    clients: int
    controllers: int


def build_node_settings(number: int, nodes: Sequence[NodePorts], data: Path | str) -> dict[str, str]:
    """Of node ``number`` (from 1), with its data in ``data``."""
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
    } | build_cluster_settings(len(nodes))


def build_cluster_settings(nodes: int) -> dict[str, str]:
    copies = min(nodes, MAX_REPLICAS)
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


def format_properties(settings: dict[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def format_environment(settings: dict[str, str]) -> dict[str, str]:
    """As variables of the official container image: ``node.id`` becomes ``KAFKA_NODE_ID``."""
    return {f"KAFKA_{name.replace('.', '_').upper()}": value for name, value in settings.items()}
