"""Repository of activities: a copy of ``activity.v1``, one document an organisation."""

from __future__ import annotations

import msgspec
import structlog

from shared.database.client import Collection, Database, Document, DuplicateKeyError
from shared.messages import OrganisationActivity

log = structlog.get_logger(__name__)


class KnownActivities:
    def __init__(self, database: Database) -> None:
        self.collection: Collection = database["activity"]

    async def apply(self, message: OrganisationActivity) -> bool:
        """Store an activity if it is newer; return whether it was."""
        fields: Document = msgspec.to_builtins(message)
        slug = fields.pop("organisation")
        try:
            result = await self.collection.update_one(
                {"_id": slug, "number": {"$lt": message.number}}, {"$set": fields}, upsert=True
            )
        except DuplicateKeyError:  # it is there with this number or a newer one
            return False
        return result.modified_count == 1 or result.upserted_id is not None

    async def get_all(self) -> dict[str, OrganisationActivity]:
        """By the slug of the organisation; without what only a later release can read."""
        found: dict[str, OrganisationActivity] = {}
        async for each in self.collection.find():
            try:
                found[each["_id"]] = msgspec.convert({**each, "organisation": each["_id"]}, OrganisationActivity)
            except msgspec.ValidationError as error:
                log.error("activity_unreadable", organisation=each["_id"], reason=str(error))  # noqa: TRY400 - no bug of ours to trace
        return found
