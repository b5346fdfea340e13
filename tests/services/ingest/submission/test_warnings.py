"""What is likely a slip is named in the answer and taken all the same, whichever way it is sent."""

from __future__ import annotations

from typing import Any, Final

import httpx
import pytest

from services.ingest import description
from tests.services.ingest.builders import make_event
from tests.services.ingest.conftest import PASSWORD, Ingest

API: Final = "/ingest/api/v1/submissions"
SLIPS: Final[dict[str, Any]] = make_event(
    dates={"certainty": "exact", "start": "2025-08-14", "end": "2027-08-16"},
    venue={"town": "Kołobrzeg", "county": "3262", "lat": 14.565, "lon": 53.43},
)
CODES: Final = {
    "dates.start": "in_the_past",
    "dates.end": "longer_than_a_year",
    "venue.county": "town_elsewhere",
    "venue.lat": "position_swapped",
}


def codes(answer: httpx.Response) -> dict[str, str]:
    return {each["field"]: each["code"] for each in answer.json()["warnings"]}


async def test_every_way_of_sending_an_event_answers_with_its_warnings(ingest: Ingest) -> None:
    checked = await ingest.lot.post(f"{API}/validate", json=SLIPS)
    directly = await ingest.lot.post(API, json=SLIPS)
    the_long_way = await ingest.lot.post(f"{API}?again=true", json=SLIPS)
    by_name = await ingest.lot.put(f"{API}/by-reference/zagle-2025", json=SLIPS)
    again = await ingest.lot.put(f"{API}/by-reference/zagle-2025", json=SLIPS)
    changed = await ingest.lot.put(
        f"{API}/{directly.json()['id']}", json=SLIPS | {"also": None}, headers={"If-Match": '"1"'}
    )

    answers = (checked, directly, the_long_way, by_name, again, changed)
    assert [each.status_code for each in answers] == [200, 201, 201, 201, 200, 200]
    assert [codes(each) for each in answers] == [CODES] * len(answers)


async def test_warnings_are_no_part_of_what_is_kept(ingest: Ingest) -> None:
    made = (await ingest.lot.post(API, json=SLIPS)).json()

    shown = (await ingest.lot.get(f"{API}/{made['id']}")).json()
    withdrawn = (await ingest.lot.post(f"{API}/{made['id']}/withdraw", headers={"If-Match": '"1"'})).json()

    assert ("warnings" in shown, "warnings" in withdrawn, "warnings" in shown["event"]) == (False, False, False)


@pytest.mark.parametrize("query", ["", "?again=true"], ids=["directly", "the long way"])
async def test_warnings_are_said_in_the_language_that_is_asked_for(ingest: Ingest, query: str) -> None:
    headers = {"Accept-Language": "pl"}

    said = await ingest.lot.post(f"{API}{query}", json=SLIPS, headers=headers)

    assert said.json()["warnings"][0]["message"].startswith("Początek jest w przeszłości: 14 sierpnia 2025.")


async def test_a_repeat_is_asked_what_the_first_was(ingest: Ingest) -> None:
    first = await ingest.lot.post(API, json=SLIPS, headers={"Idempotency-Key": "a"})
    again = await ingest.lot.post(API, json=SLIPS, headers={"Idempotency-Key": "a", "Accept-Language": "pl"})

    assert (again.status_code, again.content) == (201, first.content)


async def test_the_county_that_an_organisation_leaves_out_is_asked_about_too(ingest: Ingest) -> None:
    venue = {"town": "Kołobrzeg"}
    slug = next(slug for slug, each in ingest.state.region.organisations.items() if each.county == "3262")
    account = await ingest.accounts.put_account(
        email="um@example.pl",
        name="Jan",
        organisation=slug,
        organisation_name=slug,
        role="editor",
        password=PASSWORD,
    )
    key = await ingest.accounts.create_key(account.id)

    answer = await ingest.nobody.post(
        f"{API}/validate", json=make_event(venue=venue), headers={"Authorization": f"Bearer {key}"}
    )

    assert codes(answer) == {"venue.county": "town_elsewhere"}


async def test_the_warnings_that_the_api_is_described_with_are_its_own(ingest: Ingest) -> None:
    shown = {**description.IN_ANOTHER_COUNTY, "images": []}  # of a picture that nobody has sent in here

    answer = await ingest.lot.post(f"{API}/validate", json=shown)

    assert answer.json()["warnings"] == description.WARNINGS
