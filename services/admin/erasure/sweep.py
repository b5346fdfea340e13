"""Places that may hold a person: documents to rewrite, documents to remove."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from shared.clock import utc_timestamp
from shared.database.client import Collection, Document, write_if
from shared.database.versioned import write_versioned
from shared.eventlog.envelope import Envelope
from shared.eventlog.outbox.relay import push

BATCH: Final = 100


class ListMessages(Protocol):
    """Wraps what is to be sent of a document before and its changes."""

    def __call__(self, before: Document, changes: Document, /, *, at: str) -> Sequence[Envelope]: ...


class ErasurePlace(Protocol):
    """Both methods return how many documents hold the person, and raise PyMongoError."""

    @property
    def name(self) -> str: ...

    async def count(self) -> int: ...

    async def erase(self) -> int: ...


def list_no_messages(_before: Document, _changes: Document, /, *, at: str) -> Sequence[Envelope]:  # noqa: ARG001 - as ListMessages
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """Rewrites documents: ``change`` returns the fields that differ without the person, none if nothing does.

    A document is written only if its fields ``compared`` are as they were read; otherwise it is read again.
    """

    name: str
    collection: Collection
    change: Callable[[Document], Document]
    compared: Sequence[str] = ()
    list_messages: ListMessages = list_no_messages
    query: Document = field(default_factory=dict)

    async def count(self) -> int:
        return len(await self._find())

    async def erase(self) -> int:
        """Raises Contended too, if other writes were first each time."""
        found = await self._find()
        for each in found:
            await self._rewrite(each)
        return len(found)

    async def _find(self) -> list[object]:
        found = self.collection.find(self.query, {"outbox": 0}).batch_size(BATCH)
        return [each["_id"] async for each in found if self.change(each)]

    async def _rewrite(self, key: object) -> None:
        async def load() -> Document | None:
            return await self.collection.find_one({"_id": key}, {"outbox": 0})

        async def save(before: Document | None, changes: Document) -> bool | None:
            if before is None or not changes:
                return True
            update: Document = {"$set": changes}
            if envelopes := self.list_messages(before, changes, at=utc_timestamp()):
                update |= push(envelopes)
            expected = {path: _get(before, path) for path in self.compared}
            return await write_if(self.collection, key, expected, update) or None

        await write_versioned(load, lambda before: self.change(before) if before else {}, save)


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """Removes what is the person's alone."""

    name: str
    collection: Collection
    query: Document

    async def count(self) -> int:
        return await self.collection.count_documents(self.query)

    async def erase(self) -> int:
        return (await self.collection.delete_many(self.query)).deleted_count


def _get(document: Document, path: str) -> Any:  # noqa: ANN401 - a field's value
    """None for what is missing, as the database compares it."""
    value: Any = document
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value
