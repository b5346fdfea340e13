"""Input other than texts: where to lead on, fields that are not one's own, operators, names of files, headers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.access.doors import FORM
from tests.access.house import Person
from tests.security import holes
from tests.security.checks import leads_elsewhere
from tests.security.premises import ADDRESS, COOKIE, Premises, email_of
from tests.support.builders import make_submission
from tests.support.clients import PASSWORD

pytestmark = pytest.mark.asyncio(loop_scope="module")

SUBMISSIONS: Final = "/ingest/api/v1/submissions"
ELSEWHERE: Final = (
    "https://evil.example",
    "http://evil.example/ingest/",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "\\\\evil.example",
    "/\\evil.example",
    "/\\/evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/%09/evil.example",
    "/%2f/evil.example",
    "/%5cevil.example",
    "%2f%2fevil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    f"{ADDRESS}.evil.example/",
    f"{ADDRESS}@evil.example/",
    "//kalendarium.test@evil.example/",
    "@evil.example",
    ".evil.example",
    "/ingest/\r\nLocation: https://evil.example",
    "/ingest/\r\nSet-Cookie: kal=evil",
    "/\u2028/evil.example",
    "/\u200b/evil.example",
    "/ingest/../..//evil.example",
    "?next=//evil.example",
)


async def leads_astray(premises: Premises, app: ASGIApp) -> list[str]:
    """Complain of an address from outside that the log-in, the theme or a form leads on to."""
    door, found = httpx.ASGITransport(app), []
    cookie = {"Cookie": f"{COOKIE}={premises.sessions['owner']}"}
    for wanted in ELSEWHERE:
        query, form = urlencode({"next": wanted}), {"email": email_of("owner"), "password": PASSWORD, "next": wanted}
        for request in (
            httpx.Request("GET", f"{ADDRESS}/theme/dark?{query}"),
            httpx.Request("GET", f"{ADDRESS}/ingest/login?{query}", headers=cookie),
            httpx.Request("POST", f"{ADDRESS}/ingest/login?{query}", data=form),
        ):
            answer = await door.handle_async_request(request)  # a client would stumble over the worst of them
            assert answer.status_code == 303, answer.status_code
            found += leads_elsewhere(answer.headers["location"], ours=[ADDRESS])
            found += [wanted] if "\n" in answer.headers["location"] else []
    return found


async def test_nothing_leads_to_another_site(premises: Premises) -> None:
    assert await leads_astray(premises, premises.app) == []


async def test_a_log_in_that_leads_anywhere_is_noticed(premises: Premises) -> None:
    async def gullible(scope: Scope, _receive: Receive, send: Send) -> None:
        wanted = httpx.QueryParams(scope["query_string"].decode()).get("next", "//evil.example").encode()
        await send({"type": "http.response.start", "status": 303, "headers": [(b"location", wanted)]})
        await send({"type": "http.response.body"})

    found = await leads_astray(premises, gullible)

    assert {"//evil.example", "/\\evil.example", f"{ADDRESS}.evil.example/", f"{ADDRESS}@evil.example/"} <= set(found)


NOT_ONES_OWN: Final[Mapping[str, Any]] = {
    "id": "00000000-0000-7000-8000-000000000000",
    "_id": "evil",
    "state": "accepted",
    "version": 99,
    "live_version": 99,
    "organisation": "zrot",
    "organiser": {"slug": "zrot", "name": "ZROT"},
    "review": {"state": "accepted"},
    "revision": 99,
    "channels": ["pot-berlin"],
    "outbox": [],
    "status": "confirmed",
    "__proto__": {"state": "accepted"},
    "$set": {"state": "accepted"},
}


async def fields_taken(premises: Premises, app: ASGIApp) -> list[str]:
    """Complain of a field that is not an organisation's to set, and that a submission is taken with all the same."""
    found = []
    for name, value in NOT_ONES_OWN.items():
        event = make_submission(external_id=None) | {name: value}
        answer = await premises.ask("POST", SUBMISSIONS, "owner", by_key=True, app=app, json=event)
        found += [name] if answer.status_code != 422 else []
    return found


async def test_nobody_sets_what_is_not_theirs(premises: Premises) -> None:
    assert await fields_taken(premises, premises.app) == []


async def test_fields_that_are_quietly_taken_are_noticed(premises: Premises) -> None:
    lenient = Lenient(premises.app)

    assert await fields_taken(premises, lenient) == list(NOT_ONES_OWN)


class Lenient:
    """Lets the application see only the fields that it knows, as a model does that ignores the rest."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on without unknown fields."""
        event = json.loads((await receive())["body"])
        kept = json.dumps({name: value for name, value in event.items() if name not in NOT_ONES_OWN}).encode()
        headers = [each for each in scope["headers"] if each[0] != b"content-length"]

        async def again() -> dict[str, Any]:
            return {"type": "http.request", "body": kept, "more_body": False}

        await self._app({**scope, "headers": [*headers, (b"content-length", str(len(kept)).encode())]}, again, send)


