"""The register by API: find, read, add; and the id in what is sent."""

from __future__ import annotations

from typing import Any, Final

import pytest

from services.ingest.venue.commands import change_venue, merge_venues
from services.ingest.venue.model import MAX_OF_ORGANISATION, WORDS
from services.ingest.venue.place_words import VenueWords
from tests.services.ingest.builders import make_event
from tests.services.ingest.conftest import Ingest
from tests.services.ingest.venue.places import API, add, make_place

SUBMISSIONS: Final = "/ingest/api/v1/submissions"
KEY: Final = {"Idempotency-Key": "0b0c5f38-1f0c-4a55-9f0a-0a4a0f6f5f11"}


def at(venue_id: str) -> dict[str, Any]:
    return make_event(venue={"id": venue_id, "name": "Zamek", "town": "Szczecin", "county": "3262"})


async def test_a_place_is_found_by_others_and_read_by_its_id(ingest: Ingest) -> None:
    castle = await add(ingest)

    found = (await ingest.other.get(API, params={"q": "zamek ksiazat"})).json()
    read = await ingest.other.get(f"{API}/{castle['id']}")

    assert found == {"items": [castle]}
    assert read.json() == castle
    assert castle["municipality"] == "3262011"


async def test_a_near_twin_is_named_and_may_be_added_all_the_same(ingest: Ingest) -> None:
    castle = await add(ingest)

    refused = await ingest.other.post(API, json=make_place("Zamek"))
    same = await ingest.other.post(API, json=make_place())
    added = await ingest.other.post(API, json=make_place("Zamek"), params={"again": "true"})

    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (409, "near_twins")
    assert castle["id"] in refused.json()["detail"]
    assert (same.status_code, same.json()["id"]) == (201, castle["id"])
    assert (added.status_code, added.json()["id"] == castle["id"]) == (201, False)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "N" * 201}, "name"),
        ({"town": " "}, "town"),
        ({"county": "9999"}, "county"),
        ({"lat": 90.5}, "lat"),
        ({"lon": "14"}, "lon"),
        ({"hall": "B"}, "hall"),
    ],
    ids=["no name", "long name", "no town", "no county", "beyond the pole", "no number", "unknown"],
)
async def test_a_place_that_breaks_a_rule_is_refused(change: dict[str, Any], field: str, ingest: Ingest) -> None:
    answer = await ingest.lot.post(API, json=make_place(**change))

    assert (answer.status_code, [each["field"] for each in answer.json()["errors"]]) == (422, [field])
    assert len(ingest.state.venues.index) == 0


@pytest.mark.parametrize("venue_id", ["nothing", "01890a5d-ac96-774b-bcce-b302099a8057", "x" * 40])
async def test_an_unknown_place_is_refused(venue_id: str, ingest: Ingest) -> None:
    sent = await ingest.lot.post(SUBMISSIONS, json=at(venue_id))
    checked = await ingest.lot.post(f"{SUBMISSIONS}/validate", json=at(venue_id))

    for answer in (sent, checked):
        error = answer.json()["errors"][0]
        assert (answer.status_code, error["field"], error["code"]) == (422, "venue.id", "unknown_venue")


async def test_a_merged_place_becomes_the_one_that_stays_and_a_repeat_is_one(ingest: Ingest) -> None:
    first, second = await add(ingest, "Zamek"), await add(ingest)
    sent = await ingest.lot.post(SUBMISSIONS, json=at(first["id"]), headers=KEY)
    await merge_venues(ingest.state, first["id"], second["id"], number=1)

    repeated = await ingest.lot.post(SUBMISSIONS, json=at(first["id"]), headers=KEY)
    later = await ingest.lot.post(f"{SUBMISSIONS}?again=true", json=at(first["id"]))
    read = await ingest.lot.get(f"{API}/{first['id']}")

    assert sent.json()["event"]["venue"]["id"] == first["id"]
    assert (repeated.status_code, repeated.json()["id"]) == (201, sent.json()["id"])
    assert later.json()["event"]["venue"] == {**sent.json()["event"]["venue"], "id": second["id"]}
    assert read.json()["id"] == second["id"]


