"""Free and taken ports on loopback."""

from __future__ import annotations

import random
import socket
from collections.abc import Collection

from deploy.local.errors import PortTaken

LOOPBACK = "127.0.0.1"
# Below the ephemeral range: an outgoing connection could otherwise take the port between our check and the server's
# start.
PORT_RANGE = range(20_000, 32_000)


def is_taken(port: int) -> bool:
    with socket.socket() as probe:
        # A port with connections in TIME_WAIT is free to a server.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return True
    return False


def require_free(port: int, wanted_for: str) -> None:
    if is_taken(port):
        raise PortTaken(port, wanted_for)


def find_free_ports(count: int, *, excluding: Collection[int] = ()) -> tuple[int, ...]:
    # At random, so that two programs that choose at the same time rarely collide.
    shuffled = random.SystemRandom().sample(PORT_RANGE, len(PORT_RANGE))
    free = (port for port in shuffled if port not in excluding and not is_taken(port))
    return tuple(port for _, port in zip(range(count), free, strict=False))


def find_free_port() -> int:
    return find_free_ports(1)[0]
