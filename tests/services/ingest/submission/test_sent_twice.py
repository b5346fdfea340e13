"""What an organisation has sent within a day is not taken twice, unless it says that it is meant."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.submission.content import compute_fingerprint, parse_event
from services.ingest.submission.documents import subtract_day
from shared.clock import utc_timestamp
from tests.services.ingest.builders import make_event
from tests.services.ingest.conftest import Ingest
from tests.services.ingest.strategies import events

API = "/ingest/api/v1/submissions"


async def post(ingest: Ingest, *, key: str = "", again: str = "", **changes: Any) -> httpx.Response:  # noqa: ANN401 - an event's fields are of all kinds
    headers, params = {"Idempotency-Key": key} if key else {}, {"again": again} if again else {}
    return await ingest.lot.post(API, json=make_event(**changes), headers=headers, params=params)


@pytest.mark.parametrize("keys", [("", ""), ("rano", "wieczorem"), ("rano", "")])
async def test_the_same_content_within_a_day_is_met_with_what_was_sent(ingest: Ingest, keys: tuple[str, str]) -> None:
    first = await post(ingest, key=keys[0])

    second = await post(ingest, key=keys[1])

    made = first.json()["id"]
    assert (second.status_code, second.json()["type"]) == (409, "/problems/already_sent")
    assert second.headers["link"] == f'<{API}/{made}>; rel="related"'
    assert made in second.json()["detail"]
    assert "again=true" in second.json()["detail"]
    assert await ingest.database["submissions"].count_documents({}) == 1


async def test_the_same_content_can_be_insisted_on_each_time(ingest: Ingest) -> None:
    answers = [await post(ingest, again=again) for again in ("false", "true", "true", "")]

    assert [each.status_code for each in answers] == [201, 201, 201, 409]
    assert len({each.json().get("id") for each in answers[:3]}) == 3


async def test_insisting_in_other_words_is_a_bad_request(ingest: Ingest) -> None:
    assert (await post(ingest, again="yes")).status_code == 400


async def test_a_repeat_with_the_same_key_is_answered_as_the_first_time(ingest: Ingest) -> None:
    first, repeat = await post(ingest, key="rano"), await post(ingest, key="rano")

    assert (repeat.status_code, repeat.content) == (201, first.content)


async def test_of_many_at_the_same_moment_one_is_taken(ingest: Ingest) -> None:
    answers = await asyncio.gather(*(post(ingest, key=f"nr-{number}") for number in range(12)))

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 11
    assert await ingest.database["submissions"].count_documents({}) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"title": {"pl": "Żagle 2027"}},
        {"also": None},
        {"dates": {"certainty": "provisional", "start": "2027-08-14", "end": "2027-08-16"}},
    ],
)
async def test_what_differs_in_anything_is_another_event(ingest: Ingest, changes: dict[str, Any]) -> None:
    assert [(await post(ingest, **each)).status_code for each in ({}, changes)] == [201, 201]


async def test_another_contact_makes_no_other_event(ingest: Ingest) -> None:
    answers = [await post(ingest), await post(ingest, contact=None)]

    assert [each.status_code for each in answers] == [201, 409]


async def test_the_same_of_another_organisation_is_taken(ingest: Ingest) -> None:
    ours, theirs = await post(ingest), await ingest.other.post(API, json=make_event())

    assert (ours.status_code, theirs.status_code) == (201, 201)


async def test_what_has_a_name_of_its_own_is_known_by_that(ingest: Ingest) -> None:
    answers = [await post(ingest, external_id=name) for name in ("sala-a", "sala-b", "sala-a")]
    named = await ingest.lot.put(f"{API}/by-reference/sala-c", json=make_event())

    assert [each.status_code for each in answers] == [201, 201, 409]
    assert answers[2].json()["type"] == "/problems/external_id_taken"
    assert named.status_code == 201


@pytest.mark.parametrize(("days", "status"), [(1, 201), (0, 409)])
async def test_after_a_day_the_same_may_be_sent_again(ingest: Ingest, days: int, status: int) -> None:
    await post(ingest)
    sent_at = utc_timestamp()
    for _ in range(days):
        sent_at = subtract_day(sent_at)
    await ingest.database["submissions"].update_many({}, {"$set": {"created_at": sent_at}})

    answers = await asyncio.gather(*(post(ingest) for _ in range(5)))

    assert sorted(each.status_code for each in answers) == sorted([status] + [409] * 4)


async def test_the_first_content_of_what_was_changed_since_may_be_sent(ingest: Ingest) -> None:
    first = (await post(ingest)).json()
    await ingest.lot.put(f"{API}/{first['id']}", json=make_event(also=None), headers={"If-Match": "*"})

    assert (await post(ingest)).status_code == 201


async def test_what_was_sent_before_this_release_hinders_nothing(ingest: Ingest) -> None:
    await post(ingest)
    await ingest.database["submissions"].update_many({}, {"$unset": {"fingerprint": ""}})

    assert (await post(ingest)).status_code == 201


@settings(max_examples=60)
@given(event=events(), data=st.data())
def test_a_fingerprint_is_of_the_content_in_any_order(event: dict[str, Any], data: st.DataObject) -> None:
    event.pop("external_id", None)
    names = data.draw(st.permutations(sorted(event)))
    others: tuple[dict[str, Any], ...] = ({"title": {"pl": "inaczej"}}, {"category": "inaczej"}, {"website": "inaczej"})
    changed = data.draw(st.sampled_from(others))

    def known_by(content: dict[str, Any], *, organisation: str = "lot") -> bytes | None:
        return compute_fingerprint(organisation, parse_event(content))

    assert known_by(event) == known_by({name: event[name] for name in names})
    assert known_by(event) == known_by(event | {"contact": {"name": "Jan Żuk"}})
    assert known_by(event) != known_by(event | changed)
    assert known_by(event) != known_by(event, organisation="inny")
    assert known_by(event | {"external_id": "nasz-numer"}) is None
