"""The questions by which a starter learns that a server answers."""

from __future__ import annotations

import http.client
import socket
import struct
from urllib.parse import urlsplit

from deploy.local.ports import LOOPBACK

PATIENCE_SECONDS = 2.0
_METADATA, _METADATA_VERSION = 3, 1


def listens(port: int) -> bool:
    """Whether something on loopback takes connections on ``port``."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=PATIENCE_SECONDS):
            return True
    except OSError:
        return False


def says_ok(url: str) -> bool:
    """Whether an HTTP server answers 200 to a GET of ``url`` (a ``/readyz``, say)."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", parts.path or "/")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def kafka_brokers(port: int) -> int:
    """How many brokers the Kafka broker on ``port`` knows to be up; 0 while it does not answer.

    Asks in Kafka's own protocol (Metadata, version 1, no topics): a client library would need an event loop and logs an
    error for each try at a broker that is still starting.
    """
    question = struct.pack(">hhih", _METADATA, _METADATA_VERSION, 0, -1) + struct.pack(">i", 0)
    try:
        with socket.create_connection((LOOPBACK, port), timeout=PATIENCE_SECONDS) as connection:
            connection.sendall(struct.pack(">i", len(question)) + question)
            answer = connection.makefile("rb").read(12)
    except OSError:
        return 0
    _size, _correlation, brokers = (
        struct.unpack(">iii", answer) if len(answer) == struct.calcsize(">iii") else (0, 0, 0)
    )
    return int(brokers)
