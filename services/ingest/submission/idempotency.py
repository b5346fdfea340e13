"""Idempotency keys and the stored responses to them."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass

from shared.web.http.idempotency_key import KeyUnreadable, is_key

FORM_ROUTE = "form"


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


def make_key(key: str | None, *, organisation: str, route: str, body: bytes) -> IdempotencyKey | None:
    """Raises KeyUnreadable if the key is empty, too long or not visible ASCII."""
    if key is None:
        return None
    if not is_key(key):
        raise KeyUnreadable
    return IdempotencyKey(_make_scope(key, organisation, route), hashlib.sha256(body).digest())


def make_form_scope(draft_id: str, organisation: str) -> str:
    """The scope of a form's key, which is the id of its draft too."""
    return _make_scope(draft_id, organisation, FORM_ROUTE)


def _make_scope(key: str, organisation: str, route: str) -> str:
    return f"{organisation} {route} {key}"


def create_response(request: IdempotencyKey, *, status: int, version: int, body: bytes) -> StoredResponse:
    return StoredResponse(request, status, version, zlib.compress(body, level=1))
