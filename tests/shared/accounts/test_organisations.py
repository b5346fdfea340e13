"""Organisations: seeded once, renamed and closed in the database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.accounts.accounts import Accounts
from shared.accounts.organisations import OrganisationRecord, OrganisationTaken, OrganisationUnknown, list_seeds
from shared.region import load_region
from tests.shared.conftest import Clock
from tests.shared.web.example import PASSWORD
from tests.support.running import REGION

LOT = OrganisationRecord(slug="lot-ekologiczny", name="LOT Ekologiczny", kind="LOT", county="3262")


async def test_the_region_pack_seeds_and_the_database_rules_afterwards(accounts: Accounts) -> None:
    await accounts.organisations.seed([LOT])
    await accounts.organisations.rename(LOT.slug, "LOT Morski")

    await accounts.organisations.seed([LOT])

    assert [(each.slug, each.name) for each in await accounts.organisations.list()] == [(LOT.slug, "LOT Morski")]


async def test_names_are_listed_in_the_order_of_their_language(accounts: Accounts) -> None:
    names = ("Żary", "Zator", "Łeba", "Lubin")
    seeds = [replace(LOT, slug=f"lot-{place}", name=each) for place, each in enumerate(names)]
    await accounts.organisations.seed(seeds)

    assert [each.name for each in await accounts.organisations.list()] == ["Lubin", "Łeba", "Zator", "Żary"]


async def test_the_seeds_are_those_that_send_or_curate() -> None:
    slugs = {each.slug for each in list_seeds(load_region(REGION))}

    assert {"zrot", "um-szczecin"} <= slugs
    assert "pot" not in slugs


async def test_a_new_name_is_the_one_that_accounts_have(accounts: Accounts) -> None:
    await accounts.organisations.seed([LOT])

    await accounts.organisations.rename(LOT.slug, "LOT Morski")
    account = await accounts.find("anna@lot.example")

    assert account
    assert (account.organisation_name, account.memberships[0].organisation_name) == ("LOT Morski", "LOT Morski")


async def test_an_account_knows_that_its_organisation_is_closed(accounts: Accounts, clock: Clock) -> None:
    await accounts.organisations.seed([LOT])
    token = await accounts.log_in("anna@lot.example", PASSWORD, "192.0.2.7")

    await accounts.organisations.close(LOT.slug)
    closed = await accounts.find_by_session(token)
    found = await accounts.organisations.find(LOT.slug)
    await accounts.organisations.reopen(LOT.slug)
    reopened = await accounts.find_by_session(token)

    assert closed
    assert reopened
    assert found
    assert (closed.is_closed, found.closed_at, reopened.is_closed) == (True, clock.now, False)


async def test_a_slug_belongs_to_one_organisation(accounts: Accounts) -> None:
    await accounts.organisations.add(LOT)

    with pytest.raises(OrganisationTaken):
        await accounts.organisations.add(LOT)
    with pytest.raises(OrganisationUnknown):
        await accounts.organisations.rename("nobody", "Nobody")
