"""The API as an organisation uses it, on a real MongoDB."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from shared.event.assessment import serialize_readiness
from tests.services.ingest.builders import kept_event, make_event
from tests.services.ingest.conftest import Ingest
from tests.services.ingest.test_way import review

API = "/ingest/api/v1/submissions"
PICTURE = {"media": "ab" * 32, "alt": {"pl": "Żaglowce"}, "credit": "Jan Żak", "licence": "CC-BY-4.0"}


LANGUAGES = ("pl", "en", "de")
ASSESSED = serialize_readiness(kept_event(), LANGUAGES, "en")
"""What is answered of how ready the event is that is made unless told otherwise."""


async def sent(ingest: Ingest, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - an event's fields are of all kinds
    response = await ingest.lot.post(API, json=make_event(**changes))
    assert response.status_code == 201, response.text
    answer: dict[str, Any] = response.json()
    return answer


def codes(problem: dict[str, Any]) -> dict[str, str]:
    return {error["field"]: error["code"] for error in problem["errors"]}


async def test_post_answers_the_submission_with_its_address_and_version(ingest: Ingest) -> None:
    response = await ingest.lot.post(API, json=make_event(external_id="zagle-2027"))

    answer = response.json()
    assert response.status_code == 201
    assert response.headers["location"] == f"{API}/{answer['id']}"
    assert response.headers["etag"] == '"1"'
    assert answer == {
        "id": answer["id"],
        "version": 1,
        "state": "waiting",
        "live_version": None,
        "live_status": None,
        "postponed": False,
        "availability": None,
        "reported": [],
        "review": None,
        "remarks": [],
        "event": make_event(external_id="zagle-2027"),
        "warnings": [],
        **ASSESSED,
    }
    shown = (await ingest.lot.get(f"{API}/{answer['id']}")).json()
    assert shown | {"warnings": []} | ASSESSED == answer


async def test_a_repeated_post_with_the_same_key_is_answered_as_the_first_time(ingest: Ingest) -> None:
    headers = {"Idempotency-Key": "formularz-17"}
    first = await ingest.lot.post(API, json=make_event(), headers=headers)
    again = await ingest.lot.post(API, json=make_event(), headers=headers)

    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["location"] == first.headers["location"]
    assert await ingest.database["submissions"].count_documents({}) == 1


async def test_requests_at_the_same_moment_with_one_key_make_one_submission(ingest: Ingest) -> None:
    headers = {"Idempotency-Key": "formularz-17"}

    answers = await asyncio.gather(*(ingest.lot.post(API, json=make_event(), headers=headers) for _ in range(20)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert await ingest.database["submissions"].count_documents({}) == 1


async def test_a_key_used_with_another_body_is_refused(ingest: Ingest) -> None:
    headers = {"Idempotency-Key": "formularz-17"}
    await ingest.lot.post(API, json=make_event(), headers=headers)

    other = await ingest.lot.post(API, json=make_event(category="family", also=None), headers=headers)

    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency_key_reused")


async def test_the_same_key_of_another_organisation_is_another_request(ingest: Ingest) -> None:
    headers = {"Idempotency-Key": "formularz-17"}
    ours = await ingest.lot.post(API, json=make_event(), headers=headers)
    theirs = await ingest.other.post(API, json=make_event(), headers=headers)

    assert theirs.status_code == 201
    assert theirs.json()["id"] != ours.json()["id"]


async def test_many_at_once_are_each_kept_and_answered(ingest: Ingest) -> None:
    events = [make_event(external_id=f"nr-{number}") for number in range(100)]

    answers = await asyncio.gather(*(ingest.lot.post(API, json=event) for event in events))

    assert [answer.json()["event"]["external_id"] for answer in answers] == [each["external_id"] for each in events]
    assert await ingest.database["submissions"].count_documents({}) == 100


async def test_a_taken_external_id_is_refused_with_the_way_out(ingest: Ingest) -> None:
    await sent(ingest, external_id="zagle-2027")

    again = await ingest.lot.post(API, json=make_event(external_id="zagle-2027"))

    assert again.status_code == 409
    assert codes(again.json()) == {"external_id": "external_id_taken"}
    assert "by-reference" in again.json()["detail"]
    assert (await ingest.other.post(API, json=make_event(external_id="zagle-2027"))).status_code == 201


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"title": None}, {"title.pl": "required"}),
        ({"title": {"de": "Segeltage"}}, {"title.pl": "required"}),
        ({"title": {"pl": "x" * 121}}, {"title.pl": "too_long"}),
        ({"title": {"pl": "Ża\u0007gle"}}, {"title.pl": "control_character"}),
        ({"title": {"pl": "Żagle", "xx": "Sails"}}, {"title.xx": "unknown_language"}),
        ({"title": "Żagle"}, {"title": "wrong_type"}),
        ({"category": "zeglarstwo"}, {"category": "unknown_category"}),
        ({"also": ["maritime"]}, {"also": "repeated"}),
        ({"foto": "x"}, {"foto": "unknown_field"}),
        ({"dates": None}, {"dates": "required"}),
        ({"venue": {"town": "Szczecin", "county": "9999"}}, {"venue.county": "unknown_county"}),
        ({"venue": {"county": "3262"}}, {"venue.town": "required"}),
        ({"venue": {"town": "Szczecin"}}, {"venue.county": "required"}),
        ({"venue": {"town": "Szczecin", "county": "3262", "lat": 53.43}}, {"venue.lon": "half_position"}),
        ({"start_place": {"name": "Jasne Błonia", "lat": 53.44}}, {"start_place.lon": "half_position"}),
        ({"start_place": {"street": "Jagiellońska 1"}}, {"start_place": "required"}),
        ({"start_place": {"name": "Jasne Błonia", "county": "3262"}}, {"start_place.county": "unknown_field"}),
        ({"arrival": {"pl": "x" * 301}}, {"arrival.pl": "too_long"}),
        ({"venue": {"town": "Szczecin", "county": "3262", "lat": 153, "lon": 14}}, {"venue.lat": "out_of_range"}),
        ({"website": "javascript:alert(1)"}, {"website": "not_an_address"}),
        ({"accessibility": ["stairs"]}, {"accessibility.0": "unknown_code"}),
        ({"audience": ["dogs"]}, {"audience.0": "unknown_code"}),
        ({"audience": ["seniors", "seniors"]}, {"audience": "repeated"}),
        ({"audience": ["children"], "ages": {"min": 7, "max": 6}}, {"ages.max": "below_youngest"}),
        (
            {"audience": ["children"], "ages": {"min": -1, "max": 18}},
            {"ages.min": "out_of_range", "ages.max": "out_of_range"},
        ),
        ({"audience": ["families"], "ages": {"min": 7}}, {"ages": "not_for_children"}),
        ({"setting": ["underwater"]}, {"setting.0": "unknown_code"}),
        ({"licence": "CC-BY-NC-4.0"}, {"licence": "unknown_code"}),
        (
            {"images": [{"url": "https://x.pl/a.jpg"}]},
            {
                "images.0.media": "required",
                "images.0.alt.pl": "required",
                "images.0.credit": "required",
                "images.0.licence": "required",
                "images.0.url": "unknown_field",
            },
        ),
        ({"images": [PICTURE | {"media": "../" * 21 + "x"}]}, {"images.0.media": "unknown_picture"}),
        ({"images": [PICTURE | {"alt": {"en": "Sails"}}]}, {"images.0.alt.pl": "required"}),
        ({"images": [PICTURE | {"alt": {"pl": " "}}]}, {"images.0.alt.pl": "required"}),
        ({"images": [PICTURE | {"licence": "CC-BY-NC-4.0"}]}, {"images.0.licence": "unknown_code"}),
        ({"images": [PICTURE | {"valid_until": "2028-12-31T10:00"}]}, {"images.0.valid_until": "not_a_date"}),
        ({"images": [PICTURE, PICTURE]}, {"images": "repeated"}),
        ({"images": [PICTURE] * 9}, {"images": "too_many"}),
        ({"images": [PICTURE]}, {"images.0.media": "unknown_picture"}),
        ({"contact": {"email": "biuro"}}, {"contact.email": "not_an_email"}),
        ({"tickets": {"free": "yes"}}, {"tickets.free": "wrong_type"}),
        ({"tickets": {"availability": "maybe"}}, {"tickets.availability": "unknown_value"}),
        ({"tickets": {"registration_url": "zapisy"}}, {"tickets.registration_url": "not_an_address"}),
        ({"tickets": {"registration_until": "10.08.2027"}}, {"tickets.registration_until": "not_a_date"}),
        ({"tickets": {"registration_until": "2027-03-28T02:30"}}, {"tickets.registration_until": "skipped_hour"}),
    ],
)
async def test_what_breaks_a_rule_is_refused_by_field(
    ingest: Ingest, changes: dict[str, Any], errors: dict[str, str]
) -> None:
    response = await ingest.lot.post(API, json=make_event(**changes))
    dry_run = await ingest.lot.post(f"{API}/validate", json=make_event(**changes))

    assert (response.status_code, codes(response.json())) == (422, errors)
    assert (dry_run.status_code, codes(dry_run.json())) == (422, errors)
    assert response.headers["content-type"] == "application/problem+json"
    assert await ingest.database["submissions"].count_documents({}) == 0


@pytest.mark.parametrize(
    ("dates", "errors"),
    [
        ({"start": "2027-08-16", "end": "2027-08-14"}, {"dates.end": "before_start"}),
        ({"start": "2027-03-28T02:30", "end": "2027-03-28T05:00"}, {"dates.start": "skipped_hour"}),
        ({"start": "2027-10-31T02:30", "end": "2027-10-31T05:00"}, {"dates.start": "doubled_hour"}),
        ({"start": "2027-08-14", "end": "2027-08-14T18:00"}, {"dates.end": "mixed"}),
        ({"start": "2027-08-14T18:00", "end": "2027-08-13"}, {"dates.end": "before_start"}),
        ({"start": "14.08.2027", "end": "2027-08-14"}, {"dates.start": "not_a_date"}),
        ({"start": "2027-08-14", "end": "2027-08-14", "fold": False}, {"dates.fold": "wrong_type"}),
        ({"start": "2027-08-14", "end": "2027-08-14", "end_fold": 2}, {"dates.end_fold": "out_of_range"}),
        ({"start": "2027-08-14", "end": "2027-08-16", "rrule": "FREQ=DAILY"}, {"dates.rrule": "not_yet"}),
    ],
)
async def test_dates_that_cannot_be_are_refused(ingest: Ingest, dates: dict[str, str], errors: dict[str, str]) -> None:
    response = await ingest.lot.post(API, json=make_event(dates={"certainty": "exact", **dates}))

    assert (response.status_code, codes(response.json())) == (422, errors)


@pytest.mark.parametrize(
    ("end", "stored"), [("2027-10-31", "2027-10-31T02:30"), ("2027-11-01", "2027-11-01")], ids=["same", "later"]
)
async def test_a_last_day_without_an_hour_is_taken(ingest: Ingest, end: str, stored: str) -> None:
    dates = {"certainty": "exact", "start": "2027-10-31T02:30", "end": end, "start_fold": 1}
    made = await ingest.lot.post(API, json=make_event(dates=dates))

    kept = (await ingest.lot.get(made.headers["Location"])).json()["event"]["dates"]

    assert made.status_code == 201
    assert kept == dates | {"end": stored} | ({"end_fold": 1} if "T" in stored else {})


async def test_messages_come_in_the_language_that_is_asked_for(ingest: Ingest) -> None:
    dates = {"certainty": "exact", "start": "2027-08-16", "end": "2027-08-14"}

    response = await ingest.lot.post(API, json=make_event(dates=dates), headers={"Accept-Language": "pl"})

    assert [error["message"] for error in response.json()["errors"]] == [
        "Koniec jest przed początkiem. Podaj 16 sierpnia 2027 lub później."
    ]


async def test_a_body_that_is_no_json_of_ours_is_refused(ingest: Ingest) -> None:
    as_json = {"Content-Type": "application/json"}
    form = await ingest.lot.post(API, data={"title": "Żagle"})
    broken = await ingest.lot.post(API, content=b'{"title":', headers=as_json)
    listed = await ingest.lot.post(API, json=[])
    huge = await ingest.lot.post(API, content=b" " * 1_000_001, headers=as_json)

    assert [each.status_code for each in (form, broken, listed, huge)] == [415, 400, 422, 413]


async def test_validate_says_how_it_would_be_kept_and_keeps_nothing(ingest: Ingest) -> None:
    response = await ingest.lot.post(f"{API}/validate", json=make_event(title={"pl": "  Z\u0307agle  "}))

    assert response.status_code == 200
    assert response.json() == {
        "valid": True,
        "event": make_event(title={"pl": "Żagle"}),
        "warnings": [],
        **serialize_readiness(kept_event(title={"pl": "Żagle"}), LANGUAGES, "en"),
    }
    assert await ingest.database["submissions"].count_documents({}) == 0


async def test_put_makes_a_new_version_of_what_if_match_names(ingest: Ingest) -> None:
    made = await sent(ingest, external_id="zagle-2027")
    address = f"{API}/{made['id']}"
    changed = make_event(title={"pl": "Żagle 2027"})

    missing = await ingest.lot.put(address, json=changed)
    stale = await ingest.lot.put(address, json=changed, headers={"If-Match": '"7"'})
    done = await ingest.lot.put(address, json=changed, headers={"If-Match": '"1"'})

    assert [missing.status_code, stale.status_code, done.status_code] == [428, 412, 200]
    assert done.headers["etag"] == '"2"'
    assert done.json()["event"] == changed | {"external_id": "zagle-2027"}


async def test_equal_content_makes_no_new_version_and_says_nothing(ingest: Ingest) -> None:
    made = await sent(ingest)
    before = await ingest.database["submissions"].find_one({"_id": made["id"]}, {"outbox": 0})

    same = await ingest.lot.put(f"{API}/{made['id']}", json=make_event(), headers={"If-Match": '"1"'})

    assert (same.status_code, same.headers["etag"]) == (200, '"1"')
    assert await ingest.database["submissions"].find_one({"_id": made["id"]}, {"outbox": 0}) == before


async def test_by_reference_makes_then_changes_then_does_nothing(ingest: Ingest) -> None:
    address = f"{API}/by-reference/zagle-2027"

    nothing = await ingest.lot.get(address)
    made = await ingest.lot.put(address, json=make_event())
    same = await ingest.lot.put(address, json=make_event())
    changed = await ingest.lot.put(address, json=make_event(category="family", also=None))
    stale = await ingest.lot.put(address, json=make_event(), headers={"If-Match": '"1"'})

    assert nothing.status_code == 404
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    assert made.headers["location"] == f"{API}/{made.json()['id']}"
    assert (same.status_code, same.headers["etag"]) == (200, '"1"')
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert stale.status_code == 412
    assert (await ingest.lot.get(address)).json() | {"warnings": []} | ASSESSED == changed.json()


async def test_by_reference_at_the_same_moment_makes_one_submission(ingest: Ingest) -> None:
    address = f"{API}/by-reference/zagle-2027"

    answers = await asyncio.gather(*(ingest.lot.put(address, json=make_event()) for _ in range(10)))

    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]
    assert await ingest.database["submissions"].count_documents({}) == 1


async def test_by_reference_refuses_another_external_id_in_the_body(ingest: Ingest) -> None:
    response = await ingest.lot.put(f"{API}/by-reference/zagle-2027", json=make_event(external_id="zagle-2028"))

    assert (response.status_code, codes(response.json())) == (422, {"external_id": "differs"})


async def test_a_reference_that_fits_into_no_address_is_refused(ingest: Ingest) -> None:
    response = await ingest.lot.put(f"{API}/by-reference/zagle%202027", json=make_event())

    assert (response.status_code, codes(response.json())) == (422, {"external_id": "not_an_external_id"})


@pytest.mark.parametrize(
    "spelling",
    ["s%CC%81wie%CC%A8to-2027", "%20%C5%9Bwi%C4%99to-2027%20", "%C2%A0%C5%9Bwi%C4%99to-2027", "s%CC%81wi%C4%99to-2027"],
    ids=["decomposed", "blanks around it", "a no-break space", "decomposed in part"],
)
async def test_a_reference_leads_to_the_same_submission_in_each_of_its_spellings(ingest: Ingest, spelling: str) -> None:
    address = f"{API}/by-reference/{spelling}"
    plain = f"{API}/by-reference/święto-2027"

    made = await ingest.lot.put(address, json=make_event())
    again = await ingest.lot.put(address, json=make_event())
    changed = await ingest.lot.put(address, json=make_event(also=None, external_id="s\u0301wie\u0328to-2027"))
    taken = await ingest.lot.post(API, json=make_event(external_id=" święto-2027"))

    assert [made.status_code, again.status_code, changed.status_code, taken.status_code] == [201, 200, 200, 409]
    assert made.json()["event"]["external_id"] == "święto-2027"
    shown, shown_too = [(await ingest.lot.get(each)).json() | {"warnings": []} | ASSESSED for each in (address, plain)]
    assert shown == shown_too == changed.json()
    assert await ingest.database["submissions"].count_documents({}) == 1


async def test_a_keyed_put_is_the_same_request_in_each_spelling_of_its_reference(ingest: Ingest) -> None:
    headers = {"Idempotency-Key": "nr-17"}

    first = await ingest.lot.put(f"{API}/by-reference/s%CC%81wiat", json=make_event(), headers=headers)
    again = await ingest.lot.put(f"{API}/by-reference/%C5%9Bwiat", json=make_event(), headers=headers)

    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)


@pytest.mark.parametrize("reference", ["%FF", "%00", "...", "a%20b", "a%25b", "%20", "x" * 101])
async def test_what_cannot_be_a_reference_is_not_there(ingest: Ingest, reference: str) -> None:
    assert (await ingest.lot.get(f"{API}/by-reference/{reference}")).status_code == 404
    assert (await ingest.lot.put(f"{API}/by-reference/{reference}", json=make_event())).status_code in {404, 422}
    assert await ingest.database["submissions"].count_documents({}) == 0


@pytest.mark.parametrize("expected", ['"1"', "*", ""])
async def test_if_match_on_a_reference_that_is_not_there_is_stale(ingest: Ingest, expected: str) -> None:
    headers = {"If-Match": expected}

    response = await ingest.lot.put(f"{API}/by-reference/zagle-2027", json=make_event(), headers=headers)

    assert response.status_code == 412


async def test_if_match_that_names_nothing_matches_no_reference(ingest: Ingest) -> None:
    await sent(ingest, external_id="zagle-2027")

    response = await ingest.lot.put(
        f"{API}/by-reference/zagle-2027", json=make_event(also=None), headers={"If-Match": ""}
    )

    assert response.status_code == 412


async def test_withdrawing_twice_is_not_possible_and_sending_again_reopens(ingest: Ingest) -> None:
    made = await sent(ingest)
    address = f"{API}/{made['id']}"

    missing = await ingest.lot.post(f"{address}/withdraw")
    gone = await ingest.lot.post(f"{address}/withdraw", headers={"If-Match": '"1"'})
    again = await ingest.lot.post(f"{address}/withdraw", headers={"If-Match": '"2"'})
    back = await ingest.lot.put(address, json=make_event(), headers={"If-Match": '"2"'})

    assert missing.status_code == 428
    assert (gone.status_code, gone.json()["state"], gone.json()["version"]) == (200, "withdrawn", 2)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/already_withdrawn")
    assert (back.status_code, back.json()["state"], back.json()["version"]) == (200, "waiting", 3)


BY_CURATORS: list[dict[str, Any]] = [
    {"state": "withdrawn", "live_version": None, "live_status": None, "stopped_by_curator": True},
    {"state": "withdrawn", "live_status": "withdrawn", "stopped_by_curator": True},
    {"live_status": "cancelled", "stopped_by_curator": True},
    {"state": "rejected", "reason": "duplicate", "live_version": None, "live_status": None},
    {"state": "changes_requested", "comment": "O której?", "live_version": None, "live_status": None},
]


@pytest.mark.parametrize(
    "said", BY_CURATORS, ids=["withdrawn", "withdrawn when live", "cancelled", "rejected", "asked"]
)
async def test_the_same_event_again_reopens_what_curators_stopped(ingest: Ingest, said: dict[str, Any]) -> None:
    made = await sent(ingest, external_id="zagle-2027")
    await review(ingest, made["id"], **said)

    by_id = await ingest.lot.put(f"{API}/{made['id']}", json=make_event(), headers={"If-Match": '"1"'})
    again = await ingest.lot.put(f"{API}/by-reference/zagle-2027", json=make_event())

    assert (by_id.status_code, by_id.json()["version"], by_id.json()["state"]) == (200, 2, "waiting")
    assert again.json()["version"] == 2, "what waits already makes no version"


async def test_a_cancelled_event_reads_as_cancelled_whoever_cancelled_it(ingest: Ingest) -> None:
    by_curator, by_us = await sent(ingest), await sent(ingest, title={"pl": "Inne"})
    await review(ingest, by_curator["id"], live_status="cancelled", stopped_by_curator=True)
    await review(ingest, by_us["id"])
    public = (await ingest.lot.get(f"{API}/{by_us['id']}")).json()["live_status"]
    await ingest.lot.post(f"{API}/{by_us['id']}/cancel", headers={"If-Match": '"1"'})

    found = [(await ingest.lot.get(f"{API}/{each['id']}")).json() for each in (by_curator, by_us)]

    assert public == "confirmed"
    assert [(each["live_version"], each["live_status"]) for each in found] == [(1, "cancelled"), (1, "cancelled")]


async def test_sending_a_cancelled_event_again_warns_that_it_reopens(ingest: Ingest) -> None:
    made = await sent(ingest, external_id="zagle-2027")
    await review(ingest, made["id"], live_status="cancelled", stopped_by_curator=True)

    again = await ingest.lot.put(f"{API}/by-reference/zagle-2027", json=make_event())

    assert [(each["field"], each["code"]) for each in again.json()["warnings"]] == [("", "reopens_cancelled")]


async def test_the_same_event_again_changes_nothing_while_it_is_public(ingest: Ingest) -> None:
    made = await sent(ingest)
    await review(ingest, made["id"])

    same = await ingest.lot.put(f"{API}/{made['id']}", json=make_event(), headers={"If-Match": '"1"'})

    assert (same.status_code, same.json()["version"], same.json()["state"]) == (200, 1, "accepted")


async def test_what_is_not_public_cannot_be_cancelled(ingest: Ingest) -> None:
    made = await sent(ingest)

    response = await ingest.lot.post(f"{API}/{made['id']}/cancel", headers={"If-Match": '"1"'})

    assert (response.status_code, response.json()["type"]) == (409, "/problems/nothing_live")


async def test_a_repeated_withdrawal_with_the_same_key_is_answered_as_the_first_time(ingest: Ingest) -> None:
    made = await sent(ingest)
    headers = {"If-Match": '"1"', "Idempotency-Key": "wycofanie"}

    first = await ingest.lot.post(f"{API}/{made['id']}/withdraw", headers=headers)
    again = await ingest.lot.post(f"{API}/{made['id']}/withdraw", headers=headers)

    assert (again.status_code, again.content, again.headers["etag"]) == (200, first.content, '"2"')


async def test_what_belongs_to_another_organisation_is_not_there(ingest: Ingest) -> None:
    made = await sent(ingest, external_id="zagle-2027")
    address, version = f"{API}/{made['id']}", {"If-Match": '"1"'}

    answers = [
        await ingest.other.get(address),
        await ingest.other.put(address, json=make_event(), headers=version),
        await ingest.other.post(f"{address}/withdraw", headers=version),
        await ingest.other.post(f"{address}/cancel", headers=version),
        await ingest.other.get(f"{API}/by-reference/zagle-2027"),
    ]

    assert [each.status_code for each in answers] == [404] * 5
    assert (await ingest.other.get(API)).json() == {"items": [], "next": None}


async def test_nobody_and_a_curator_may_not_send(ingest: Ingest) -> None:
    assert (await ingest.nobody.post(API, json=make_event())).status_code == 401
    assert (await ingest.curator.post(API, json=make_event())).status_code == 403


async def test_the_list_is_ordered_filtered_and_paged(ingest: Ingest) -> None:
    for day in ("2027-08-14", "2027-05-01", "2028-01-01", "2027-05-01"):
        event = make_event(dates={"certainty": "exact", "start": day, "end": day}, title={"pl": f"W dniu {day}"})
        await ingest.lot.post(API, json=event, params={"again": "true"})
    first = (await ingest.lot.get(API, params={"year": "2027", "limit": "2"})).json()

    rest = (await ingest.lot.get(API, params={"year": "2027", "limit": "2", "cursor": first["next"]})).json()

    days = [each["event"]["dates"]["start"] for each in first["items"] + rest["items"]]
    assert days == ["2027-05-01", "2027-05-01", "2027-08-14"]
    assert rest["next"] is None
    assert len((await ingest.lot.get(API, params={"state": "waiting"})).json()["items"]) == 4
    assert (await ingest.lot.get(API, params={"state": "accepted"})).json()["items"] == []


async def test_the_list_counts_rules_and_texts_of_each(ingest: Ingest) -> None:
    await ingest.lot.post(API, json=make_event(title={"pl": "Żagle", "de": "Segeltage"}))

    [listed] = (await ingest.lot.get(API)).json()["items"]

    assert listed["readiness"].keys() == {"met", "total"}
    assert {code: each["filled"] for code, each in listed["completeness"].items()} == {"pl": 3, "en": 0, "de": 1}
    assert {each["total"] for each in listed["completeness"].values()} == {3}


@pytest.mark.parametrize("query", ["state=open", "year=27", "limit=0", "cursor=%C5%BB", "county=3262"])
async def test_a_filter_with_an_unknown_value_is_refused(ingest: Ingest, query: str) -> None:
    assert (await ingest.lot.get(f"{API}?{query}")).status_code == 400


async def test_availability_is_stated_at_once_with_the_version_that_was_seen(ingest: Ingest) -> None:
    made = (await ingest.lot.post(API, json=make_event())).json()
    address, sold_out = f"{API}/{made['id']}/availability", {"availability": "sold_out"}
    early = await ingest.lot.put(address, json=sold_out, headers={"If-Match": '"1"'})
    await review(ingest, made["id"])

    unseen = await ingest.lot.put(address, json=sold_out)
    stated = await ingest.lot.put(address, json=sold_out, headers={"If-Match": '"1"', "Idempotency-Key": "a"})
    repeated = await ingest.lot.put(address, json=sold_out, headers={"If-Match": '"1"', "Idempotency-Key": "a"})
    stale = await ingest.lot.put(address, json=sold_out, headers={"If-Match": '"1"'})
    wrong = await ingest.lot.put(address, json={"availability": "raffled"}, headers={"If-Match": "*"})
    back = await ingest.lot.put(address, json={"availability": None}, headers={"If-Match": "*"})

    assert (early.status_code, early.json()["type"]) == (409, "/problems/nothing_on_sale")
    assert [each.status_code for each in (unseen, stated, repeated, stale, wrong, back)] == [
        428,
        200,
        200,
        412,
        422,
        200,
    ]
    assert (stated.headers["etag"], stated.json()["availability"], stated.json()["state"]) == (
        '"2"',
        "sold_out",
        "accepted",
    )
    assert repeated.json() == stated.json()
    assert (back.json()["version"], back.json()["availability"]) == (3, None)
