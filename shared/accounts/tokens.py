"""One-time links: random tokens bound to a purpose and a subject, used once and for a limited time.

The database stores the SHA-256 of a token, never the token. A link that was used, replaced or is too old is still
recognised for :data:`RECOGNISED_FOR`, so that by it a new one can be asked for, which is mailed and never shown.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final, Literal

from shared.accounts.digest import digest
from shared.database.client import ASCENDING, Collection, Document, IndexModel, create_indexes

LinkPurpose = Literal["invitation", "password"]

LIFETIMES: Final[Mapping[LinkPurpose, timedelta]] = {"invitation": timedelta(days=7), "password": timedelta(hours=1)}
RECOGNISED_FOR: Final = timedelta(days=90)
_TOKEN: Final = re.compile(r"kal_link_[A-Za-z0-9_-]{43}")
"""The prefix is that of API keys: what hides these in logs hides links too."""


class LinkExpired(Exception):
    """The link was used, was replaced, is too old or never existed; the client must not learn which."""


class OneTimeLinks:
    def __init__(self, collection: Collection, now: Callable[[], datetime]) -> None:
        self._links = collection
        self._now = now

    async def prepare(self) -> None:
        await create_indexes(
            self._links,
            [
                IndexModel([("removed_at", ASCENDING)], expireAfterSeconds=0),
                IndexModel([("purpose", ASCENDING), ("subject", ASCENDING)]),
            ],
        )

    async def create(self, purpose: LinkPurpose, subject: str) -> str:
        """Create a link and return its token; an earlier invitation of this subject ends.

        Links for a password work side by side until one is used: who else asks for one must not end the person's.
        """
        token, now = f"kal_link_{secrets.token_urlsafe(32)}", self._now()
        expires_at = now + LIFETIMES[purpose]
        link = {"purpose": purpose, "subject": subject, "created_at": now, "expires_at": expires_at, "ended_at": None}
        if purpose == "invitation":
            await self.end(purpose, subject)
        await self._links.insert_one({"_id": digest(token).hex(), **link, "removed_at": expires_at + RECOGNISED_FOR})
        return token

    async def find(self, purpose: LinkPurpose, token: str) -> str:
        """Find the subject of a link without using it. Raises LinkExpired."""
        return _read_subject(await self._links.find_one(self._select_valid(purpose, token)))

    async def use(self, purpose: LinkPurpose, token: str) -> str:
        """End a link, and all others of its subject, which it returns.

        Of concurrent calls with one token one succeeds. Raises LinkExpired.
        """
        ended = {"$set": {"ended_at": self._now()}}
        subject = _read_subject(await self._links.find_one_and_update(self._select_valid(purpose, token), ended))
        await self.end(purpose, subject)
        return subject

    async def recognise(self, purpose: LinkPurpose, token: str) -> str | None:
        """Find the subject of a link, be it used or too old; None if it never existed."""
        with suppress(LinkExpired):
            return _read_subject(await self._links.find_one({"_id": _derive_id(token), "purpose": purpose}))
        return None

    async def end(self, purpose: LinkPurpose, subject: str) -> None:
        """End all links of a purpose and subject; idempotent."""
        valid = {"purpose": purpose, "subject": subject, "ended_at": None}
        await self._links.update_many(valid, {"$set": {"ended_at": self._now()}})

    def _select_valid(self, purpose: LinkPurpose, token: str) -> Document:
        return {"_id": _derive_id(token), "purpose": purpose, "ended_at": None, "expires_at": {"$gt": self._now()}}


def _derive_id(token: str) -> str:
    """Of what cannot be a token: the id of none."""
    return digest(token).hex() if _TOKEN.fullmatch(token) else ""


def _read_subject(found: Document | None) -> str:
    if found is None:
        raise LinkExpired
    subject: str = found["subject"]
    return subject
