"""Repeats of a request: the key under which it is known, and the answer it was given the first time."""

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
class Request:
    """A request that may be repeated: ``scope`` is organisation, route and key, ``print`` tells bodies apart."""

    scope: str
    print: bytes


@dataclass(frozen=True, slots=True)
class Answered:
    """A request with the answer that it was given."""

    request: Request
    status: int
    version: int
    packed: bytes

    @property
    def body(self) -> bytes:
        """The answer's body, to the byte."""
        return zlib.decompress(self.packed)


def keyed(key: str | None, *, organisation: str, route: str, body: bytes) -> Request | None:
    """Name a request by the key that came with it; None if there was none.

    Raises:
        KeyUnreadable: if the key is empty, too long or not visible ASCII.

    """
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise KeyUnreadable
    return Request(f"{organisation} {route} {key}", hashlib.sha256(body).digest())


def answered(request: Request, *, status: int, version: int, body: bytes) -> Answered:
    """Keep a request with its answer."""
    return Answered(request, status, version, zlib.compress(body, level=1))
