"""Drafts on a real MongoDB: of an organisation, one of each origin, never another's."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

import pytest

from services.ingest.draft.model import Origin, Typist, merge
from services.ingest.draft.repository import MAX_DRAFTS, Drafts, DraftsFull
from shared.accounts.accounts import Account
from tests.services.ingest.conftest import Ingest

ANNA: Final = Account("a1", "anna@example.pl", "Anna Żak", "lot-szczecin", "LOT", "editor")
OURS: Final = "lot-szczecin"
ROLLED: Final = Origin("rollover", "s1", year=2028)
FIELDS: Final = {"title.pl": ["Żagle"], "also": ["family", "maritime"], "start_date": ["kiedyś"]}


async def test_a_draft_is_found_as_it_was_typed(ingest: Ingest) -> None:
    drafts = ingest.state.drafts

    made = await drafts.create(OURS, FIELDS, origin=Origin("edit", "s1", version=3), by=ANNA)

    assert await drafts.find(made.id, OURS) == made
    assert made.fields == {"title.pl": ("Żagle",), "also": ("family", "maritime"), "start_date": ("kiedyś",)}
    assert (made.changed_by.name, made.version, await drafts.count(OURS)) == ("Anna Żak", 1, 1)


async def test_other_texts_are_stored_too(ingest: Ingest) -> None:
    drafts = ingest.state.drafts
    made = await drafts.create(OURS, FIELDS, origin=None, by=ANNA)
    after = merge(made, {"title.pl": ["Rejs"]}, {}, by=Typist("a2", "Jan Lis", "p1"), at="2026-11-29T13:04:00.000Z")

    assert await drafts.save(made, after)
    assert await drafts.find(made.id, OURS) == after
    assert [each.values for each in after.contested["title.pl"].others] == [("Żagle",)]


async def test_a_draft_of_an_earlier_release_is_read_without_what_no_form_shows(ingest: Ingest) -> None:
    drafts = ingest.state.drafts
    made = await drafts.create(OURS, FIELDS, origin=None, by=ANNA)
    [stored] = await drafts.collection.find().to_list()
    field = stored["fields"][0]
    extra = [field | {"name": "website", "values": []}, *({**field, "name": f"f{number}"} for number in range(9))]
    await drafts.collection.update_one({}, {"$push": {"fields": {"$each": extra}}, "$unset": {"sent_version": ""}})

    assert await drafts.find(made.id, OURS) == made


async def test_another_organisation_finds_nothing_even_with_the_same_id(ingest: Ingest) -> None:
    drafts = ingest.state.drafts
    made = await drafts.create(OURS, FIELDS, origin=None, by=ANNA)
    theirs = replace(made, organisation="lot-inny", typed={})

    assert await drafts.find(made.id, "lot-inny") is None
    assert await drafts.add(theirs)
    assert await drafts.find(made.id, OURS) == made
    assert (await drafts.count("lot-inny"), await drafts.list("lot-inny")) == (1, [theirs])


async def test_a_second_draft_of_the_same_origin_is_the_first(ingest: Ingest) -> None:
    drafts = ingest.state.drafts

    made = await asyncio.gather(*(drafts.create(OURS, FIELDS, origin=ROLLED, by=ANNA) for _ in range(5)))

    assert len({each.id for each in made}) == 1
    assert await drafts.count(OURS) == 1
    assert list(await drafts.list_rolled_over(OURS, 2028)) == ["s1"]
    assert await drafts.list_rolled_over(OURS, 2029) == {}


@pytest.mark.parametrize(
    ("origin", "ending", "again"),
    [
        (ROLLED, "sent", False),
        (ROLLED, "discarded", True),
        (Origin("copy", "s1"), "sent", True),
        (Origin("edit", "s1"), "sent", True),
    ],
)
async def test_an_origin_is_free_again_when_its_draft_ended_unless_it_was_rolled_over_and_sent(
    ingest: Ingest, origin: Origin, ending: str, *, again: bool
) -> None:
    drafts = ingest.state.drafts
    made = await drafts.create(OURS, FIELDS, origin=origin, by=ANNA)

    assert await drafts.end(made, ending, sent_as="s9")  # type: ignore[arg-type]  # one of the two endings
    second = await drafts.create(OURS, FIELDS, origin=origin, by=ANNA)

    assert (second.id != made.id) == again
    assert await drafts.count(OURS) == int(again)
    assert (await drafts.find(made.id, OURS) or made).fields == {}


async def test_a_save_on_an_older_version_writes_nothing(ingest: Ingest) -> None:
    drafts = ingest.state.drafts
    made = await drafts.create(OURS, FIELDS, origin=None, by=ANNA)
    newer = merge(made, {"title.pl": ["Rejs"]}, {}, by=Typist("a1", "Anna Żak", "p1"), at="2026-11-29T13:04:00.000Z")

    assert await drafts.save(made, newer)
    assert not await drafts.end(made, "discarded")
    assert await drafts.find(made.id, OURS) == newer


async def test_the_draft_changed_last_is_first(ingest: Ingest) -> None:
    ticks = iter(f"2026-11-29T13:0{minute}:00.000Z" for minute in range(9))
    drafts = Drafts(ingest.database, now=lambda: next(ticks))
    old, new = [await drafts.create(OURS, {"title.pl": [title]}, origin=None, by=ANNA) for title in ("Old", "New")]

    assert await drafts.list(OURS) == [new, old]


async def test_an_organisation_has_a_bounded_number_of_drafts(ingest: Ingest) -> None:
    drafts = ingest.state.drafts
    made = await drafts.create(OURS, FIELDS, origin=None, by=ANNA)
    one = await drafts.collection.find_one({"organisation": OURS})
    assert one is not None
    await drafts.collection.insert_many([one | {"_id": f"{OURS} {number}"} for number in range(MAX_DRAFTS - 1)])

    with pytest.raises(DraftsFull):
        await drafts.create(OURS, FIELDS, origin=None, by=ANNA)
    assert await drafts.end(made, "discarded")
    await drafts.create(OURS, FIELDS, origin=None, by=ANNA)


async def test_a_list_holds_of_long_drafts_only_what_its_rows_show(ingest: Ingest) -> None:
    drafts = ingest.state.drafts
    long = "ą" * 15_000
    typed = {"title.pl": [long], "description.pl": [long], "month": ["2027-05"]}
    made = await drafts.create(OURS, typed, origin=None, by=ANNA)
    other = typed | {"title.pl": [f"{long}b"]}
    after = merge(made, other, {}, by=Typist("a2", "Jan Lis", "p1"), at="2026-11-29T13:04:00.000Z")
    assert await drafts.save(made, after)
    rolled = await drafts.create(OURS, {"title.pl": [long]}, origin=ROLLED, by=ANNA)

    listed = {each.id: each for each in await drafts.list(OURS)}

    assert listed[made.id].fields == {"title.pl": (long[:300],), "month": ("2027-05",)}
    assert (list(after.contested), listed[made.id].contested) == (["title.pl"], {})
    assert listed[rolled.id].origin == ROLLED
    assert (await drafts.list_rolled_over(OURS, 2028))["s1"].typed == {}
