"""A call goes from a chief to the organisations, and what is late comes back to the curators marked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.calendar.call.model import CallSetting, CallTerms, add_code, announce
from services.calendar.call.repository import YearCalls
from shared.accounts.accounts import Account
from shared.clock import utc_now, write_instant
from shared.event.days import get_local_day
from shared.region import load_region
from shared.settings import CommonSettings
from tests.support.accounts import open_quick_accounts
from tests.support.builders import make_submission
from tests.support.clients import PASSWORD, Curator, Editor, eventually, make_keys, people
from tests.support.databases import open_patiently
from tests.support.running import REGION, together

CALLS = "/calendar/api/v1/calls"
EVENT = make_submission()
YEAR_OF_EVENT = int(EVENT["dates"]["start"][:4])
OTHER_DATES = {"certainty": "exact", "start": "2027-08-15", "end": "2027-08-16"}
CODE = "7K2M-9QXT-4HPD-WZ6R"
ZONE = load_region(REGION).time_zone


@dataclass(frozen=True)
class Campaign:
    """The running system, and who takes part in a call."""

    settings: CommonSettings
    chief: httpx.AsyncClient
    editor: Editor
    curator: Curator

    async def send(self, **headers: str) -> str:
        """Send a new event; give its state, or the code of the refusal."""
        event = EVENT | {"external_id": str(uuid4())}
        answer = await self.editor.http.post(Editor.SUBMISSIONS, json=event, headers=headers, params={"again": "true"})
        return read_answer(answer)

    async def put(self, submission_id: str, **changes: Any) -> str:  # noqa: ANN401 - an event's fields are of all kinds
        """Change a submission; give its state, or the code of the refusal."""
        answer = await self.editor.http.put(
            f"{Editor.SUBMISSIONS}/{submission_id}", json=EVENT | changes, headers={"If-Match": "*"}
        )
        return read_answer(answer)

    async def is_late(self, entry_id: str, version: int) -> bool | None:
        """Whether a version came late, as a curator sees it; None before it has arrived."""
        proposal = (await self.curator.http.get(f"{Curator.REVIEWS}/{entry_id}")).json()["proposal"]
        return bool(proposal["late"]) if proposal["version"] == version else None


def read_answer(answer: httpx.Response) -> str:
    found = answer.json()
    return str(found["state"]) if answer.is_success else str(found["type"]).rpartition("/")[2]


@pytest.fixture
async def campaign(mongo_url: str, database_name: str) -> AsyncIterator[Campaign]:
    async with together(mongo_url, database_name) as settings:
        keys, address = await make_keys(settings), settings.public_url
        async with (
            people(keys, ingest=address, calendar=address, public=address) as (editor, curator, _reader),
            httpx.AsyncClient(
                base_url=address, headers={"Authorization": f"Bearer {await make_chief(settings)}"}, timeout=30
            ) as chief,
        ):
            yield Campaign(settings, chief, editor, curator)


async def make_chief(settings: CommonSettings) -> str:
    """Make an account and give its key."""
    async with open_quick_accounts(settings) as accounts:
        account: Account = await accounts.put_account(
            email="chief@kalendarium.example",
            name="Ewa Lis",
            organisation="zrot",
            organisation_name="ZROT",
            role="chief",
            password=PASSWORD,
        )
        return await accounts.create_key(account.id)


def make_terms(opens: int, deadline: int, freeze: int) -> CallTerms:
    """Days from today."""
    today = get_local_day(write_instant(utc_now()), ZONE)
    opens_on, deadline_on, freeze_on = (today + timedelta(days=each) for each in (opens, deadline, freeze))
    return CallTerms(
        opens_on=opens_on,
        deadline_on=deadline_on,
        freeze_on=freeze_on,
        answer_days=14,
        criteria={"pl": "Dla gości z daleka."},
        locked_fields=("dates",),
    )


def write_terms(terms: CallTerms) -> dict[str, Any]:
    return {
        "opens_on": terms.opens_on.isoformat(),
        "deadline_on": terms.deadline_on.isoformat(),
        "freeze_on": terms.freeze_on.isoformat(),
        "criteria": terms.criteria,
        "locked_fields": list(terms.locked_fields),
    }


async def test_call_that_is_announced_holds_back_events_until_it_opens(campaign: Campaign) -> None:
    address = f"{CALLS}/{YEAR_OF_EVENT}"
    assert await campaign.send() == "waiting"

    # A chief announces the year: ingest learns of it, and a new event must wait for the opening.
    made = await campaign.chief.put(address, json=write_terms(make_terms(1, 2, 3)))
    assert made.status_code == 201
    assert await eventually(campaign.send, "call_not_open") == "call_not_open"

    # The chief opens it today.
    now = write_terms(make_terms(0, 2, 3))
    changed = await campaign.chief.put(address, json=now, headers={"If-Match": made.headers["etag"]})
    assert changed.status_code == 200
    assert await eventually(campaign.send, "waiting") == "waiting"


async def test_after_the_deadline_corrections_come_to_the_curators_as_late(campaign: Campaign) -> None:
    # An event is sent in while there is no call.
    sent = await campaign.editor.send(EVENT)
    assert await eventually(campaign.curator.waiting, {sent.id: 1}) == {sent.id: 1}
    assert await campaign.is_late(sent.id, version=1) is False

    # The deadline of the call was yesterday, as it was announced a month ago.
    setting = CallSetting(ZONE, ("pl",), write_instant(utc_now() - timedelta(days=31)))
    call = add_code(announce(YEAR_OF_EVENT, make_terms(-30, -1, 30), setting), CODE, "LOT", id="1", now=setting.now)
    async with open_patiently(campaign.settings.mongo_url, campaign.settings.database("calendar")) as database:
        assert await YearCalls(database, notify=lambda: None).save(None, call)

    # A new event is refused, a locked field too; a late code lets in.
    assert await eventually(campaign.send, "call_closed") == "call_closed"
    assert await campaign.put(sent.id, dates=OTHER_DATES) == "field_locked"
    assert await campaign.send(**{"Late-Code": "GUESS"}) == "late_code_wrong"
    assert await campaign.send(**{"Late-Code": CODE}) == "waiting"

    # A correction of another field goes in, and curators see that it is late.
    assert await campaign.put(sent.id, summary={"pl": "Poprawione."}) == "waiting"
    assert await eventually(lambda: campaign.is_late(sent.id, version=2), expected=True) is True

    # Withdrawing asks no call.
    gone = await campaign.editor.withdraw(await campaign.editor.find(sent.id))
    assert gone.state == "withdrawn"
