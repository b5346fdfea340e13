"""Addresses that take no mail or left a list, and the link to leave it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.database.client import Database
from shared.mail.addresses import AddressSigner, MailAddresses, TokenInvalid

SIGNER = AddressSigner(b"x" * 32)
NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


@pytest.fixture
def addresses(database: Database) -> MailAddresses:
    return MailAddresses(database["mail_addresses"], now=lambda: NOW)


@given(st.text(max_size=60), st.from_regex(r"[a-z][a-z0-9-]{0,39}", fullmatch=True))
def test_token_names_the_list_and_the_address_by_its_key(email: str, list_name: str) -> None:
    token = SIGNER.make_token(email, list_name)

    assert SIGNER.read_token(token) == (SIGNER.derive_key(email), list_name)
    assert token.isascii()


def test_token_does_not_show_the_address() -> None:
    assert "anna" not in SIGNER.make_token("anna@lot.example", "digest")


@given(st.text(max_size=100))
def test_other_text_is_no_token(text: str) -> None:
    with pytest.raises(TokenInvalid):
        SIGNER.read_token(text)


def test_token_of_one_list_leaves_no_other() -> None:
    _list, _dot, rest = SIGNER.make_token("anna@lot.example", "digest").partition(".")

    with pytest.raises(TokenInvalid):
        SIGNER.read_token(f"reminders.{rest}")


def test_token_of_another_installation_is_none() -> None:
    with pytest.raises(TokenInvalid):
        SIGNER.read_token(AddressSigner(b"y" * 32).make_token("anna@lot.example", "digest"))


def test_address_has_one_key_however_it_is_written() -> None:
    assert SIGNER.derive_key(" Anna@LOT.example") == SIGNER.derive_key("anna@lot.example")


async def test_address_takes_mail_until_it_refuses_some(addresses: MailAddresses) -> None:
    assert (await addresses.find("anna")).refused_at is None

    await addresses.mark_refused("anna", "550 5.1.1 no such user")

    found = await addresses.find("anna")
    assert (found.refused_at, found.reason) == (NOW, "550 5.1.1 no such user")


async def test_cleared_address_takes_mail_again(addresses: MailAddresses) -> None:
    await addresses.mark_refused("anna", "550")

    assert [await addresses.clear("anna"), await addresses.clear("anna")] == [True, False]
    assert (await addresses.find("anna")).refused_at is None


async def test_lists_are_left_one_by_one_and_joined_again(addresses: MailAddresses) -> None:
    for name in ("digest", "reminders", "digest"):
        await addresses.unsubscribe("anna", name)
    assert (await addresses.find("anna")).unsubscribed == {"digest", "reminders"}

    await addresses.resubscribe("anna", "digest")

    assert (await addresses.find("anna")).unsubscribed == {"reminders"}


async def test_who_left_a_list_still_refuses(addresses: MailAddresses) -> None:
    await addresses.mark_refused("anna", "550")
    await addresses.unsubscribe("anna", "digest")

    found = await addresses.find("anna")
    assert (found.refused_at, found.unsubscribed) == (NOW, frozenset({"digest"}))


async def test_forgotten_address_leaves_nothing(addresses: MailAddresses, database: Database) -> None:
    await addresses.mark_refused("anna", "550")

    await addresses.forget("anna")

    assert await database["mail_addresses"].count_documents({}) == 0
