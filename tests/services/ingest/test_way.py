"""Ingest as a whole, with its event log: what goes out, and what comes back."""

from __future__ import annotations

import asyncio
from typing import Any

from shared.eventlog.envelope import wrap
from shared.eventlog.mongo.log import EmbeddedLog
from shared.messages import SubmissionReviewed
from tests.services.ingest.builders import make_event
from tests.services.ingest.conftest import Ingest

API = "/ingest/api/v1/submissions"
AT = "2026-11-21T10:00:00.000Z"


async def review(ingest: Ingest, submission_id: str, **changes: Any) -> None:  # noqa: ANN401 - a message's fields are of all kinds
    """Say what calendar would say."""
    fields: dict[str, Any] = {
        "review_number": 2,
        "state": "accepted",
        "version": 1,
        "decided_version": 1,
        "reason": None,
        "comment": None,
        "reviewed_at": AT,
        "live_version": 1,
        "live_status": "confirmed",
    }
    message = SubmissionReviewed(submission_id=submission_id, **fields | changes)
    envelope = wrap(message, id=f"{submission_id}-{message.review_number}", source="/calendar", time=AT)
    log = EmbeddedLog(ingest.log)
    await log.send(envelope.to_outgoing())
    await log.close()
    async with asyncio.timeout(20):
        while (await read(ingest, submission_id))["review"] is None:  # noqa: ASYNC110 - seen from outside
            await asyncio.sleep(0.05)


async def written(ingest: Ingest) -> str:
    """Everything on the event log, once everything has been sent."""
    unsent = {"outbox.id": {"$exists": True}}
    async with asyncio.timeout(20):
        while await ingest.database["submissions"].count_documents(unsent):  # noqa: ASYNC110 - seen from outside
            await asyncio.sleep(0.05)
    names = await ingest.log.list_collection_names()
    return str([document for name in names async for document in ingest.log[name].find()])


async def read(ingest: Ingest, submission_id: str) -> dict[str, Any]:
    answer: dict[str, Any] = (await ingest.lot.get(f"{API}/{submission_id}")).json()
    return answer


async def test_what_is_sent_reaches_the_log_without_the_contact_and_a_decision_comes_back(ingest: Ingest) -> None:
    made = (await ingest.lot.post(API, json=make_event())).json()

    await review(ingest, made["id"], state="rejected", reason="duplicate", live_version=None, live_status=None)

    answer = await read(ingest, made["id"])
    assert answer["state"] == "rejected"
    assert answer["review"] == {
        "number": 2,
        "version": 1,
        "state": "rejected",
        "reason": "duplicate",
        "comment": None,
    }
    said = await written(ingest)
    assert made["id"] in said
    assert "biuro@example.pl" not in said


async def test_what_is_live_is_cancelled_by_its_organisation_at_once(ingest: Ingest) -> None:
    made = (await ingest.lot.post(API, json=make_event())).json()
    await review(ingest, made["id"])

    done = await ingest.lot.post(f"{API}/{made['id']}/cancel", headers={"If-Match": '"1"'})
    again = await ingest.lot.post(f"{API}/{made['id']}/cancel", headers={"If-Match": '"2"'})

    assert (done.status_code, done.json()["state"], done.json()["live_version"]) == (200, "accepted", 1)
    assert again.status_code == 409
