"""Organisations: seeded by the region pack, renamed and closed here. A slug never changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from shared.accounts.audit import Audit
from shared.database.client import Collection, Document, DuplicateKeyError, ReturnDocument, UpdateOne
from shared.i18n.collation import build_collation_key
from shared.region import Region

CACHE_SECONDS: Final = 10.0
MAX_NAME: Final = 200
"""Characters of a name."""
_LANGUAGE: Final = "pl"
"""Of the names, for their order."""
NOTHING_EXPECTED: Final[Mapping[str, str]] = MappingProxyType({})


class OrganisationUnknown(Exception):
    pass


class OrganisationOutdated(Exception):
    """Somebody else has renamed the organisation since it was read."""


class OrganisationTaken(Exception):
    """Another organisation has this slug."""


class OrganisationClosed(Exception):
    """The organisation sends nothing any more; what is public of it stays."""


@dataclass(frozen=True, slots=True)
class OrganisationRecord:
    """``kind`` is a type of the region pack, ``county`` the code of the seat's county."""

    slug: str
    name: str
    kind: str
    county: str | None
    closed_at: datetime | None = None

    @property
    def closed(self) -> bool:
        return self.closed_at is not None


class Organisations:
    """All are held in memory for :data:`CACHE_SECONDS`: a change by another process is seen after that time."""

    def __init__(self, collection: Collection, audit: Audit, now: Callable[[], datetime]) -> None:
        self._collection = collection
        self._audit = audit
        self._now = now
        self._cache: Mapping[str, OrganisationRecord] = {}
        self._cached_until = 0.0

    async def seed(self, records: Iterable[OrganisationRecord]) -> None:
        """Add those that are not there yet; what is there stays as it is."""
        known = await self._load()
        missing = [
            UpdateOne({"_id": each.slug}, {"$setOnInsert": _write(each)}, upsert=True)
            for each in records
            if each.slug not in known
        ]
        if missing:
            await self._collection.bulk_write(missing, ordered=False)
            await self._load()

    async def get_all(self) -> Mapping[str, OrganisationRecord]:
        """All by slug, as they were :data:`CACHE_SECONDS` ago at the latest."""
        return self._cache if time.monotonic() < self._cached_until else await self._load()

    async def get_closed(self) -> frozenset[str]:
        """The slugs of those that are closed, as :meth:`get_all` knows them."""
        return frozenset(slug for slug, each in (await self.get_all()).items() if each.closed)

    def find_cached(self, slug: str) -> OrganisationRecord | None:
        """As :meth:`get_all` found it last; for what follows the reading of an account, which asks for all."""
        return self._cache.get(slug)

    async def find(self, slug: str) -> OrganisationRecord | None:
        found = await self._collection.find_one({"_id": slug})
        return _parse(found) if found else None

    async def list(self) -> list[OrganisationRecord]:
        """By name; closed ones too."""
        return sorted(
            (await self._load()).values(), key=lambda each: (build_collation_key(each.name, _LANGUAGE), each.slug)
        )

    async def add(self, record: OrganisationRecord, *, by: str | None = None) -> None:
        """Raises OrganisationTaken."""
        try:
            await self._collection.insert_one({"_id": record.slug} | _write(record))
        except DuplicateKeyError:
            raise OrganisationTaken(record.slug) from None
        self._cached_until = 0.0
        await self._audit.add("organisation_added", by=by, organisation=record.slug)

    async def rename(
        self, slug: str, name: str, *, was: str | None = None, by: str | None = None
    ) -> OrganisationRecord:
        """Return it as it was before; ``was`` is the name that was shown. Raises OrganisationUnknown or -Outdated."""
        before = await self._change(slug, {"name": name[:MAX_NAME]}, {"name": was} if was is not None else {})
        await self._audit.add("organisation_renamed", by=by, organisation=slug)
        return before

    async def close(self, slug: str, *, by: str | None = None) -> OrganisationRecord:
        """Return it as it was before. Raises OrganisationUnknown."""
        before = await self._change(slug, {"closed_at": self._now()})
        if not before.closed:
            await self._audit.add("organisation_closed", by=by, organisation=slug)
        return before

    async def reopen(self, slug: str, *, by: str | None = None) -> OrganisationRecord:
        """Return it as it was before. Raises OrganisationUnknown."""
        before = await self._change(slug, {"closed_at": None})
        if before.closed:
            await self._audit.add("organisation_reopened", by=by, organisation=slug)
        return before

    async def _change(
        self, slug: str, changed: Document, expected: Mapping[str, str] = NOTHING_EXPECTED
    ) -> OrganisationRecord:
        found = await self._collection.find_one_and_update(
            {"_id": slug, **expected}, {"$set": changed}, return_document=ReturnDocument.BEFORE
        )
        self._cached_until = 0.0
        if found is None and expected and await self.find(slug):
            raise OrganisationOutdated(slug)
        if found is None:
            raise OrganisationUnknown(slug)
        return _parse(found)

    async def _load(self) -> Mapping[str, OrganisationRecord]:
        self._cache = {each["_id"]: _parse(each) async for each in self._collection.find()}
        self._cached_until = time.monotonic() + CACHE_SECONDS
        return self._cache


def list_seeds(region: Region) -> list[OrganisationRecord]:
    """The organisations of a region pack that send in events or curate; those that only receive are left out."""
    return [
        OrganisationRecord(slug=each.slug, name=each.name, kind=each.type, county=each.county)
        for each in region.organisations.values()
        if each.role != "recipient"
    ]


def _write(record: OrganisationRecord) -> Document:
    fields: Document = asdict(record)
    return {name: value for name, value in fields.items() if name != "slug"}


def _parse(document: Mapping[str, Any]) -> OrganisationRecord:
    return OrganisationRecord(
        slug=document["_id"],
        name=document["name"],
        kind=document["kind"],
        county=document["county"],
        closed_at=document["closed_at"],
    )
