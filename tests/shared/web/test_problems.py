"""What is refused, and how it is said."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Message, Receive, Scope, Send

from shared.field_error import FieldError
from shared.i18n.text import _
from shared.web.middleware.error_responses import ErrorResponses
from shared.web.problems import (
    MAX_ERRORS,
    PROBLEMS,
    Invalid,
    NotFound,
    ProblemTable,
    TooManyAttempts,
    Unavailable,
    find_problem,
    find_problem_type,
    problem_responses,
)
from tests.shared.web.example import browser, program

API = "/ingest/api/v1"
THING = {"title": "Żagle", "dates": {"start": "2027-08-14", "end": "2027-08-16"}}


def errors_of(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(each["field"], each["code"]) for each in answer.json()["errors"]]


async def test_a_refusal_to_a_program_is_a_problem_document(caller: httpx.AsyncClient) -> None:
    answer = await caller.get(f"{API}/things/8", headers={"X-Request-Id": "proxy-request-7"})

    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json() == {
        "type": "/problems/not_found",
        "title": "No such page",
        "status": 404,
        "detail": "Check the address. The entry may have been removed, or it belongs to another organisation.",
        "instance": f"{API}/things/8",
        "errors": [],
        "request_id": "proxy-request-7",
    }


async def test_a_request_that_an_ending_server_gives_up_is_told_to_come_again(app: FastAPI) -> None:
    reached = asyncio.Event()

    async def waits_for_ever(_scope: Scope, _receive: Receive, _send: Send) -> None:
        reached.set()
        await asyncio.Event().wait()

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "app": app, "method": "POST", "path": f"{API}/things", "query_string": b"", "headers": []}
    working = asyncio.ensure_future(ErrorResponses(waits_for_ever)(scope, never, send))
    await reached.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working

    assert sent[0]["status"] == 503
    assert {b"retry-after", b"content-type"} <= {name for name, _ in sent[0]["headers"]}
    assert b"/problems/unavailable" in sent[1]["body"]


async def never() -> Message:
    raise AssertionError


async def test_a_refusal_is_said_in_the_language_that_is_asked_for(caller: httpx.AsyncClient) -> None:
    answer = await caller.get(f"{API}/things/8", headers={"Accept-Language": "de;q=0.4, pl-PL;q=0.8"})

    assert answer.json()["title"] == "Nie ma takiej strony"
    assert answer.headers["content-language"] == "pl"


async def test_a_refusal_to_a_person_is_a_page_that_says_what_to_do(app: FastAPI) -> None:
    async with browser(app) as visitor:
        answer = await visitor.get("/ingest/nowhere")

    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "<title>Błąd: Nie ma takiej strony – Kalendarium</title>" in answer.text
    assert "Sprawdź adres." in answer.text


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"title": ""}, [("title", "string_too_short")]),
        ({"title": 7}, [("title", "string_type")]),
        ({"title": "za długi tytuł"}, [("title", "string_too_long")]),
        ({"title": "ŻAGLE"}, [("title", "value_error")]),
        ({"dates": {"start": "2027-08-14"}}, [("dates.end", "missing")]),
        ({"dates": "2027"}, [("dates", "model_attributes_type")]),
        ({"places": ["a", "b", "c"]}, [("places", "too_long")]),
        ({"places": ["a", 7]}, [("places.1", "string_type")]),
        ({"lat": 91}, [("lat", "less_than_equal")]),
        ({"lat": "x"}, [("lat", "float_parsing")]),
        ({"nmae": "x"}, [("nmae", "extra_forbidden")]),
    ],
)
async def test_what_does_not_fit_is_refused_with_the_path_of_its_field(
    staffed_app: FastAPI, change: dict[str, Any], errors: list[tuple[str, str]]
) -> None:
    key = await _editors_key(staffed_app)

    async with program(staffed_app, Authorization=f"Bearer {key}") as client:
        answer = await client.post(f"{API}/things", json=THING | change)

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid")
    assert errors_of(answer) == errors


async def test_what_is_wrong_with_a_field_is_said_in_the_readers_language(staffed_app: FastAPI) -> None:
    key = await _editors_key(staffed_app)
    thing = THING | {"title": "ŻAGLE", "places": ["a", "b", "c"], "lat": -91}

    async with program(staffed_app, Authorization=f"Bearer {key}") as client:
        polish = await client.post(f"{API}/things", json=thing, headers={"Accept-Language": "pl"})
        english = await client.post(f"{API}/things", json=thing)

    assert [each["message"] for each in polish.json()["errors"]] == [
        "Nie krzycz: „ŻAGLE”.",
        "Najwyżej 2 pozycje.",
        "Podaj co najmniej -90.",
    ]
    assert [each["message"] for each in english.json()["errors"]][1:] == ["At most 2 items.", "Give at least -90."]


@pytest.mark.parametrize(
    ("path", "field"),
    [("/things?conuty=3262", "conuty"), ("/filtered?conuty=3262", "conuty"), ("/me?x=1", "x")],
)
async def test_a_parameter_that_a_route_does_not_list_is_refused(app: FastAPI, path: str, field: str) -> None:
    async with program(app) as client:
        answer = await client.get(API + path)

    assert (answer.status_code, errors_of(answer)) == (400, [(field, "extra_forbidden")])


async def test_very_many_errors_are_told_in_part_and_the_rest_counted(caller: httpx.AsyncClient) -> None:
    many = "&".join(f"x{number}=" for number in range(1_000))

    polish = await caller.get(f"{API}/things?{many}", headers={"Accept-Language": "pl"})
    english = await caller.get(f"{API}/things?{many}")

    assert len(polish.json()["errors"]) == MAX_ERRORS
    assert polish.json()["detail"].endswith("I jeszcze 950 błędów.")
    assert english.json()["detail"].endswith("And 950 more errors.")


@pytest.mark.parametrize("name", ["a" * 7_000, "%ed%a0%80", "%00", "%ef%b7%90"])
async def test_what_a_request_said_is_repeated_cut_and_readable(caller: httpx.AsyncClient, name: str) -> None:
    answer = await caller.get(f"{API}/things?{name}=1")

    [error] = answer.json()["errors"]
    assert answer.status_code == 400
    assert len(error["field"]) <= 100
    assert not set(error["field"]) & {"\x00", "\ufdd0"}


async def test_a_name_in_json_that_cannot_be_written_is_repeated_readable(staffed_app: FastAPI) -> None:
    key = await _editors_key(staffed_app)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    async with program(staffed_app, **headers) as client:
        answer = await client.post(f"{API}/things", content=b'{"\\ud800": 1}')

    assert answer.status_code == 422
    assert answer.json()["errors"]


async def test_the_page_of_a_long_address_does_not_repeat_it(app: FastAPI) -> None:
    async with browser(app) as visitor:
        answer = await visitor.get("/ingest/nowhere", params={"q": "x" * 40_000})
        refused = await visitor.get("/ingest/" + "x" * 7_000)

    assert (answer.status_code, refused.status_code) == (414, 404)
    assert "xxxx" not in answer.text + refused.text


async def test_no_page_repeats_a_long_address_in_its_links(app: FastAPI) -> None:
    async with browser(app) as visitor:
        short = await visitor.get("/ingest/open", params={"q": "x" * 1_000})
        long = await visitor.get("/ingest/open", params={"q": "x" * 7_000})

    assert short.text.count("x" * 1_000) > 1
    assert "xxxx" not in long.text
    assert "/ingest/open?lang=en" in long.text


async def test_a_parameter_with_a_wrong_value_is_refused(caller: httpx.AsyncClient) -> None:
    plain, modelled = await caller.get(f"{API}/things?limit=x"), await caller.get(f"{API}/filtered?limit=500")

    assert (plain.status_code, errors_of(plain)) == (400, [("limit", "int_parsing")])
    assert (modelled.status_code, errors_of(modelled)) == (400, [("limit", "less_than_equal")])


async def test_parameters_that_a_route_lists_are_taken(caller: httpx.AsyncClient) -> None:
    answer = await caller.get(f"{API}/filtered?county=3262&county=3261")

    assert answer.json() == {"county": ["3262", "3261"], "limit": 20}


async def test_a_page_takes_parameters_that_it_does_not_know(caller: httpx.AsyncClient) -> None:
    assert (await caller.get("/ingest/open?utm_source=mail")).status_code == 200


async def test_an_id_that_can_name_nothing_is_not_found(caller: httpx.AsyncClient) -> None:
    assert (await caller.get(f"{API}/things/seven")).status_code == 404


async def test_a_method_that_an_address_does_not_know_is_refused(caller: httpx.AsyncClient) -> None:
    answer = await caller.delete(f"{API}/things")

    assert (answer.status_code, answer.json()["type"]) == (405, "/problems/method_not_allowed")
    assert answer.headers["allow"] == "GET, HEAD, POST"


async def test_a_body_of_another_type_is_refused(staffed_app: FastAPI) -> None:
    key = await _editors_key(staffed_app)

    async with program(staffed_app, Authorization=f"Bearer {key}") as client:
        form = await client.post(f"{API}/things", data={"title": "x"})
        nothing = await client.post(f"{API}/things")

    assert (form.status_code, form.json()["type"]) == (415, "/problems/unsupported_media_type")
    assert nothing.status_code == 422


@pytest.mark.parametrize("path", [f"{API}/broken", "/ingest/broken"])
async def test_what_nobody_expected_is_answered_without_our_insides(caller: httpx.AsyncClient, path: str) -> None:
    answer = await caller.get(path)

    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert "Broken" not in answer.text
    assert answer.headers["x-request-id"] in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_database_that_is_away_is_said_so_with_when_to_come_back(caller: httpx.AsyncClient) -> None:
    answer = await caller.get(f"{API}/away")

    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/database_away")
    assert answer.headers["retry-after"] == "5"
    assert "mongo.internal" not in answer.text


async def test_a_rule_of_the_service_is_answered_by_its_table(app: FastAPI, caller: httpx.AsyncClient) -> None:
    answer = await caller.get(f"{API}/rough")
    async with browser(app) as client:
        page = await client.get("/ingest/rough")

    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/sea_too_rough")
    assert (page.status_code, "Wait for the wind." in page.text) == (409, True)


def test_an_error_is_answered_as_the_nearest_class_in_the_table() -> None:
    table: ProblemTable = {LookupError: lambda _error: NotFound(), KeyError: lambda _error: Unavailable()}

    assert isinstance(find_problem(KeyError(), table), Unavailable)
    assert isinstance(find_problem(IndexError(), table), NotFound)
    assert find_problem(ValueError(), table) is None


def test_a_problem_says_what_its_kind_says_unless_told_otherwise() -> None:
    plain, own = Invalid(), Invalid(_("Give a text."), code="no_text", errors=[FieldError("title", "x", "y")])

    assert (plain.status_code, plain.code, plain.detail) == (422, "invalid", Invalid.default_detail)
    assert (own.status_code, own.code, own.detail, own.errors[0].field) == (422, "no_text", "Podaj tekst.", "title")


def test_a_problem_that_passes_says_when_to_come_back() -> None:
    assert Unavailable(retry_after=30).headers == {"Retry-After": "30"}
    assert TooManyAttempts(retry_after=9).detail == "Odczekaj 9 s i spróbuj ponownie."


def test_every_kind_of_problem_has_a_title_a_code_and_what_to_do() -> None:
    codes = [kind.default_code for kind in PROBLEMS]

    assert len(set(codes)) == len(codes)
    assert all(kind.title and kind.default_detail and kind.__doc__ for kind in PROBLEMS)


def test_a_status_without_a_kind_of_its_own_is_a_bad_request_or_unexpected() -> None:
    assert find_problem_type(418).default_code == "bad_request"
    assert find_problem_type(502).default_code == "unexpected"
    assert find_problem_type(403).default_code == "wrong_role"


def test_routes_document_their_problems() -> None:
    documented = problem_responses(404, 412)

    assert list(documented) == [404, 412]
    assert documented[412]["content"] == {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
    }


async def _editors_key(app: FastAPI) -> str:
    account = await app.state.accounts.find("anna@lot.example")
    key: str = await app.state.accounts.create_key(account.id)
    return key
