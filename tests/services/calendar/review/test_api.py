"""The API as a curator uses it, on a real MongoDB."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from shared.event.assessment import serialize_readiness
from tests.services.calendar.builders import kept_event, make_event, make_message
from tests.services.calendar.conftest import Calendar

API = "/calendar/api/v1/reviews"
LANGUAGES = ("pl", "en", "de")


async def decide(
    calendar: Calendar, act: str, seen: object, body: object = None, entry: str = "0195-a"
) -> httpx.Response:
    headers = {} if seen is None else {"If-Match": str(seen)}
    return await calendar.curator.post(f"{API}/{entry}/{act}", json=body, headers=headers)


def problem(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json()["type"].removeprefix("/problems/")


def codes(response: httpx.Response) -> dict[str, str]:
    return {error["field"]: error["code"] for error in response.json()["errors"]}


async def test_entry_is_read_with_its_differences_and_history(calendar: Calendar) -> None:
    await calendar.receive(make_message(1))
    await decide(calendar, "accept", '"1"')
    await calendar.receive(make_message(2, event=make_event(title={"pl": "Żagle 1", "de": "Segeltage"})))

    response = await calendar.curator.get(f"{API}/0195-a")

    answer = response.json()
    decision = answer["history"][1]
    assert response.headers["etag"] == '"3"'
    assert answer == {
        "id": "0195-a",
        "review_number": 3,
        "state": "waiting",
        "organisation": {"slug": "lot-szczecin", "name": "LOT Szczecin"},
        "external_id": "zagle-2027",
        "proposal": {
            "version": 2,
            "state": "waiting",
            "sent_at": "2026-11-02T08:00:00.000Z",
            "late": False,
            "event": make_event(title={"pl": "Żagle 1", "de": "Segeltage"}),
        },
        "live": {"version": 1, "status": "confirmed", "postponed": None, "event": make_event(title={"pl": "Żagle 1"})},
        "availability": None,
        "reported": None,
        "differences": 1,
        "revision": 1,
        **serialize_readiness(kept_event(title={"pl": "Żagle 1", "de": "Segeltage"}), LANGUAGES, "en"),
        "changes": [{"field": "title.de", "live": None, "proposal": "Segeltage"}],
        "history": answer["history"],
        "remarks": [],
        "notes": [],
    }
    assert [act["what"] for act in answer["history"]] == ["sent", "accepted", "sent"]
    assert (decision["by"], decision["who"], decision["version"]) == ("curator", "Anna Żak", 1)


async def test_accepting_answers_the_new_state_and_leaves_the_messages_to_the_relay(calendar: Calendar) -> None:
    await calendar.receive(make_message(1))

    response = await decide(calendar, "accept", '"1"')

    answer = response.json()
    assert (response.status_code, response.headers["etag"]) == (200, '"2"')
    assert (answer["state"], answer["proposal"], answer["live"]["version"], answer["revision"]) == (
        "accepted",
        None,
        1,
        1,
    )


@pytest.mark.parametrize(
    ("act", "body", "state"),
    [
        ("accept", {"comment": "Piękne."}, "accepted"),
        ("reject", {"reason": "duplicate"}, "rejected"),
        ("reject", {"reason": "other", "comment": "Już było."}, "rejected"),
        ("request-changes", {"comment": "Podaj godzinę."}, "changes_requested"),
        ("withdraw", {"comment": "Prośba organizacji."}, "withdrawn"),
        ("withdraw", None, "withdrawn"),
    ],
)
async def test_each_decision_is_taken_with_its_words(calendar: Calendar, act: str, body: Any, state: str) -> None:  # noqa: ANN401 - JSON
    await calendar.receive(make_message(1))

    answer = (await decide(calendar, act, '"1"', body)).json()

    assert answer["state"] == state
    assert (answer["history"][-1]["reason"], answer["history"][-1]["comment"]) == (
        (body or {}).get("reason"),
        (body or {}).get("comment"),
    )


async def test_cancelling_goes_out_at_once(calendar: Calendar) -> None:
    await calendar.receive(make_message(1))
    await decide(calendar, "accept", '"1"')

    answer = (await decide(calendar, "cancel", '"2"')).json()

    assert (answer["live"]["status"], answer["revision"]) == ("cancelled", 2)


async def test_postponing_goes_out_at_once_and_ends_by_taking_it_back(calendar: Calendar) -> None:
    await calendar.receive(make_message(1))
    await decide(calendar, "accept", '"1"')

    postponed = (await decide(calendar, "postpone", '"2"')).json()
    back = (await decide(calendar, "reinstate", '"3"')).json()

    assert (postponed["live"]["status"], postponed["live"]["postponed"], postponed["revision"]) == (
        "confirmed",
        "curator",
        2,
    )
    assert (back["live"]["postponed"], back["revision"]) == (None, 3)
    assert problem(await decide(calendar, "reinstate", '"4"')) == (409, "not_postponed")


async def test_decision_on_an_entry_that_moved_on_is_stale(calendar: Calendar) -> None:
    await calendar.receive(make_message(1))
    await calendar.receive(make_message(2))

    response = await decide(calendar, "accept", '"1"')

    assert problem(response) == (412, "stale")
    assert response.headers["etag"] == '"2"'
    assert (await decide(calendar, "accept", '"2"')).status_code == 200


async def test_decision_must_say_what_it_saw(calendar: Calendar) -> None:
    await calendar.receive(make_message(1))

    assert problem(await decide(calendar, "accept", None)) == (428, "precondition_missing")
    assert problem(await decide(calendar, "accept", "W/1")) == (412, "stale")
    assert problem(await decide(calendar, "accept", None, entry="0195-x")) == (404, "not_found")
    assert problem(await decide(calendar, "accept", '"1"', entry="0195-x")) == (404, "not_found")
    assert (await decide(calendar, "accept", "*")).status_code == 200


async def test_what_is_not_possible_now_is_refused(calendar: Calendar) -> None:
    await calendar.receive(make_message(1))
    assert problem(await decide(calendar, "cancel", '"1"')) == (409, "not_live")
    await decide(calendar, "withdraw", '"1"')

    assert problem(await decide(calendar, "accept", '"2"')) == (409, "not_waiting")
    assert problem(await decide(calendar, "withdraw", '"2"')) == (409, "nothing_to_withdraw")


@pytest.mark.parametrize(
    ("act", "body", "wrong"),
    [
        ("reject", {}, {"reason": "missing"}),
        ("reject", {"reason": "ugly"}, {"reason": "literal_error"}),
        ("reject", {"reason": "other"}, {"comment": "missing"}),
        ("reject", {"reason": "other", "comment": " \n "}, {"comment": "missing"}),
        ("reject", {"reason": "duplicate", "comment": "a\x00b"}, {"comment": "control_characters"}),
        ("reject", {"reason": "duplicate", "why": "?"}, {"why": "extra_forbidden"}),
        ("request-changes", {}, {"comment": "missing"}),
        ("request-changes", {"comment": ""}, {"comment": "missing"}),
        ("request-changes", {"comment": 7}, {"comment": "string_type"}),
        ("accept", {"comment": "ż" * 2001}, {"comment": "too_long"}),
    ],
)
async def test_each_wrong_field_is_named(calendar: Calendar, act: str, body: Any, wrong: dict[str, str]) -> None:  # noqa: ANN401 - JSON
    await calendar.receive(make_message(1))

    response = await decide(calendar, act, '"1"', body)

    assert (response.status_code, codes(response)) == (422, wrong)


async def test_of_curators_who_decide_at_the_same_moment_one_wins(calendar: Calendar) -> None:
    await calendar.receive(make_message(1))

    responses = await asyncio.gather(*(decide(calendar, "accept", '"1"') for _ in range(8)))

    assert sorted(each.status_code for each in responses) == [200] + [412] * 7


async def test_many_decisions_each_have_their_outcome(calendar: Calendar) -> None:
    for name in "abcd":
        await calendar.receive(make_message(1, submission_id=f"0195-{name}"))
    decisions = [
        {"id": "0195-a", "review_number": 1, "decision": "accept"},
        {"id": "0195-b", "review_number": 9, "decision": "accept"},
        {"id": "0195-c", "review_number": 1, "decision": "reject", "reason": "wrong_date"},
        {"id": "0195-d", "review_number": 1, "decision": "request_changes"},
        {"id": "0195-x", "review_number": 1, "decision": "accept"},
        {"id": "0195-a", "review_number": 2, "decision": "reject", "reason": "duplicate"},
    ]

    response = await calendar.curator.post(f"{API}/decisions", json={"decisions": decisions})

    items = response.json()["items"]
    assert response.status_code == 200
    assert [item["id"] for item in items] == [each["id"] for each in decisions]
    assert [item["status"] for item in items[:5]] == [200, 412, 200, 422, 404]
    assert items[5]["status"] in {409, 412}
    assert items[0] == {"id": "0195-a", "status": 200, "review_number": 2, "state": "accepted", "problem": None}
    assert items[3]["problem"]["errors"][0]["field"] == "comment"


NO_NUMBERS = ["1_0", "%2B5", "%205", "5%20", "٣", "1e2", "9" * 4_301, "5.0"]


@pytest.mark.parametrize("number", NO_NUMBERS)
async def test_what_is_no_whole_number_for_people_is_none(calendar: Calendar, number: str) -> None:
    for address in (f"{API}?limit={number}", f"{API}?year={number}", f"/calendar/api/v1/programme/2027?limit={number}"):
        assert problem(await calendar.curator.get(address)) == (400, "unknown_filter_value")
    for address in (f"/calendar/api/v1/programme/{number}", f"/calendar/programme/{number}"):
        assert (await calendar.curator.get(address)).status_code in {303, 404}


@pytest.mark.parametrize("id", ["\\ud800", "\\udc00x", "\\u0000", "\\ufdd0", "ż", "x" * 50_000])
async def test_an_id_that_cannot_be_one_takes_no_other_decision_with_it(calendar: Calendar, id: str) -> None:  # noqa: A002 - the field's name
    await calendar.receive(make_message(1))
    body = (
        f'{{"decisions": [{{"id": "{id}", "review_number": 1, "decision": "accept"}},'
        '{"id": "0195-a", "review_number": 1, "decision": "accept"}]}'
    )

    response = await calendar.curator.post(
        f"{API}/decisions", content=body, headers={"Content-Type": "application/json"}
    )

    assert response.status_code == 200
    assert [item["status"] for item in response.json()["items"]] == [404, 200]
    assert len(response.content) < 2_000


async def test_many_decisions_are_bounded_and_checked_as_a_whole(calendar: Calendar) -> None:
    one = {"id": "0195-a", "review_number": 1, "decision": "accept"}

    async def status(body: object) -> int:
        return (await calendar.curator.post(f"{API}/decisions", json=body)).status_code

    assert await status({"decisions": []}) == 422
    assert await status({"decisions": [one] * 201}) == 422
    assert await status({"decisions": [one | {"decision": "cancel"}]}) == 422
    assert await status({"decisions": [one | {"review_number": "1"}]}) == 422
    assert await status([one]) == 422


async def test_list_goes_on_where_its_page_ended(calendar: Calendar) -> None:
    for name, day in (("c", 3), ("a", 1), ("b", 2)):
        sent_at = f"2026-11-{day:02}T08:00:00.000Z"
        await calendar.receive(make_message(1, submission_id=f"0195-{name}", sent_at=sent_at))

    first = (await calendar.curator.get(API, params={"limit": "2"})).json()
    second = (await calendar.curator.get(API, params={"limit": "2", "cursor": first["next"]})).json()

    assert [item["id"] for item in first["items"]] == ["0195-a", "0195-b"]
    assert ([item["id"] for item in second["items"]], second["next"]) == (["0195-c"], None)


async def test_list_is_filtered(calendar: Calendar) -> None:
    await calendar.receive(make_message(1))
    await calendar.receive(make_message(1, submission_id="0195-b", event=make_event(category="film", also=["family"])))
    await decide(calendar, "accept", '"1"')

    async def found(**filters: Any) -> list[str]:  # noqa: ANN401 - httpx takes all kinds
        answer = await calendar.curator.get(API, params=filters)
        return [item["id"] for item in answer.json()["items"]]

    assert await found(state="waiting") == ["0195-b"]
    assert await found(state=["waiting", "accepted"]) == ["0195-a", "0195-b"]
    assert await found(category="family") == ["0195-b"]
    assert await found(county="3262", year=2027) == ["0195-a", "0195-b"]
    assert await found(organisation="lot-inny") == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("state", "new"),
        ("county", "1465"),
        ("category", "krowy"),
        ("year", "MMXXVII"),
        ("limit", "0"),
        ("limit", "201"),
        ("cursor", "!"),
        ("cursor", "bm9uZQ"),
        ("colour", "red"),
    ],
)
async def test_unknown_filters_are_refused_by_name(calendar: Calendar, name: str, value: str) -> None:
    response = await calendar.curator.get(API, params={name: value})

    assert response.status_code == 400
    assert list(codes(response)) == [name]


async def test_only_curators_are_let_in(calendar: Calendar) -> None:
    await calendar.receive(make_message(1))

    for path in (API, f"{API}/0195-a", "/calendar/api/v1/programme/2027"):
        assert (await calendar.editor.get(path)).status_code == 403
        assert (await calendar.nobody.get(path)).status_code == 401
    assert (await calendar.editor.post(f"{API}/0195-a/accept", headers={"If-Match": "*"})).status_code == 403
    assert (await calendar.nobody.post(f"{API}/decisions", json={"decisions": []})).status_code == 401


async def test_programme_lists_what_is_public_in_order(calendar: Calendar) -> None:
    days = {"a": "2027-09-01", "b": "2027-05-03", "c": "2028-01-01"}
    for name, day in days.items():
        event = make_event(dates={"certainty": "exact", "start": day, "end": day})
        await calendar.receive(make_message(1, submission_id=f"0195-{name}", event=event))
        await decide(calendar, "accept", '"1"', entry=f"0195-{name}")
    await calendar.receive(make_message(1, submission_id="0195-d"))

    answer = (await calendar.curator.get("/calendar/api/v1/programme/2027")).json()
    first = (await calendar.curator.get("/calendar/api/v1/programme/2027?limit=1")).json()
    rest = (await calendar.curator.get("/calendar/api/v1/programme/2027", params={"cursor": first["next"]})).json()

    assert (answer["year"], [item["id"] for item in answer["items"]], answer["next"]) == (
        2027,
        ["0195-b", "0195-a"],
        None,
    )
    assert [item["id"] for item in rest["items"]] == ["0195-a"]
    assert sorted(answer["items"][0]) == [
        "changed_at", "completeness", "event", "external_id", "id", "organisation", "postponed", "published_at",
        "reported", "revision", "status", "version",
    ]  # fmt: skip


async def test_programme_is_filtered_and_has_only_years(calendar: Calendar) -> None:
    await calendar.receive(make_message(1))
    await decide(calendar, "accept", '"1"')

    async def status(path: str) -> int:
        return (await calendar.curator.get(f"/calendar/api/v1/programme/{path}")).status_code

    empty = (await calendar.curator.get("/calendar/api/v1/programme/2027?category=film")).json()
    assert empty == {"year": 2027, "items": [], "next": None}
    assert (await status("2027?category=krowy"), await status("zagle"), await status("2027?cursor=!")) == (
        400,
        404,
        400,
    )


HINTED = make_event(title={"pl": "Żagle", "de": "Segeltage"}, summary={"pl": "Zapraszamy na żaglowce."})


async def test_lists_count_rules_and_texts_and_one_entry_names_its_hints(calendar: Calendar) -> None:
    await calendar.receive(make_message(1, event=HINTED))

    [listed] = (await calendar.curator.get(API)).json()["items"]
    texts = {"pl": {"filled": 2, "total": 3}, "en": {"filled": 0, "total": 3}, "de": {"filled": 1, "total": 3}}
    read = {
        language: (await calendar.curator.get(f"{API}/0195-a", headers={"Accept-Language": language})).json()
        for language in ("en", "pl")
    }

    assert listed["completeness"] == read["en"]["completeness"] == texts
    assert {name: read["en"]["readiness"][name] for name in ("met", "total")} == listed["readiness"]
    hints = {language: next(iter(each["readiness"]["hints"])) for language, each in read.items()}
    assert {each["code"] for each in hints.values()} == {"third_person"}
    assert (hints["pl"]["words"], hints["pl"]["field"]) == ("Zapraszamy", "summary.pl")
    assert hints["pl"]["message"].startswith("Pisz w trzeciej osobie")
    assert hints["en"]["message"].startswith("Write in the third person")


async def test_programme_counts_the_texts_of_what_is_public(calendar: Calendar) -> None:
    await calendar.receive(make_message(1, event=HINTED))
    await decide(calendar, "accept", '"1"')
    await calendar.receive(make_message(2, event=make_event(title={"pl": "Żagle"})))

    [item] = (await calendar.curator.get("/calendar/api/v1/programme/2027")).json()["items"]
    [listed] = (await calendar.curator.get(API)).json()["items"]

    assert item["completeness"]["de"] == {"filled": 1, "total": 3}
    assert listed["completeness"]["de"] == {"filled": 0, "total": 3}, "what waits is what a curator looks at"
