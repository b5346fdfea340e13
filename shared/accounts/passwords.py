"""Password hashing with argon2id, in a thread, with bounded concurrency."""

from __future__ import annotations

import asyncio
from typing import Final

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

MIN_LENGTH: Final = 12
MAX_LENGTH: Final = 256
CONCURRENCY: Final = 2
"""Each hash takes 64 MiB: more at once would let logins exhaust the memory."""


class PasswordTooShort(ValueError):
    """A password needs at least :data:`MIN_LENGTH` characters."""


class PasswordTooLong(ValueError):
    """A password has at most :data:`MAX_LENGTH` characters."""


class PasswordHasher:
    """The default cost is pwdlib's recommendation (64 MiB)."""

    def __init__(self, hasher: Argon2Hasher | None = None) -> None:
        self._hashes = PasswordHash((hasher or Argon2Hasher(),))
        self._slots = asyncio.Semaphore(CONCURRENCY)
        self._dummy_hash: str | None = None

    async def hash(self, password: str) -> str:
        """Raises PasswordTooShort or PasswordTooLong."""
        if len(password) < MIN_LENGTH:
            raise PasswordTooShort
        if len(password) > MAX_LENGTH:
            raise PasswordTooLong
        async with self._slots:
            return await asyncio.to_thread(self._hashes.hash, password)

    async def verify(self, password: str, stored: str | None) -> bool:
        """Without a stored hash: False after the same work, because timing must not reveal which accounts exist."""
        if len(password) > MAX_LENGTH:
            return False
        async with self._slots:
            if self._dummy_hash is None:
                self._dummy_hash = await asyncio.to_thread(self._hashes.hash, "nobody's password")
            matches = await asyncio.to_thread(self._hashes.verify, password, stored or self._dummy_hash)
        return matches and stored is not None
