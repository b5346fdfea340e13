"""HTTP responses stored in a file, so that a baseline serves exactly the same bytes and headers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from bench.client import Response

# Headers that uvicorn adds itself.
SERVER_ADDS = frozenset({"date", "transfer-encoding", "connection"})


class StoredResponse(msgspec.Struct, frozen=True):
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


def save_responses(answers: Mapping[str, Response], file: Path) -> None:
    file.write_bytes(msgspec.msgpack.encode({path: _create_stored(answer) for path, answer in answers.items()}))


def load_responses(file: Path) -> dict[str, StoredResponse]:
    return msgspec.msgpack.decode(file.read_bytes(), type=dict[str, StoredResponse])


def _create_stored(answer: Response) -> StoredResponse:
    headers = [(name.encode(), value.encode()) for name, value in answer.headers.items() if name not in SERVER_ADDS]
    return StoredResponse(answer.status, headers, answer.body)
