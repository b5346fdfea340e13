"""The audit log: who did what, newest first."""

from __future__ import annotations

from shared.accounts.accounts import Accounts
from shared.accounts.audit import MAX_PAGE
from shared.accounts.model import Membership, put_membership, remove_membership
from shared.accounts.organisations import OrganisationRecord
from shared.database.client import Database

CURATOR = Membership("zrot", "ZROT", "curator", counties=("3262",))


async def test_what_is_done_to_people_and_keys_is_written_down(accounts: Accounts) -> None:
    account = await accounts.find("anna@lot.example")
    jan = await accounts.find("jan@zrot.example")
    assert account
    assert jan
    await accounts.change_person(account.id, lambda person: put_membership(person, CURATOR), by=jan.id)
    await accounts.change_person(account.id, lambda person: remove_membership(person, CURATOR.key), by=jan.id)
    key = await accounts.create_key(account.id, by=account.id)
    await accounts.revoke_key(key.split("_")[1], by=jan.id)
    await accounts.disable("anna@lot.example", by=jan.id)

    listed = [(each.act, each.by, dict(each.on)) for each in await accounts.audit.list(limit=5)]

    key_id = key.split("_")[1]
    assert listed == [
        ("account_disabled", jan.id, {"person": account.id}),
        ("key_revoked", jan.id, {"key": key_id}),
        ("key_created", account.id, {"person": account.id, "membership": "lot-ekologiczny:editor", "key": key_id}),
        ("membership_removed", jan.id, {"person": account.id, "membership": "zrot:curator"}),
        ("membership_added", jan.id, {"person": account.id, "membership": "zrot:curator"}),
    ]


async def test_what_is_done_to_organisations_is_written_down_once(accounts: Accounts) -> None:
    await accounts.organisations.add(OrganisationRecord("lot", "LOT", "LOT", None), by="1")
    await accounts.organisations.rename("lot", "LOT Nowy", by="1")
    for _ in range(2):
        await accounts.organisations.close("lot", by="1")

    assert [each.act for each in await accounts.audit.list(limit=3)] == [
        "organisation_closed",
        "organisation_renamed",
        "organisation_added",
    ]


async def test_the_log_is_read_page_by_page(accounts: Accounts) -> None:
    for number in range(7):
        await accounts.audit.add("invited", by=None, organisation=f"lot-{number}")

    first = await accounts.audit.list(limit=3)
    second = await accounts.audit.list(before=first[-1].id, limit=3)

    assert [each.on["organisation"] for each in (*first, *second)] == [f"lot-{number}" for number in range(6, 0, -1)]


async def test_no_name_and_no_address_is_in_the_log(accounts: Accounts, database: Database) -> None:
    await accounts.enable("anna@lot.example")

    stored = [str(each) async for each in database["audit"].find()]

    assert stored
    assert [each for each in stored if "@" in each or "Wójcik" in each] == []


async def test_old_entries_are_deleted_by_the_database_and_a_page_is_bounded(
    accounts: Accounts, database: Database
) -> None:
    indexes = await database["audit"].index_information()

    assert indexes["at_1"]["expireAfterSeconds"] > 0
    assert len(await accounts.audit.list(limit=10**9)) <= MAX_PAGE