async def test_an_organisation_adds_so_many_places(ingest: Ingest) -> None:
    fillers = [{"_id": f"{number}", "organisation": "lot-szczecin"} for number in range(MAX_OF_ORGANISATION)]
    await ingest.database["venues"].insert_many(fillers)

    refused = await ingest.lot.post(API, json=make_place())
    others = await ingest.other.post(API, json=make_place())

    assert (refused.status_code, refused.json()["type"].rpartition("/")[2], others.status_code) == (
        409,
        "register_full",
        201,
    )


async def warn(ingest: Ingest, **venue: Any) -> list[tuple[str, str, str]]:  # noqa: ANN401 - fields of all kinds
    words = {"name": "zamek ksiazat pomorskich", "town": "Szczecin", "county": "3262"} | venue
    answers = [
        await ingest.lot.post(f"{SUBMISSIONS}/validate", json=make_event(venue=words)),
        await ingest.lot.post(f"{SUBMISSIONS}?again=true", json=make_event(venue=words)),
    ]
    checked, sent = ([tuple(each.values()) for each in answer.json()["warnings"]] for answer in answers)
    assert [answer.status_code for answer in answers] == [200, 201], "nothing is held up"
    assert checked == sent
    return checked


async def test_an_event_without_an_id_is_told_of_the_place_that_it_may_mean(ingest: Ingest) -> None:
    castle = await add(ingest)

    [(field, code, message)] = await warn(ingest)
    named = await warn(ingest, id=castle["id"])
    others = [await warn(ingest, **each) for each in ({"name": "Opera"}, {"town": "Police", "county": "3211"})]

    assert (field, code) == ("venue.id", "place_in_register")
    assert "Zamek Książąt Pomorskich, ul. Korsarzy 34, Szczecin" in message
    assert message.endswith(f"name it as venue.id: {castle['id']}.")
    assert (named, others) == ([], [[], []])


async def test_an_event_without_a_name_of_its_place_is_told_of_none(ingest: Ingest) -> None:
    await add(ingest)

    answer = await ingest.lot.post(SUBMISSIONS, json=make_event(venue={"town": "Szczecin", "county": "3262"}))

    assert answer.json()["warnings"] == []


async def test_a_program_is_told_that_a_place_was_corrected(ingest: Ingest) -> None:
    castle = await add(ingest)
    before = await ingest.state.venues.find(castle["id"])
    assert before is not None
    words = VenueWords(**{name: getattr(before, name) for name in WORDS} | {"street": "ul. Korsarzy 34a"})
    await change_venue(ingest.state, castle["id"], words, municipality=None, number=1)

    [(_field, code, message)] = await warn(ingest, id=castle["id"], street="ul. Korsarzy 34")
    its_own = await warn(ingest, id=castle["id"], street="Brama Górna")

    assert (code, "ul. Korsarzy 34 → ul. Korsarzy 34a" in message, its_own) == ("place_corrected", True, [])


async def test_a_place_merged_after_it_was_read_is_the_one_that_stays_in_a_change_too(ingest: Ingest) -> None:
    first, second = await add(ingest, "Zamek"), await add(ingest)
    made = (await ingest.lot.post(SUBMISSIONS, json=at(first["id"]))).json()
    await merge_venues(ingest.state, first["id"], second["id"], number=1)

    event = at(first["id"]) | {"title": {"pl": "Koncert"}}
    changed = await ingest.lot.put(f"{SUBMISSIONS}/{made['id']}", json=event, headers={"If-Match": '"1"'})

    assert changed.status_code == 200, changed.text
    assert (changed.json()["event"]["venue"]["id"], changed.json()["event"]["venue"]["name"]) == (second["id"], "Zamek")
