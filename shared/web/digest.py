"""What is kept of a secret that is random enough to need no salt and no slow hash (ASVS 11.5.1)."""

from __future__ import annotations

import hashlib


def digest(secret: str) -> bytes:
    """Give the SHA-256 of a secret; any text a client can send has one."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
