"""Umbrella events and their parts: what an event may be part of, and which parts an event has.

No transaction spans two submissions. So an umbrella is claimed just before a part of it is saved: what is a part cannot
be claimed, and what was claimed a moment ago does not become a part.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from services.ingest.submission.content import invalid_field
from services.ingest.submission.documents import StoredSubmission, parse_submission
from services.ingest.submission.field_errors import ValidationFailed
from services.ingest.submission.field_types import UMBRELLA_UNKNOWN
from services.ingest.submission.model import Submission
from services.ingest.submission.repository import BATCH, IN_LISTS
from services.ingest.submission.state_query import STATE_EXPRESSION
from shared.database.client import ASCENDING, Collection, Database, Document
from shared.event.model import Dates, parse_part
from shared.i18n.text import gettext_noop

CLAIM_HOLDS: Final = timedelta(minutes=1)
"""Longer than a write waits for the database."""
MAX_PARTS: Final = 500
MAX_CHOICES: Final = 500

_OF_ITSELF: Final = gettext_noop("An event cannot be part of itself. Choose another one.")
_HAS_PARTS: Final = gettext_noop(
    "This event has parts itself, so it cannot be part of another one. Take its parts out of it first."
)
_IS_PART: Final = gettext_noop(
    "“%(title)s” is part of another event itself. Choose that other one, or an event that is no part."
)
_WITHDRAWN: Final = gettext_noop("“%(title)s” is withdrawn. Send it again first, or choose another event.")
_FULL: Final = gettext_noop("“%(title)s” has %(most)s parts already, and no event can have more.")


@dataclass(frozen=True, slots=True)
class UmbrellaChoice:
    """An event of which others may be parts."""

    id: str
    title: str
    dates: Dates


class Umbrellas:
    """``most`` is how many parts an event may have."""

    def __init__(self, database: Database, *, most: int = MAX_PARTS) -> None:
        self.collection: Collection = database["submissions"]
        self._most = most

    async def admit(self, before: StoredSubmission | None, after: Submission, *, at: str) -> None:
        """Claim the umbrella of what is about to be saved, if it has one and had not.

        Raises ValidationFailed if it cannot be part of that.
        """
        umbrella_id = after.event.part_of
        if umbrella_id is None or (before and _is_part_already(before.submission, after)):
            return
        await self.check(umbrella_id, after.organiser.slug, part_id=after.id)
        if before and (_is_claimed(before, at) or await self.count_parts(after.id, after.organiser.slug)):
            raise invalid_field("part_of", "has_parts", _HAS_PARTS)
        unclaimed = {"_id": umbrella_id, "organisation": after.organiser.slug, "event.part_of": None}
        claimed = await self.collection.update_one(unclaimed, {"$set": {"part_claimed_at": at}})
        if claimed.matched_count == 0:
            await self.check(umbrella_id, after.organiser.slug, part_id=after.id)
            raise _refuse_unknown()

    async def check(self, umbrella_id: str, organisation: str, *, part_id: str | None = None) -> None:
        """Raises ValidationFailed if nothing can be part of this event now."""
        if umbrella_id == part_id:
            raise invalid_field("part_of", "part_of_itself", _OF_ITSELF)
        found = await self.find(umbrella_id, organisation)
        if found is None:
            raise _refuse_unknown()
        title = found.event.title["pl"]
        if found.event.part_of is not None:
            raise invalid_field("part_of", "umbrella_is_part", _IS_PART, title=title)
        if found.state == "withdrawn":
            raise invalid_field("part_of", "umbrella_withdrawn", _WITHDRAWN, title=title)
        if await self.count_parts(umbrella_id, organisation) >= self._most:
            raise invalid_field("part_of", "too_many_parts", _FULL, title=title, most=self._most)

    async def find(self, umbrella_id: str, organisation: str) -> Submission | None:
        found = await self.collection.find_one({"_id": umbrella_id, "organisation": organisation}, IN_LISTS)
        return parse_submission(found).submission if found else None

    async def count_parts(self, umbrella_id: str, organisation: str) -> int:
        """Count what is not withdrawn, up to the limit."""
        query = _match_parts(umbrella_id, organisation) | _NOT_WITHDRAWN
        return await self.collection.count_documents(query, limit=self._most)

    async def list_parts(self, umbrella_id: str, organisation: str) -> list[Submission]:
        """List the parts in order, withdrawn ones too."""
        found = self.collection.find(_match_parts(umbrella_id, organisation), IN_LISTS).sort("order", ASCENDING)
        async with found.limit(self._most).batch_size(BATCH) as found:
            return [parse_submission(each).submission async for each in found]

    async def list_choices(self, organisation: str, *, since: date) -> list[UmbrellaChoice]:
        """List what may have parts and is not over, in order."""
        upcoming = [{"event.dates.end": {"$gte": f"{since}"}}, {"span.last": {"$gte": f"{since}"}}]
        query: Document = {"organisation": organisation, "event.part_of": None, "$or": upcoming} | _NOT_WITHDRAWN
        found = self.collection.find(query, _IN_CHOICES).sort("order", ASCENDING)
        async with found.limit(MAX_CHOICES) as found:
            return [_read_choice(each) async for each in found]

    async def find_choice(self, umbrella_id: str, organisation: str) -> UmbrellaChoice | None:
        found = await self.collection.find_one({"_id": umbrella_id, "organisation": organisation}, _IN_CHOICES)
        return _read_choice(found) if found else None


_IN_CHOICES: Final[Document] = {"event.title.pl": 1, "event.dates": 1}
_NOT_WITHDRAWN: Final[Document] = {"$expr": {"$ne": [STATE_EXPRESSION, "withdrawn"]}}


def _match_parts(umbrella_id: str, organisation: str) -> Document:
    return {"event.part_of": umbrella_id, "organisation": organisation}


def _read_choice(document: Document) -> UmbrellaChoice:
    event = document["event"]
    return UmbrellaChoice(document["_id"], event["title"]["pl"], parse_part(event["dates"], Dates))


def _is_part_already(before: Submission, after: Submission) -> bool:
    """What was withdrawn and is sent again was no part meanwhile: its umbrella may have become one."""
    reopened = before.state == "withdrawn" and before.content_version != after.content_version
    return before.event.part_of == after.event.part_of and not reopened


def _is_claimed(stored: StoredSubmission, at: str) -> bool:
    since = stored.part_claimed_at
    return since is not None and datetime.fromisoformat(at) - datetime.fromisoformat(since) < CLAIM_HOLDS


def _refuse_unknown() -> ValidationFailed:
    return invalid_field("part_of", *UMBRELLA_UNKNOWN)
