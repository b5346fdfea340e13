"""One-time links, in a real MongoDB."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from shared.accounts.tokens import LIFETIMES, RECOGNISED_FOR, LinkExpired, LinkPurpose, OneTimeLinks
from shared.database.client import Database
from shared.redact import redact_credentials
from tests.shared.conftest import Clock

SECOND = timedelta(seconds=1)


@pytest.fixture
async def links(database: Database, clock: Clock) -> OneTimeLinks:
    found = OneTimeLinks(database["links"], clock)
    await found.prepare()
    return found


async def test_a_link_leads_to_its_subject_until_it_is_used(links: OneTimeLinks) -> None:
    token = await links.create("password", "anna")

    assert [await links.find("password", token) for _ in range(2)] == ["anna", "anna"]
    assert await links.use("password", token) == "anna"
    with pytest.raises(LinkExpired):
        await links.find("password", token)
    with pytest.raises(LinkExpired):
        await links.use("password", token)


@pytest.mark.parametrize("purpose", LIFETIMES)
async def test_a_link_ends_with_its_lifetime(links: OneTimeLinks, clock: Clock, purpose: LinkPurpose) -> None:
    token = await links.create(purpose, "anna")

    clock.passes(LIFETIMES[purpose] - SECOND)
    assert await links.find(purpose, token) == "anna"
    clock.passes(SECOND)
    with pytest.raises(LinkExpired):
        await links.use(purpose, token)


async def test_of_concurrent_uses_one_succeeds(links: OneTimeLinks) -> None:
    token = await links.create("password", "anna")

    results = await asyncio.gather(*(links.use("password", token) for _ in range(8)), return_exceptions=True)

    assert sorted(map(repr, results)) == ["'anna'", *["LinkExpired()"] * 7]


async def test_a_new_invitation_ends_the_one_before_and_no_other_link(links: OneTimeLinks) -> None:
    old = await links.create("invitation", "anna")
    others = await links.create("invitation", "jan"), await links.create("password", "anna")

    new = await links.create("invitation", "anna")

    with pytest.raises(LinkExpired):
        await links.find("invitation", old)
    assert await links.find("invitation", new) == "anna"
    assert await links.find("invitation", others[0]) == "jan"
    assert await links.find("password", others[1]) == "anna"


async def test_links_for_a_password_work_side_by_side_until_one_is_used(links: OneTimeLinks) -> None:
    tokens = [await links.create("password", "anna") for _ in range(3)]
    others = await links.create("password", "jan"), await links.create("invitation", "anna")

    assert [await links.find("password", each) for each in tokens] == ["anna"] * 3
    assert await links.use("password", tokens[0]) == "anna"
    for each in tokens:
        with pytest.raises(LinkExpired):
            await links.find("password", each)
    assert await links.find("password", others[0]) == "jan"
    assert await links.find("invitation", others[1]) == "anna"


async def test_a_link_serves_its_purpose_only(links: OneTimeLinks) -> None:
    token = await links.create("invitation", "anna")

    with pytest.raises(LinkExpired):
        await links.use("password", token)
    assert await links.recognise("password", token) is None
    assert await links.use("invitation", token) == "anna"


@pytest.mark.parametrize("token", ["", "x", "kal_link_", "kal_link_" + "A" * 43, "\ud800", "a" * 100_000])
async def test_what_never_was_a_link_is_like_an_old_one(links: OneTimeLinks, token: str) -> None:
    with pytest.raises(LinkExpired):
        await links.find("password", token)
    with pytest.raises(LinkExpired):
        await links.use("password", token)
    assert await links.recognise("password", token) is None


async def test_a_used_or_old_link_is_still_recognised(links: OneTimeLinks, clock: Clock) -> None:
    used, old = await links.create("password", "anna"), await links.create("invitation", "jan")
    await links.use("password", used)
    clock.passes(LIFETIMES["invitation"])

    assert await links.recognise("password", used) == "anna"
    assert await links.recognise("invitation", old) == "jan"


async def test_a_link_is_forgotten_in_the_end(links: OneTimeLinks, database: Database, clock: Clock) -> None:
    await links.create("password", "anna")

    kept = await database["links"].find_one()
    indexes = await database["links"].index_information()

    assert kept is not None
    assert kept["removed_at"] == clock() + LIFETIMES["password"] + RECOGNISED_FOR
    assert indexes["removed_at_1"]["expireAfterSeconds"] == 0


async def test_a_token_is_not_stored_and_not_logged(links: OneTimeLinks, database: Database) -> None:
    token = await links.create("password", "anna")

    assert token.removeprefix("kal_link_") not in str(await database["links"].find().to_list())
    assert redact_credentials(f"GET /ingest/password/{token}") == "GET /ingest/password/[hidden]"
