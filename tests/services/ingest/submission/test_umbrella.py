"""What an event may be part of: checked against the database at each write."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from msgspec import structs

from services.ingest.submission.content import SubmittedEvent, compute_fingerprint
from services.ingest.submission.field_errors import ValidationFailed
from services.ingest.submission.model import Submission, edit, submit
from services.ingest.submission.repository import SubmissionWrite
from services.ingest.submission.umbrella import Umbrellas
from shared.messages import Organiser
from tests.services.ingest.builders import kept_event, make_event
from tests.services.ingest.conftest import Ingest

API = "/ingest/api/v1/submissions"
NOBODY = "0193a1f0-0000-7000-8000-000000000000"


async def send(by: httpx.AsyncClient, title: str, **fields: Any) -> httpx.Response:  # noqa: ANN401 - an event's fields are of all kinds
    return await by.post(API, json=make_event(title={"pl": title}, **fields))


async def send_one(by: httpx.AsyncClient, title: str, **fields: Any) -> str:  # noqa: ANN401 - an event's fields are of all kinds
    return str((await send(by, title, **fields)).json()["id"])


async def put(by: httpx.AsyncClient, submission_id: str, version: int, title: str, **fields: Any) -> httpx.Response:  # noqa: ANN401 - an event's fields are of all kinds
    headers = {"If-Match": f'"{version}"'}
    return await by.put(f"{API}/{submission_id}", json=make_event(title={"pl": title}, **fields), headers=headers)


def refusal(response: httpx.Response) -> tuple[int, dict[str, str]]:
    return response.status_code, {each["field"]: each["code"] for each in response.json().get("errors", [])}


async def test_a_part_names_its_umbrella_in_its_answer_and_its_message(ingest: Ingest) -> None:
    festival = await send_one(ingest.lot, "Festiwal")

    sent = await send(ingest.lot, "Koncert", part_of=festival)

    assert (sent.status_code, sent.json()["event"]["part_of"]) == (201, festival)
    assert make_message_event(kept_event(part_of=festival))["part_of"] == festival


@pytest.mark.parametrize("part_of", ["", "zagle", NOBODY, NOBODY.upper(), 7, "x" * 5_000])
async def test_what_is_no_event_of_ours_is_refused(part_of: object, ingest: Ingest) -> None:
    status, errors = refusal(await send(ingest.lot, "Koncert", part_of=part_of))

    assert (status, list(errors)) == (422, ["part_of"])


async def test_an_event_of_another_organisation_is_as_unknown_as_one_that_is_not_there(ingest: Ingest) -> None:
    foreign = await send_one(ingest.other, "Festiwal")

    answers = [await send(ingest.lot, "Koncert", part_of=each) for each in (foreign, NOBODY)]

    assert [refusal(each) for each in answers] == [(422, {"part_of": "umbrella_unknown"})] * 2
    assert answers[0].json()["errors"] == answers[1].json()["errors"]


async def test_a_part_has_no_parts_and_an_umbrella_becomes_no_part(ingest: Ingest) -> None:
    festival, other = await send_one(ingest.lot, "Festiwal"), await send_one(ingest.lot, "Lato")
    concert = await send_one(ingest.lot, "Koncert", part_of=festival)

    below = await send(ingest.lot, "Bis", part_of=concert)
    above = await put(ingest.lot, festival, 1, "Festiwal", part_of=other)
    loop = await put(ingest.lot, festival, 1, "Festiwal", part_of=concert)
    itself = await put(ingest.lot, other, 1, "Lato", part_of=other)

    assert [refusal(each) for each in (below, above, loop, itself)] == [
        (422, {"part_of": "umbrella_is_part"}),
        (422, {"part_of": "has_parts"}),
        (422, {"part_of": "umbrella_is_part"}),
        (422, {"part_of": "part_of_itself"}),
    ]
    assert "Koncert" in below.text


async def test_nothing_becomes_part_of_what_is_withdrawn_but_what_is_part_of_it_can_be_corrected(
    ingest: Ingest,
) -> None:
    festival = await send_one(ingest.lot, "Festiwal")
    concert = await send_one(ingest.lot, "Koncert", part_of=festival)
    await ingest.lot.post(f"{API}/{festival}/withdraw", headers={"If-Match": '"1"'})

    new = await send(ingest.lot, "Drugi", part_of=festival)
    corrected = await put(ingest.lot, concert, 1, "Koncert poprawiony", part_of=festival)
    await ingest.lot.post(f"{API}/{concert}/withdraw", headers={"If-Match": '"2"'})
    remark = await ingest.lot.post(f"{API}/{concert}/remarks", json={"text": "Dlaczego?"})
    again = await put(ingest.lot, concert, 4, "Koncert", part_of=festival)

    assert refusal(new) == (422, {"part_of": "umbrella_withdrawn"})
    assert (corrected.status_code, remark.status_code) == (200, 200)
    assert refusal(again) == (422, {"part_of": "umbrella_withdrawn"})


async def test_an_umbrella_whose_parts_are_withdrawn_or_taken_out_may_become_a_part(ingest: Ingest) -> None:
    festival, summer = await send_one(ingest.lot, "Festiwal"), await send_one(ingest.lot, "Lato")
    gone, out = [await send_one(ingest.lot, each, part_of=festival) for each in ("Pierwszy", "Drugi")]
    await ingest.lot.post(f"{API}/{gone}/withdraw", headers={"If-Match": '"1"'})
    await put(ingest.lot, out, 1, "Drugi")
    claimed = {"$set": {"part_claimed_at": "2026-01-01T00:00:00.000Z"}}
    await ingest.database["submissions"].update_one({"_id": festival}, claimed)

    moved = await put(ingest.lot, festival, 1, "Festiwal", part_of=summer)

    assert moved.status_code == 200


async def test_what_was_claimed_a_moment_ago_becomes_no_part(ingest: Ingest) -> None:
    """The part that claimed it may not be saved yet."""
    festival, summer = await send_one(ingest.lot, "Festiwal"), await send_one(ingest.lot, "Lato")
    claimed = {"$set": {"part_claimed_at": ingest.state.now()}}
    await ingest.database["submissions"].update_one({"_id": festival}, claimed)

    moved = await put(ingest.lot, festival, 1, "Festiwal", part_of=summer)

    assert refusal(moved) == (422, {"part_of": "has_parts"})


async def test_a_claim_between_reading_and_writing_stops_the_write(ingest: Ingest) -> None:
    festival, summer = await send_one(ingest.lot, "Festiwal"), await send_one(ingest.lot, "Lato")
    before = await ingest.state.submissions.find(festival, "lot-szczecin")
    assert before is not None
    after, messages = edit(before.submission, structs.replace(before.submission.event, part_of=summer), at="x")

    await ingest.state.umbrellas.admit(None, make_part_of(festival), at=ingest.state.now())

    assert not await ingest.state.submissions.save(before, after, SubmissionWrite(messages, before.history[0]))


def make_part_of(umbrella_id: str) -> Submission:
    event = kept_event(part_of=umbrella_id)
    return submit(event, id="01", organiser=Organiser("lot-szczecin", "LOT"), at="2026-11-30T10:00:00.000Z")[0]


async def test_of_two_that_become_part_of_each_other_at_once_one_is_refused(ingest: Ingest) -> None:
    for number in range(8):
        one, other = [await send_one(ingest.lot, f"{name} {number}") for name in ("Festiwal", "Lato")]

        answers = await asyncio.gather(
            put(ingest.lot, one, 1, f"Festiwal {number}", part_of=other),
            put(ingest.lot, other, 1, f"Lato {number}", part_of=one),
        )

        found = [await ingest.state.umbrellas.find(each, "lot-szczecin") for each in (one, other)]
        assert sum(each is not None and each.event.part_of is not None for each in found) < 2
        assert {each.status_code for each in answers} <= {200, 422, 503}


async def test_a_repeated_request_is_answered_as_the_first_though_the_umbrella_is_withdrawn(ingest: Ingest) -> None:
    festival = await send_one(ingest.lot, "Festiwal")
    body, headers = make_event(title={"pl": "Koncert"}, part_of=festival), {"Idempotency-Key": "k-1"}
    first = await ingest.lot.post(API, json=body, headers=headers)
    await ingest.lot.post(f"{API}/{festival}/withdraw", headers={"If-Match": '"1"'})

    again = await ingest.lot.post(API, json=body, headers=headers)

    assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])


async def test_validation_says_it_before_anything_is_sent(ingest: Ingest) -> None:
    festival = await send_one(ingest.lot, "Festiwal")

    answers = [await ingest.lot.post(f"{API}/validate", json=make_event(part_of=each)) for each in (festival, NOBODY)]

    assert [each.status_code for each in answers] == [200, 422]


async def test_no_event_has_more_parts_than_its_page_can_show(ingest: Ingest) -> None:
    festival = await send_one(ingest.lot, "Festiwal")
    await send_one(ingest.lot, "Pierwszy", part_of=festival)

    with pytest.raises(ValidationFailed) as refused:
        await Umbrellas(ingest.database, most=1).check(festival, "lot-szczecin")

    assert [each.code for each in refused.value.errors] == ["too_many_parts"]


async def test_an_event_without_an_umbrella_has_the_fingerprint_of_before() -> None:
    event = kept_event()

    assert compute_fingerprint("lot", event) == compute_fingerprint("lot", structs.replace(event, part_of=None))
    assert "part_of" not in str(make_message_event(event))


def make_message_event(event: SubmittedEvent) -> dict[str, Any]:
    [message] = submit(event, id="01", organiser=Organiser("lot", "LOT"), at="2026-11-30T10:00:00.000Z")[1]
    return message.event
