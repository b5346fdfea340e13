"""Controller of a Kafka cluster.

A broker tells clients a random broker's number; the leader of the metadata quorum is only in Kafka's own protocol
(DescribeQuorum, version 0).
"""

from __future__ import annotations

import socket
import struct
from typing import Final

from deploy.local.ports import LOOPBACK

_DESCRIBE_QUORUM: Final = 55
_TOPIC: Final = b"__cluster_metadata"
PATIENCE_SECONDS: Final = 5.0


def find_controller(port: int) -> int:
    """The number (from 1) of the controller's node, as the broker on ``port`` knows it; raises OSError."""
    name = bytes([len(_TOPIC) + 1]) + _TOPIC
    body = b"\x02" + name + b"\x02" + struct.pack(">i", 0) + b"\x00\x00\x00"
    question = struct.pack(">hhih", _DESCRIBE_QUORUM, 0, 1, -1) + b"\x00" + body
    with socket.create_connection((LOOPBACK, port), timeout=PATIENCE_SECONDS) as connection:
        connection.sendall(struct.pack(">i", len(question)) + question)
        stream = connection.makefile("rb")
        (size,) = struct.unpack(">i", stream.read(4))
        answer = stream.read(size)
    place = answer.find(name)
    if place < 0:
        raise OSError(f"the broker on port {port} did not describe the quorum: {answer!r}")
    # After the name: the count of partitions, then index, error and leader of the only one.
    _index, _error, leader = struct.unpack_from(">ihi", answer, place + len(name) + 1)
    return int(leader)
