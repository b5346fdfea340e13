"""Readiness probes for local servers: TCP, HTTP and Kafka."""

from __future__ import annotations

import http.client
import socket
import struct
from urllib.parse import urlsplit

from deploy.local.ports import LOOPBACK

TIMEOUT_SECONDS = 2.0
_METADATA, _METADATA_VERSION = 3, 1


def probe_tcp(port: int) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), timeout=TIMEOUT_SECONDS):
            return True
    except OSError:
        return False


def probe_http(url: str) -> bool:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", parts.path or "/")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def count_kafka_brokers(port: int) -> int:
    """Live brokers that the broker on ``port`` reports; 0 while it does not answer."""
    # A raw Metadata request: a client library needs an event loop and logs an error for each attempt.
    question = struct.pack(">hhih", _METADATA, _METADATA_VERSION, 0, -1) + struct.pack(">i", 0)
    try:
        with socket.create_connection((LOOPBACK, port), timeout=TIMEOUT_SECONDS) as connection:
            connection.sendall(struct.pack(">i", len(question)) + question)
            answer = connection.makefile("rb").read(12)
    except OSError:
        return 0
    _size, _correlation, brokers = (
        struct.unpack(">iii", answer) if len(answer) == struct.calcsize(">iii") else (0, 0, 0)
    )
    return int(brokers)
