"""Accounts whose passwords are quick to keep: one that is made to be slow takes a test's time and proves nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from pwdlib.hashers.argon2 import Argon2Hasher

from shared.accounts.accounts import Accounts
from shared.accounts.passwords import PasswordHasher
from shared.settings import CommonSettings
from tests.support.databases import open_patiently

QUICK: Final = Argon2Hasher(time_cost=1, memory_cost=1024, parallelism=1)


@asynccontextmanager
async def open_quick_accounts(settings: CommonSettings) -> AsyncIterator[Accounts]:
    """Open the accounts of an installation; how much work a password is stands with each, so services read them all."""
    async with open_patiently(settings.mongo_url, settings.database("accounts")) as database:
        accounts = Accounts(database, passwords=PasswordHasher(QUICK))
        await accounts.prepare()
        yield accounts
