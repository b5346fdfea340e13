"""Local MongoDB replica set: one node for demo and tests, three for fault tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pymongo import MongoClient
from pymongo.errors import ConnectionFailure, OperationFailure, PyMongoError

from deploy.local.errors import StartTimeout
from deploy.local.mongod import create_mongod
from deploy.local.polling import poll_until
from deploy.local.ports import LOOPBACK, find_free_ports
from deploy.local.processes import Child, start_all, stop_all

NAME = "kalendarium"
ELECTION_SECONDS = 2.0  # how long a primary may be silent; the server's own default is 10
PRIMARY_SECONDS = 60.0
_NOT_YET_INITIALISED = 94  # MongoDB's error code NotYetInitialized
_STABLE_STATES = {"PRIMARY", "SECONDARY"}


@dataclass(frozen=True)
class ReplicaSet:
    """A running replica set; a node that was stopped or killed is restarted by its ``start()``."""

    ports: tuple[int, ...]
    nodes: tuple[Child, ...]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"mongodb://{','.join(_list_hosts(self.ports))}/?replicaSet={NAME}"

    def find_primary(self) -> Child:
        """LookupError while there is none."""
        for port, node in zip(self.ports, self.nodes, strict=True):
            if node.running and _run_command(port, "hello").get("isWritablePrimary"):
                return node
        raise LookupError("no primary at the moment")

    def stop(self) -> None:
        stop_all(self.nodes)


def start_replica_set(folder: Path, *, nodes: int = 1, ports: Sequence[int] = ()) -> ReplicaSet:
    """Wait for a primary with all others as secondaries; raises StartError."""
    # Data of an earlier start is reused, on other ports too.
    ports = tuple(ports) or find_free_ports(nodes)
    members = [
        create_mongod(folder / f"mongod-{number}", port=port, replica_set=NAME, name=f"mongod on port {port}")
        for number, port in enumerate(ports, start=1)
    ]
    start_all(members)
    try:
        _configure_members(ports, folder)
        _wait_until_stable(ports, folder)
    except BaseException:
        stop_all(members)
        raise
    return ReplicaSet(ports, tuple(members))


def _list_hosts(ports: Sequence[int]) -> list[str]:
    return [f"{LOOPBACK}:{port}" for port in ports]


def _list_members(ports: Sequence[int]) -> list[dict[str, Any]]:
    return [{"_id": number, "host": host} for number, host in enumerate(_list_hosts(ports))]


def _configure_members(ports: Sequence[int], folder: Path) -> None:
    if not poll_until(lambda: _try_configuring(ports), within=PRIMARY_SECONDS):
        raise StartTimeout("The replica set", PRIMARY_SECONDS, folder)


def _try_configuring(ports: Sequence[int]) -> bool:
    """False if a connection was closed: a node closes all while it finds that its data was served on other ports."""
    try:
        with MongoClient[dict[str, Any]](LOOPBACK, ports[0], directConnection=True) as client:
            _configure(client, ports)
    except ConnectionFailure:
        return False
    return True


def _configure(client: MongoClient[dict[str, Any]], ports: Sequence[int]) -> None:
    try:
        config = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as error:
        if error.code != _NOT_YET_INITIALISED:
            raise
        client.admin.command("replSetInitiate", _build_config(ports))
        return
    if [member["host"] for member in config["members"]] != _list_hosts(ports):
        # The data was last served on other ports: no majority can vote there, so the change is forced.
        config |= {"version": config["version"] + 1, "members": _list_members(ports)}
        client.admin.command("replSetReconfig", config, force=True)


def _build_config(ports: Sequence[int]) -> dict[str, Any]:
    settings = {"electionTimeoutMillis": int(ELECTION_SECONDS * 1000), "heartbeatIntervalMillis": 500}
    return {"_id": NAME, "members": _list_members(ports), "settings": settings}


def _wait_until_stable(ports: Sequence[int], folder: Path) -> None:
    if not poll_until(lambda: _is_stable(ports), within=PRIMARY_SECONDS):
        raise StartTimeout("The replica set", PRIMARY_SECONDS, folder)


def _is_stable(ports: Sequence[int]) -> bool:
    states = [member["stateStr"] for member in _run_command(ports[0], "replSetGetStatus").get("members", [])]
    writable = any(_run_command(port, "hello").get("isWritablePrimary") for port in ports)
    return writable and len(states) == len(ports) and set(states) <= _STABLE_STATES


def _run_command(port: int, command: str) -> dict[str, Any]:
    """Empty if the node does not answer."""
    node = f"mongodb://{LOOPBACK}:{port}/?directConnection=true&serverSelectionTimeoutMS=1000&socketTimeoutMS=1000"
    try:
        with MongoClient[dict[str, Any]](node) as client:
            return dict(client.admin.command(command))
    except PyMongoError:
        return {}
