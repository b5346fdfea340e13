"""`kalendarium person erase`: what it says, and what it refuses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

import pytest
from pymongo import MongoClient
from typer.testing import CliRunner, Result

from services.admin.cli.person import LAST_ADMINISTRATOR, NOTHING
from services.cli import kalendarium
from shared.accounts.accounts import Role
from shared.settings import CommonSettings
from tests.support.accounts import open_quick_accounts
from tests.support.clients import PASSWORD
from tests.support.running import REGION

Command = Callable[..., Result]
ANNA: Final = "anna@lot.example"


@pytest.fixture
def command(mongo_url: str, database_name: str) -> Command:
    environment = {"KAL_MONGO_URL": mongo_url, "KAL_DATABASE_PREFIX": database_name, "KAL_REGION": str(REGION)}
    return lambda *arguments, **typed: CliRunner().invoke(
        kalendarium, ["person", "erase", *arguments], env=environment, **typed
    )


@pytest.fixture
def add(mongo_url: str, database_name: str) -> Callable[[str, Role], None]:
    """Add somebody to the LOT."""

    def do(email: str, role: Role) -> None:
        async def put() -> None:
            settings = CommonSettings(mongo_url=mongo_url, database_prefix=database_name)
            async with open_quick_accounts(settings) as accounts:
                names = {"name": "Anna Żak", "organisation": "lot", "organisation_name": "LOT"}
                await accounts.put_account(email=email, role=role, password=PASSWORD, **names)

        asyncio.run(put())

    return do


def count(client: MongoClient[dict[str, Any]], prefix: str) -> int:
    return client[f"{prefix}_accounts"]["accounts"].count_documents({"disabled_at": None})


def test_dry_run_counts_by_place_warns_of_namesakes_and_changes_nothing(
    command: Command, add: Callable[..., None], mongo_client: MongoClient[dict[str, Any]], database_name: str
) -> None:
    add(ANNA, "editor")
    add("other@lot.example", "editor")

    ended = command(ANNA, "--dry-run")

    assert ended.exit_code == 0, ended.stderr
    assert ended.stdout.startswith(f"{ANNA} is in\n  accounts: sessions ")
    assert "\n  ingest: submissions " in ended.stdout
    assert ended.stdout.endswith(
        "Of the same name are other@lot.example: what stands there by name alone cannot be told apart and goes too.\n"
    )
    assert count(mongo_client, database_name) == 2


def test_who_does_not_confirm_erases_nothing(
    command: Command, add: Callable[..., None], mongo_client: MongoClient[dict[str, Any]], database_name: str
) -> None:
    add(ANNA, "editor")

    ended = command(ANNA, input="n\n")

    assert ended.exit_code == 1
    assert "It cannot be undone" in ended.stdout
    assert count(mongo_client, database_name) == 1


def test_last_administrator_is_refused_with_what_to_do(
    command: Command, add: Callable[..., None], mongo_client: MongoClient[dict[str, Any]], database_name: str
) -> None:
    add(ANNA, "administrator")

    ended = command(ANNA, "--yes")

    assert (ended.exit_code, ended.stderr) == (1, f"{LAST_ADMINISTRATOR}\n")
    assert count(mongo_client, database_name) == 1


def test_address_without_an_account_is_erased_where_it_is_a_contact(
    command: Command, mongo_client: MongoClient[dict[str, Any]], database_name: str
) -> None:
    declines = mongo_client[f"{database_name}_ingest"]["declines"]
    declines.insert_one({"_id": "1", "organisation": "lot", "reason": f"Mówi {ANNA}"})

    ended = command(f" {ANNA.upper()}", "--yes")

    assert ended.exit_code == 0, ended.stderr
    assert "There is no account of this address" in ended.stdout
    assert "after a restore, erase again" in ended.stdout
    assert declines.find_one({}, {"_id": 0, "reason": 1}) == {"reason": "Mówi […]"}
    assert command(ANNA).stdout == f"{NOTHING}\n"
