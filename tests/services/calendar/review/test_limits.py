"""Curators with limits, and curators who are editors too: what is not theirs to decide."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial

import httpx
import msgspec
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.calendar.entry.arrival import receive
from services.calendar.entry.model import Entry, is_within
from services.calendar.entry.repository import Entries
from services.calendar.entry.selection import EntrySelection
from services.calendar.review.model import accept, withdraw
from services.calendar.state import Service
from shared.accounts.model import Membership, Person, put_membership
from shared.event.limits import Limits
from shared.messages import Organiser
from tests.services.calendar.builders import LOT, NOW, make_event, make_message, make_waiting
from tests.services.calendar.conftest import Calendar, arrive, browser

REVIEWS = "/calendar/api/v1/reviews"
SZCZECIN = make_event()
KOSZALIN = make_event(venue={"town": "Koszalin", "county": "3261"})
CONCERT = make_event(category="concert")


def put(membership: Membership, person: Person) -> Person:
    return put_membership(person, membership)


async def limit(calendar: Calendar, **limits: tuple[str, ...]) -> Membership:
    """Limit the curator, by the process that serves them: its keys know it at once."""
    account = await calendar.accounts.find("curator@example.pl")
    assert account
    membership = Membership("zrot", "ZROT", "curator", **limits)  # type: ignore[arg-type]  # counties or categories
    await calendar.app.state.accounts.change_person(account.id, partial(put, membership))
    return membership


@pytest.fixture
async def filled(calendar: Calendar) -> Calendar:
    for name, event in (("a", SZCZECIN), ("b", KOSZALIN), ("c", CONCERT)):
        await arrive(calendar, name, event=event)
    return calendar


@pytest.mark.parametrize(
    ("limits", "seen"),
    [
        ({}, {"0195-a", "0195-b", "0195-c"}),
        ({"counties": ("3262",)}, {"0195-a", "0195-c"}),
        ({"categories": ("maritime",)}, {"0195-a", "0195-b"}),
        ({"counties": ("3261",), "categories": ("concert",)}, set()),
    ],
)
async def test_a_curator_with_limits_lists_and_reads_what_is_inside(
    filled: Calendar, limits: dict[str, tuple[str, ...]], seen: set[str]
) -> None:
    await limit(filled, **limits)

    listed = (await filled.curator.get(REVIEWS)).json()["items"]
    read = {name for name in "abc" if (await filled.curator.get(f"{REVIEWS}/0195-{name}")).status_code == 200}

    assert {each["id"] for each in listed} == seen
    assert {f"0195-{name}" for name in read} == seen


ACTS = [("accept", {}), ("reject", {"reason": "incomplete"}), ("request-changes", {"comment": "Godzina?"})]


@pytest.mark.parametrize(("act", "body"), [*ACTS, ("cancel", {}), ("withdraw", {})])
async def test_what_is_outside_is_answered_like_what_is_not_there(
    filled: Calendar, act: str, body: dict[str, str]
) -> None:
    await limit(filled, counties=("3261",))
    headers = {"If-Match": "*"}

    outside = await filled.curator.post(f"{REVIEWS}/0195-a/{act}", json=body, headers=headers)
    nothing = await filled.curator.post(f"{REVIEWS}/0195-x/{act}", json=body, headers=headers)

    assert (outside.status_code, outside.json()["type"]) == (404, "/problems/not_found")
    assert outside.json()["title"] == nothing.json()["title"]
    entry = await filled.state.entries.find("0195-a")
    assert entry
    assert entry.review_number == 1


async def test_many_decisions_at_once_leave_out_what_is_outside(filled: Calendar) -> None:
    await limit(filled, counties=("3261",))
    decisions = [{"id": f"0195-{name}", "review_number": 1, "decision": "accept"} for name in "abx"]

    answer = await filled.curator.post(f"{REVIEWS}/decisions", json={"decisions": decisions})

    assert [each["status"] for each in answer.json()["items"]] == [404, 200, 404]


async def test_the_queue_page_shows_counts_and_decides_only_what_is_inside(filled: Calendar) -> None:
    await limit(filled, counties=("3261",))
    opened = await browser(filled, "curator")
    async with opened.client:
        queue = await opened.read("/calendar/")
        entry = await opened.read("/calendar/entries/0195-b")
        outside = [
            (await opened.open("/calendar/entries/0195-a")).status_code,
            (await opened.send("/calendar/entries/0195-a/decision", {"decision": "accept", "review_number": 1})),
        ]
        picked = await opened.send(
            "/calendar/decisions", {"entry": ["0195-a.1", "0195-b.1"], "decision": "accept", "back": "/calendar/"}
        )

    assert "0195-b" in queue
    assert "0195-a" not in queue
    assert "Do decyzji (1 z 1)" in entry
    assert outside[0] == 404
    assert picked.status_code == 409
    assert "Przyjęto 1 wpis" in picked.text
    untouched = await filled.state.entries.find("0195-a")
    assert untouched
    assert untouched.waiting


async def test_an_event_that_moves_into_a_county_is_nobodys_who_has_only_that_county(filled: Calendar) -> None:
    await filled.curator.post(f"{REVIEWS}/0195-a/accept", headers={"If-Match": "*"})
    await filled.receive(make_message(2, submission_id="0195-a", event=KOSZALIN))
    status = {}
    for counties in (("3261",), ("3262",), ("3261", "3262")):
        await limit(filled, counties=counties)
        status[counties] = (await filled.curator.get(f"{REVIEWS}/0195-a")).status_code

    assert status == {("3261",): 404, ("3262",): 404, ("3261", "3262"): 200}


async def test_the_programme_is_limited_too(filled: Calendar) -> None:
    for name in "ab":
        await filled.curator.post(f"{REVIEWS}/0195-{name}/accept", headers={"If-Match": "*"})
    await limit(filled, counties=("3261",))

    programme = (await filled.curator.get("/calendar/api/v1/programme/2027")).json()["items"]

    assert [each["id"] for each in programme] == ["0195-b"]


EVENTS = st.builds(
    lambda county, category, also: make_event(
        category=category, also=also, venue={"town": "Szczecin", "county": county}
    ),
    st.sampled_from(["3261", "3262", "3263"]),
    st.sampled_from(["maritime", "concert", "sport"]),
    st.lists(st.sampled_from(["family", "maritime"]), max_size=1),
)
LIMITS = st.builds(
    Limits,
    st.lists(st.sampled_from(["3261", "3262", "3263"]), unique=True, max_size=2),
    st.lists(st.sampled_from(["maritime", "concert"]), unique=True, max_size=2),
)


@pytest.fixture
async def kept(entries: Entries) -> AsyncIterator[Entries]:
    yield entries
    await entries.collection.delete_many({})


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=EVENTS, second=EVENTS, limits=LIMITS, way=st.sampled_from(["waiting", "live", "changed", "withdrawn"]))
async def test_lists_and_single_entries_agree_on_what_is_inside(
    kept: Entries, first: dict[str, object], second: dict[str, object], limits: Limits, way: str
) -> None:
    await kept.collection.delete_many({})
    entry = await store(kept, first, second, way)
    within = kept.within(limits)

    listed = [each.id for each in await within.list_queue(EntrySelection(), limit=5)]

    assert listed == ([entry.id] if is_within(entry, limits) else [])
    assert (await within.find(entry.id) is not None) == bool(listed)
    assert await within.count(EntrySelection()) == len(listed)
    assert list(await within.find_many([entry.id])) == listed


async def store(entries: Entries, first: dict[str, object], second: dict[str, object], way: str) -> Entry:
    """Keep an entry that waits, is live, is live with a change that waits, or was withdrawn."""
    entry = make_waiting(1, event=first)
    if way != "waiting":
        entry, _ = accept(entry, by="Anna", now=NOW)
    if way == "changed":
        entry, _ = receive(entry, make_message(2, event=second), now=NOW)
    if way == "withdrawn":
        entry, _ = withdraw(entry, by="Anna", now=NOW)
    assert await entries.save(None, entry, [], at=NOW)
    return entry


async def make_editor_too(calendar: Calendar) -> None:
    account = await calendar.accounts.find("curator@example.pl")
    assert account
    await calendar.app.state.accounts.change_person(account.id, partial(put, Membership(LOT.slug, LOT.name, "editor")))


@pytest.mark.parametrize(("act", "body"), ACTS)
async def test_nobody_decides_on_what_their_organisation_sent(
    calendar: Calendar, act: str, body: dict[str, str]
) -> None:
    await arrive(calendar, "a")
    await arrive(calendar, "b", organiser=Organiser("ck105", "CK 105"))
    await make_editor_too(calendar)

    own = await calendar.curator.post(f"{REVIEWS}/0195-a/{act}", json=body, headers={"If-Match": "*"})
    other = await calendar.curator.post(f"{REVIEWS}/0195-b/{act}", json=body, headers={"If-Match": "*"})

    assert (own.status_code, own.json()["type"]) == (409, "/problems/four_eyes")
    assert other.status_code == 200


async def test_the_page_of_an_own_entry_says_who_decides(calendar: Calendar) -> None:
    await arrive(calendar, "a")
    await make_editor_too(calendar)
    opened = await browser(calendar, "curator")
    async with opened.client:
        page = await opened.read("/calendar/entries/0195-a")
        sent = await opened.send("/calendar/entries/0195-a/decision", {"decision": "accept", "review_number": 1})

    assert "Decyduje inny kurator" in page
    assert 'name="decision"' not in page
    assert sent.status_code == 409


async def test_an_office_of_one_person_decides_on_its_own(calendar: Calendar) -> None:
    await arrive(calendar, "a")
    await make_editor_too(calendar)
    one_person = msgspec.structs.replace(calendar.state.region, four_eyes=False)
    calendar.app.state.service = replace(calendar.state, region=one_person)

    own = await calendar.curator.post(f"{REVIEWS}/0195-a/accept", headers={"If-Match": "*"})

    assert own.status_code == 200


async def test_a_route_without_a_role_gets_no_state(calendar: Calendar) -> None:
    app = FastAPI()
    app.state.service = calendar.state

    async def read(state: Service) -> str:
        return str(state.edited)

    app.add_api_route("/open", read)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://calendar.test") as one:
        with pytest.raises(LookupError):
            await one.get("/open")
