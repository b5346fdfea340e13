"""A MongoDB replica set on loopback, of one node for trying and testing, of three for faults."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local.cannot_start import NotReady
from deploy.local.mongod import mongod
from deploy.local.ports import LOOPBACK, free_ports
from deploy.local.processes import Child, start_all, stop_all
from deploy.local.waiting import becomes_true

NAME = "kalendarium"
ELECTION_SECONDS = 2.0  # how long a primary may be silent; the server's own default is 10
PRIMARY_SECONDS = 30.0
_NOT_YET_INITIALISED = 94  # MongoDB's error code NotYetInitialized
_CALM = {"PRIMARY", "SECONDARY"}


@dataclass(frozen=True)
class ReplicaSet:
    """A running replica set: how clients reach it, and its nodes for whoever wants to hurt them.

    A node that was stopped or killed comes back with its ``start()``.
    """

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
        """The connection string with all nodes."""
        return f"mongodb://{','.join(_hosts(self.ports))}/?replicaSet={NAME}"

    def primary(self) -> Child:
        """The node that takes writes now; a ``LookupError`` while there is none."""
        for port, node in zip(self.ports, self.nodes, strict=True):
            if node.running and _ask(port, "hello").get("isWritablePrimary"):
                return node
        raise LookupError("no primary at the moment")

    def stop(self) -> None:
        """End all nodes."""
        stop_all(self.nodes)


def start_replica_set(folder: Path, *, nodes: int = 1, ports: Sequence[int] = ()) -> ReplicaSet:
    """Start ``nodes`` nodes with their data in ``folder``, on ``ports`` or on free ones, and wait until all take part.

    Data of an earlier start is taken up again, on other ports too.

    Raises:
        CannotStart: one line says why.
    """
    ports = tuple(ports) or free_ports(nodes)
    members = [
        mongod(folder / f"mongod-{number}", port=port, replica_set=NAME, name=f"mongod on port {port}")
        for number, port in enumerate(ports, start=1)
    ]
    start_all(members)
    try:
        _agree_on_members(ports)
        _await_calm(ports, folder)
    except BaseException:
        stop_all(members)
        raise
    return ReplicaSet(ports, tuple(members))


def _hosts(ports: Sequence[int]) -> list[str]:
    return [f"{LOOPBACK}:{port}" for port in ports]


def _members(ports: Sequence[int]) -> list[dict[str, Any]]:
    return [{"_id": number, "host": host} for number, host in enumerate(_hosts(ports))]


def _agree_on_members(ports: Sequence[int]) -> None:
    """Tell the first node who the members are, unless it knows."""
    with MongoClient[dict[str, Any]](LOOPBACK, ports[0], directConnection=True) as client:
        try:
            config = client.admin.command("replSetGetConfig")["config"]
        except OperationFailure as error:
            if error.code != _NOT_YET_INITIALISED:
                raise
            client.admin.command("replSetInitiate", _new_config(ports))
            return
        if [member["host"] for member in config["members"]] != _hosts(ports):
            # The data was last served on other ports: nobody there can vote, so it has to be forced.
            config |= {"version": config["version"] + 1, "members": _members(ports)}
            client.admin.command("replSetReconfig", config, force=True)


def _new_config(ports: Sequence[int]) -> dict[str, Any]:
    settings = {"electionTimeoutMillis": int(ELECTION_SECONDS * 1000), "heartbeatIntervalMillis": 500}
    return {"_id": NAME, "members": _members(ports), "settings": settings}


def _await_calm(ports: Sequence[int], folder: Path) -> None:
    """Wait until there is a primary and every other node is a secondary."""
    if not becomes_true(lambda: _is_calm(ports), within=PRIMARY_SECONDS):
        raise NotReady("The replica set", PRIMARY_SECONDS, folder)


def _is_calm(ports: Sequence[int]) -> bool:
    states = [member["stateStr"] for member in _ask(ports[0], "replSetGetStatus").get("members", [])]
    writable = any(_ask(port, "hello").get("isWritablePrimary") for port in ports)
    return writable and len(states) == len(ports) and set(states) <= _CALM


def _ask(port: int, command: str) -> dict[str, Any]:
    """What one node answers to an administrative command; nothing if it cannot answer."""
    node = f"mongodb://{LOOPBACK}:{port}/?directConnection=true&serverSelectionTimeoutMS=1000&socketTimeoutMS=1000"
    try:
        with MongoClient[dict[str, Any]](node) as client:
            return dict(client.admin.command(command))
    except PyMongoError:
        return {}
