"""An organisation is asked for an event: what it sees, and what it answers."""

from __future__ import annotations

from dataclasses import replace
from html import unescape
from typing import Any

import httpx
import msgspec
import pytest

from services.ingest.draft import commands
from services.ingest.draft.commands import TypedPage
from services.ingest.draft.documents import make_key, write_draft
from services.ingest.draft.model import Draft, Typist
from services.ingest.form.mapping import write_form
from services.ingest.request.commands import close_answered
from services.ingest.request.repository import MAX_OPEN
from shared.accounts.accounts import Account
from shared.messages import ContributionRequested
from shared.web.csrf import derive_csrf_token
from shared.web.http.session_cookie import get_session_cookie_name
from tests.services.ingest.builders import kept_event
from tests.services.ingest.conftest import PASSWORD, Ingest
from tests.services.ingest.forms import inputs, logged_in
from tests.support.builders import make_submission

PAGE = "/ingest/requests/r1"
OURS = "lot-szczecin"
ANNA = Account("a1", "anna@example.pl", "Anna Żak", OURS, "LOT", "editor")
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


async def start_draft(ingest: Ingest) -> Draft:
    """An editor begins an event for the request."""
    started = await act(ingest, "POST", PAGE, act="draft")
    found = await ingest.state.drafts.find(started.headers["location"].rpartition("/")[2], OURS)
    assert found
    return found


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


async def test_draft_of_two_people_answers_its_request_once_it_is_sent(asked: Ingest) -> None:
    draft = await start_draft(asked)
    hers = TypedPage(draft_id=draft.id, fields=draft.fields, seen={}, by=Typist("a1", "Anna Żak", "p1"))
    his = replace(hers, fields={"title.pl": ["Rejs"]}, by=Typist("a2", "Jan Lis", "p2"))
    await commands.save(asked.state, ANNA, his)

    await commands.end_sent(asked.state, ANNA, hers, sent_as="s1", version=1)
    await close_answered(asked.state)

    assert await asked.state.drafts.count(ANNA.organisation) == 1
    assert await get_answer(asked) == ("s1", None)


async def test_draft_answers_its_request_behind_many_without_an_answer_even_if_the_process_died(asked: Ingest) -> None:
    for number in range(MAX_OPEN):
        older = msgspec.structs.replace(ASKED, request_id=f"older-{number}", until="2027-01-01")
        await asked.state.requests.apply(older)
    draft = await start_draft(asked)
    browser = await logged_in(asked)
    form = inputs((await browser.get(f"/ingest/drafts/{draft.id}")).text) | write_form(kept_event())
    sent = await browser.post("/ingest/submissions/new", data=form)
    await asked.state.drafts.collection.replace_one({"_id": make_key(draft.id, OURS)}, write_draft(draft))

    closed = [await close_answered(asked.state) for _ in range(2)]

    assert closed == [1, 0]
    assert await get_answer(asked) == (sent.headers["location"].rpartition("/")[2], None)


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
