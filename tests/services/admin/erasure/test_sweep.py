"""A place is swept while others write to it."""

from __future__ import annotations

from typing import Any

from pymongo import MongoClient

from services.admin.erasure.sweep import Rewrite
from shared.database.client import Document
from tests.support.databases import open_patiently


class Meanwhile:
    """A change of a document, before the first of which somebody else writes."""

    def __init__(self, client: MongoClient[dict[str, Any]], database: str) -> None:
        self.things = client[database]["things"]
        self.looked = 0

    def __call__(self, document: Document) -> Document:
        self.looked += 1
        if self.looked == 2:  # the first look finds the document, the second is about to change it
            self.things.update_one({"_id": 1}, {"$set": {"text": "said by Anna", "version": 2}})
        without = {name: value.replace("Anna", "…") for name, value in document.items() if isinstance(value, str)}
        return {name: value for name, value in without.items() if value != document[name]}


async def test_document_that_changes_meanwhile_is_read_again_and_keeps_what_was_written(
    mongo_url: str, mongo_client: MongoClient[dict[str, Any]], database_name: str
) -> None:
    mongo_client[database_name]["things"].insert_many(
        [{"_id": 1, "version": 1, "text": "Anna", "by": "Anna"}, {"_id": 2, "version": 1, "text": "Jan"}]
    )
    change = Meanwhile(mongo_client, database_name)
    async with open_patiently(mongo_url, database_name) as database:
        place = Rewrite(name="things", collection=database["things"], change=change, compared=("version",))

        assert await place.erase() == 1
        assert await place.count() == 0

    assert list(mongo_client[database_name]["things"].find()) == [
        {"_id": 1, "version": 2, "text": "said by …", "by": "…"},
        {"_id": 2, "version": 1, "text": "Jan"},
    ]