async def test_a_form_sets_nothing_that_is_not_its_own(premises: Premises) -> None:
    not_ours = {"state": "accepted", "organisation": "zrot", "_id": "evil", "live_version": "1"}
    form = {**FORM, "key": "a-form-of-today", **not_ours}

    sent = await premises.ask("POST", "/ingest/submissions/new", "owner", data=form)
    made = sent.headers["location"].rpartition("/")[2]
    kept = (await premises.ask("GET", f"{SUBMISSIONS}/{made}", "owner", by_key=True)).json()

    assert (kept["state"], kept["version"], kept["live_version"]) == ("waiting", 1, None)
    assert (await premises.ask("GET", f"{SUBMISSIONS}/{made}", "stranger", by_key=True)).status_code == 404


OPERATORS: Final[tuple[Any, ...]] = (
    {"$ne": None},
    {"$gt": ""},
    {"$regex": ".*"},
    {"$where": "sleep(1000)"},
    ["$ne", None],
    {"$in": ["zrot"]},
)


@pytest.mark.parametrize("operator", OPERATORS, ids=str)
async def test_an_operator_is_no_value(operator: object, premises: Premises) -> None:
    for change in ({"category": operator}, {"external_id": operator}, {"title": {"pl": operator}}, {"dates": operator}):
        event = make_submission(external_id=None) | change
        answer = await premises.ask("POST", f"{SUBMISSIONS}/validate", "owner", by_key=True, json=event)
        assert answer.status_code == 422
    reason = {"reason": operator, "comment": operator}
    refused = await premises.ask("POST", REJECT, "curator", by_key=True, json=reason, headers={"If-Match": "*"})
    assert refused.status_code in {404, 422}


REJECT: Final = "/calendar/api/v1/reviews/nothing/reject"


@pytest.mark.parametrize("name", ["state", "county", "cursor", "year", "limit"])
@pytest.mark.parametrize("way", ["{}[$ne]", "{}[$gt]", "{}.$where", "{}[]"])
async def test_an_operator_in_a_query_is_no_filter(name: str, way: str, premises: Premises) -> None:
    asked: tuple[tuple[str, Person], ...] = ((SUBMISSIONS, "owner"), ("/calendar/api/v1/reviews", "curator"))
    for address, who in asked:
        answer = await premises.ask("GET", address, who, by_key=True, params={way.format(name): "x"})
        assert answer.status_code == 400


async def test_an_operator_in_a_form_logs_nobody_in(premises: Premises) -> None:
    async with premises.browser(address="192.0.2.77") as browser:
        for form in (
            {"email[$ne]": "x", "password[$ne]": "x"},
            {"email": '{"$ne": null}', "password": '{"$ne": null}'},
            {"email": email_of("owner"), "password[$regex]": ".*"},
        ):
            answer = await browser.post("/ingest/login", data=form)
            assert answer.status_code == 422
            assert "set-cookie" not in answer.headers


NAMES: Final = (
    "a%0d%0aX-Evil:1",
    "a%22;filename=%22evil.exe",
    "%E2%80%AE",
    "..%2f..%2fetc%2fpasswd",
    "%00",
    "a%0ab.ics",
)


async def headers_made(premises: Premises, app: ASGIApp) -> list[str]:
    """Complain of a header, or half of one, that somebody put into an address."""
    found = []
    for name in NAMES:
        for address in (
            f"/pl/events/{name}.ics",
            f"/feeds/{name}.ics",
            f"/feeds/programme.{name}",
            f"/theme/{name}",
            f"/ingest/submissions/{name}",
            f"/{name}/",
            f"/pl/offices/{name}",
        ):
            answer = await premises.ask("GET", address, app=app)
            said, file = str(answer.headers.multi_items()), answer.headers.get("content-disposition", "")
            if "x-evil" in answer.headers or "evil" in file or "\\r" in said or "\\n" in said:
                found.append(address)
            assert answer.status_code < 500
    return found


async def test_no_address_becomes_a_header_or_a_file_name(premises: Premises) -> None:
    assert await headers_made(premises, premises.app) == []


async def test_an_address_that_becomes_a_header_is_noticed(premises: Premises) -> None:
    spoiled = holes.with_header(premises.app, "content-disposition", 'attachment; filename="a";filename="evil.exe"')

    assert await headers_made(premises, spoiled)


async def test_what_a_program_names_its_event_by_makes_no_header(premises: Premises) -> None:
    answer = await premises.ask(
        "PUT",
        f"{SUBMISSIONS}/by-reference/a%0d%0aX-Evil:1",
        "owner",
        by_key=True,
        json=make_submission(external_id=None),
    )

    assert answer.status_code == 404
    assert "x-evil" not in answer.headers
