"""Passwords: argon2id, in a thread, a few at a time."""

from __future__ import annotations

import asyncio
from typing import Final

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

SHORTEST: Final = 12
LONGEST: Final = 256
AT_ONCE: Final = 2
"""Each takes 64 MiB for a moment: more at once would let log-ins use up the machine's memory."""


class PasswordTooShort(ValueError):
    """A password needs at least 12 characters."""


class PasswordTooLong(ValueError):
    """A password has at most 256 characters."""


class Passwords:
    """Keeps and compares passwords; ``hasher`` says how much work one is, by default what pwdlib advises (64 MiB)."""

    def __init__(self, hasher: Argon2Hasher | None = None) -> None:
        self._hashes = PasswordHash((hasher or Argon2Hasher(),))
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._nobodys: str | None = None

    async def keep(self, password: str) -> str:
        """Give what is kept of a password.

        Raises:
            PasswordTooShort, PasswordTooLong: if it is not one we keep.

        """
        if len(password) < SHORTEST:
            raise PasswordTooShort
        if len(password) > LONGEST:
            raise PasswordTooLong
        async with self._turns:
            return await asyncio.to_thread(self._hashes.hash, password)

    async def fit(self, password: str, kept: str | None) -> bool:
        """Tell whether a password is the one that is kept.

        With nothing kept the answer is no, after the same work: its time must not tell which accounts there are.
        """
        if len(password) > LONGEST:
            return False
        async with self._turns:
            if self._nobodys is None:
                self._nobodys = await asyncio.to_thread(self._hashes.hash, "nobody's password")
            fits = await asyncio.to_thread(self._hashes.verify, password, kept or self._nobodys)
        return fits and kept is not None
