"""Idempotency keys and the stored responses to them."""

from __future__ import annotations

import hashlib
import re
import zlib
from dataclasses import dataclass

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


class KeyUnreadable(Exception):
    """An idempotency key must have 1 to 255 visible ASCII characters."""


class KeyReused(Exception):
    """The idempotency key belongs to another request; ``submission_id`` is what that one was about."""

    def __init__(self, submission_id: str) -> None:
        super().__init__(submission_id)
        self.submission_id = submission_id


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """``scope`` is organisation, route and key; ``fingerprint`` tells bodies apart."""

    scope: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """The response to a keyed request; ``packed`` is its body, compressed."""

    key: IdempotencyKey
    status: int
    version: int
    packed: bytes

    @property
    def body(self) -> bytes:
        return zlib.decompress(self.packed)


def is_key(text: str) -> bool:
    return _KEY.fullmatch(text) is not None


def make_key(key: str | None, *, organisation: str, route: str, body: bytes) -> IdempotencyKey | None:
    """Raises KeyUnreadable if the key is empty, too long or not visible ASCII."""
    if key is None:
        return None
    if not is_key(key):
        raise KeyUnreadable
    return IdempotencyKey(f"{organisation} {route} {key}", hashlib.sha256(body).digest())


def create_response(request: IdempotencyKey, *, status: int, version: int, body: bytes) -> StoredResponse:
    return StoredResponse(request, status, version, zlib.compress(body, level=1))
