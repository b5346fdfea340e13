"""What ingest tells of an organisation as it gets on: numbers, and nobody's name."""

from __future__ import annotations

import msgspec

from services.ingest.activity.commands import tell_activity
from services.ingest.activity.repository import Activities
from services.ingest.draft.model import Origin
from shared.accounts.model import Account
from shared.eventlog.envelope import parse_document
from shared.messages import OrganisationActivity, YearActivity
from tests.services.ingest.conftest import Ingest
from tests.support.builders import make_submission

ANNA = Account("1", "lot@example.pl", "Anna Żak", "lot-szczecin", "LOT", "editor")
SLUG = "lot-szczecin"


def get_activities(ingest: Ingest) -> Activities:
    return Activities(ingest.database, notify=lambda: None)


async def tell(ingest: Ingest) -> int:
    return await tell_activity(ingest.state, ingest.accounts, get_activities(ingest))


async def get_told(ingest: Ingest) -> OrganisationActivity:
    return (await get_activities(ingest).get_all())[SLUG].message


async def send(ingest: Ingest, **fields: object) -> str:
    sent = await ingest.lot.post("/ingest/api/v1/submissions", json=make_submission(**fields))
    assert sent.status_code == 201, sent.text
    return str(sent.json()["id"])


async def test_numbers_follow_what_an_organisation_does(ingest: Ingest) -> None:
    event_year = int(make_submission()["dates"]["start"][:4])
    await ingest.state.drafts.create(SLUG, {"start_date": [f"14.8.{event_year}"]}, origin=None, by=ANNA)
    await ingest.state.drafts.create(SLUG, {"title.pl": ["Żagle"]}, origin=None, by=ANNA)
    await send(ingest)
    withdrawn = await send(ingest, external_id="second", title={"pl": "Inne"})
    await ingest.lot.post(f"/ingest/api/v1/submissions/{withdrawn}/withdraw", headers={"If-Match": "*"})

    await tell(ingest)

    told = await get_told(ingest)
    assert (told.people_invited, told.undated_drafts) == (1, 1)
    assert [each for each in told.years if each.year == event_year] == [YearActivity(event_year, drafts=1, sent=1)]


async def test_same_numbers_are_told_once(ingest: Ingest) -> None:
    await tell(ingest)
    first = await get_told(ingest)

    news = await tell(ingest)
    again = await get_told(ingest)
    await ingest.state.drafts.create(SLUG, {"title.pl": ["Żagle"]}, origin=Origin("rollover", "1", 2027), by=ANNA)
    await tell(ingest)
    later = await get_told(ingest)

    assert (news, again, later.number) == (0, first, first.number + 1)


async def test_older_activity_on_the_log_is_repaired(ingest: Ingest) -> None:
    await tell(ingest)
    number = (await get_told(ingest)).number
    collection = get_activities(ingest).collection
    await collection.update_one({"_id": SLUG}, {"$set": {"outbox": [], "number": number + 1}})
    await collection.update_one({"_id": SLUG}, {"$set": {"activity.number": number + 1}})

    repaired = await get_activities(ingest).repair(SLUG, number, at=ingest.state.now())
    newest = await get_activities(ingest).repair(SLUG, number + 1, at=ingest.state.now())

    assert (repaired, newest) == (True, False)


async def test_message_names_nobody(ingest: Ingest) -> None:
    await ingest.state.drafts.create(SLUG, {"contact.email": ["biuro@example.pl"]}, origin=None, by=ANNA)
    sent: list[bytes] = []

    await get_activities(ingest).collection.delete_many({})
    await tell(ingest)
    async for each in get_activities(ingest).collection.find():
        sent += [parse_document(envelope).data for envelope in each["outbox"]] or [
            msgspec.json.encode(each["activity"])
        ]

    assert sent
    assert not any(word in b" ".join(sent) for word in (b"example.pl", "Żak".encode(), b"Anna"))
