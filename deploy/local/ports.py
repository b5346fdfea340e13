"""Ports on loopback: which are free, and whether one is taken."""

from __future__ import annotations

import random
import socket
from collections.abc import Collection

from deploy.local.cannot_start import PortTaken

LOOPBACK = "127.0.0.1"
# Below the range from which systems take the ports of outgoing connections: one of those could otherwise take a port
# between our look and the server's start.
CHOICE = range(20_000, 32_000)


def is_taken(port: int) -> bool:
    """Whether a server on loopback could not listen on ``port`` now."""
    with socket.socket() as probe:
        # A port that only waits out its last connections is free to a server.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return True
    return False


def require_free(port: int, wanted_for: str) -> None:
    """Raise ``PortTaken``, which names ``wanted_for``, unless a server could listen on ``port``."""
    if is_taken(port):
        raise PortTaken(port, wanted_for)


def free_ports(count: int, *, besides: Collection[int] = ()) -> tuple[int, ...]:
    """``count`` ports on which nothing listens, all different and none of ``besides``.

    They are chosen at random, so that two programs that look at the same time seldom choose alike.
    """
    shuffled = random.SystemRandom().sample(CHOICE, len(CHOICE))
    free = (port for port in shuffled if port not in besides and not is_taken(port))
    return tuple(port for _, port in zip(range(count), free, strict=False))


def free_port() -> int:
    """One port on which nothing listens."""
    return free_ports(1)[0]
