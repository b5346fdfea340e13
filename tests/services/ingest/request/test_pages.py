"""An organisation is asked for an event: what it sees, and what it answers."""

from __future__ import annotations

from html import unescape
from typing import Any

import httpx
import pytest

from shared.messages import ContributionRequested
from shared.web.csrf import derive_csrf_token
from shared.web.http.session_cookie import get_session_cookie_name
from tests.services.ingest.conftest import PASSWORD, Ingest
from tests.support.builders import make_submission

PAGE = "/ingest/requests/r1"
ASKED = ContributionRequested(
    request_id="r1",
    number=1,
    organisation="lot-szczecin",
    text="W listopadzie nie ma nic.",
    until="2027-12-10",
    asked_at="2026-11-28T12:00:00.000Z",
    county="3262",
    month="2027-11",
)


@pytest.fixture
async def asked(ingest: Ingest) -> Ingest:
    await ingest.state.requests.apply(ASKED)
    return ingest


async def act(ingest: Ingest, method: str, path: str, email: str = "lot@example.pl", **data: str) -> httpx.Response:
    token = await ingest.accounts.log_in(email, PASSWORD, "127.0.0.1")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=ingest.app),
        base_url="http://ingest.test",
        headers={"Sec-Fetch-Site": "same-origin", "Accept-Language": "pl"},
        cookies={get_session_cookie_name(https=False): token},
    ) as client:
        sent: dict[str, Any] = {"data": {"csrf": derive_csrf_token(token), **data}} if method == "POST" else {}
        return await client.request(method, path, **sent)


async def get_answer(ingest: Ingest) -> tuple[str | None, str | None]:
    found = await ingest.state.requests.find("r1", "lot-szczecin")
    assert found
    return (found.own.submission_id, found.own.reason) if found.own else (None, None)


async def test_request_is_a_to_do_of_the_organisation_alone(asked: Ingest) -> None:
    own, other = await act(asked, "GET", "/ingest/"), await act(asked, "GET", "/ingest/", "inny@example.pl")

    assert "W listopadzie nie ma nic." in unescape(own.text)
    assert "W listopadzie nie ma nic." not in unescape(other.text)
    assert (await act(asked, "GET", PAGE, "inny@example.pl")).status_code == 404


async def test_draft_for_a_request_answers_it_once_it_is_sent(asked: Ingest) -> None:
    started = await act(asked, "POST", PAGE, act="draft")
    assert started.status_code == 303
    draft = await asked.state.drafts.find(started.headers["location"].rpartition("/")[2], "lot-szczecin")
    assert draft
    assert (draft.fields["month"], draft.fields["venue.county"]) == (("2027-11",), ("3262",))

    await asked.state.drafts.end(draft, "sent", sent_as="s1")
    await act(asked, "GET", "/ingest/")

    assert await get_answer(asked) == ("s1", None)


async def test_event_that_is_there_answers(asked: Ingest) -> None:
    sent = await asked.lot.post("/ingest/api/v1/submissions", json=make_submission())
    foreign = await act(asked, "POST", PAGE, act="event", submission="nothing")
    done = await act(asked, "POST", PAGE, act="event", submission=sent.json()["id"])

    assert (foreign.status_code, done.status_code) == (422, 303)
    assert await get_answer(asked) == (sent.json()["id"], None)


async def test_no_needs_its_reason_and_is_said_once(asked: Ingest) -> None:
    empty = await act(asked, "POST", PAGE, act="refuse", reason=" ")
    done = await act(asked, "POST", PAGE, act="refuse", reason="Nie mamy pieniędzy.")
    again = await act(asked, "POST", PAGE, act="refuse", reason="Jednak nie.")

    assert (empty.status_code, done.status_code, again.status_code) == (422, 303, 409)
    assert await get_answer(asked) == (None, "Nie mamy pieniędzy.")


async def test_request_taken_back_is_no_to_do_any_more(asked: Ingest) -> None:
    await asked.state.requests.apply(
        ContributionRequested(
            request_id="r1",
            number=2,
            organisation="lot-szczecin",
            text=ASKED.text,
            until=ASKED.until,
            asked_at=ASKED.asked_at,
            state="withdrawn",
        )
    )

    assert await asked.state.requests.apply(ASKED) is False
    assert "W listopadzie nie ma nic." not in unescape((await act(asked, "GET", "/ingest/")).text)
    assert "Kuratorzy cofnęli tę prośbę." in unescape((await act(asked, "GET", PAGE)).text)
