"""Digest of high-entropy secrets, which need neither a salt nor a slow hash (ASVS 11.5.1)."""

from __future__ import annotations

import hashlib


def digest(secret: str) -> bytes:
    """SHA-256; lone surrogates, which a client can send, are accepted."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
