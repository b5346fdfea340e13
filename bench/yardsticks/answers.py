"""Answers kept in a file, headers and all, so that a yardstick can give exactly the same ones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from bench.client import Answer

SERVER_ADDS = frozenset({"date", "transfer-encoding", "connection"})
"""What uvicorn writes itself."""


class Kept(msgspec.Struct, frozen=True):
    """An answer as ASGI wants it."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


def keep(answers: Mapping[str, Answer], file: Path) -> None:
    """Write answers down by the path under which they shall be given."""
    file.write_bytes(msgspec.msgpack.encode({path: _kept(answer) for path, answer in answers.items()}))


def kept(file: Path) -> dict[str, Kept]:
    """Read them again."""
    return msgspec.msgpack.decode(file.read_bytes(), type=dict[str, Kept])


def _kept(answer: Answer) -> Kept:
    headers = [(name.encode(), value.encode()) for name, value in answer.headers.items() if name not in SERVER_ADDS]
    return Kept(answer.status, headers, answer.body)
