"""`kalendarium account …` and `kalendarium key …`: accounts of people, keys of programs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from services.admin.cli.failure import fail
from shared.accounts.accounts import Accounts, AccountSummary, AccountUnknown, Role, open_accounts
from shared.accounts.passwords import MAX_LENGTH, MIN_LENGTH, PasswordTooLong, PasswordTooShort
from shared.region import load_region
from shared.settings import CommonSettings, read_settings

account = typer.Typer(no_args_is_help=True)
key = typer.Typer(no_args_is_help=True)

T = TypeVar("T")
Email = Annotated[str, typer.Argument(help="The account's e-mail address.")]


def _run_with_accounts(work: Callable[[Accounts], Awaitable[T]]) -> T:
    async def run() -> T:
        async with open_accounts(read_settings(CommonSettings)) as accounts:
            await accounts.prepare()
            return await work(accounts)

    try:
        return asyncio.run(run())
    except AccountUnknown as unknown:
        fail(f"There is no account {unknown}; `kalendarium account list` shows all.")
    except (PasswordTooShort, PasswordTooLong):
        fail(f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters.")


@account.command("add")
def add_account(
    email: Email,
    organisation: Annotated[str, typer.Option(help="Its slug in the region pack.")],
    name: Annotated[str, typer.Option(help="The person's name, or the organisation's.")],
    role: Annotated[str, typer.Option(help="editor, curator or administrator.")] = "editor",
) -> None:
    """Add an account, or bring it up to date; asks for the password."""
    roles: dict[str, Role] = {"editor": "editor", "curator": "curator", "administrator": "administrator"}
    if role not in roles:
        raise typer.BadParameter(f"{role} is no role; there are {', '.join(roles)}")
    found = load_region(read_settings(CommonSettings).region).organisations.get(organisation)
    if found is None:
        raise typer.BadParameter(f"the region pack has no organisation {organisation}")
    password = typer.prompt("Password (12 characters or more)", hide_input=True, confirmation_prompt=True)
    _run_with_accounts(
        lambda accounts: accounts.put_account(
            email=email,
            name=name,
            organisation=organisation,
            organisation_name=found.name,
            role=roles[role],
            password=password,
        )
    )


@account.command("list")
def list_accounts() -> None:
    """List all accounts, with the ids of the keys that work."""
    listed = _run_with_accounts(lambda accounts: accounts.list())
    rows = [("e-mail", "organisation", "role", "state", "keys"), *map(_make_row, listed)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:  # never cut to the width of a terminal: addresses and ids are copied from here
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _make_row(listed: AccountSummary) -> tuple[str, str, str, str, str]:
    who = listed.account
    return who.email, who.organisation, who.role, "disabled" if listed.disabled else "in use", ", ".join(listed.keys)


@account.command()
def disable(email: Email) -> None:
    """Let nobody in by this account any more, and end its sessions; keys stop within 10 seconds."""
    _run_with_accounts(lambda accounts: accounts.disable(email))


@account.command()
def enable(email: Email) -> None:
    """Let a disabled account in again."""
    _run_with_accounts(lambda accounts: accounts.enable(email))


@key.command()
def new(email: Email) -> None:
    """Make an API key for an account and print it, this once."""

    async def make(accounts: Accounts) -> str:
        found = await accounts.find(email)
        if found is None:
            raise AccountUnknown(email)
        return await accounts.create_key(found.id)

    typer.echo(_run_with_accounts(make))


@key.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="Its id, from `account list`: the middle part of kal_<id>_<secret>.")],
) -> None:
    """End a key; it stops within 10 seconds."""
    if not _run_with_accounts(lambda accounts: accounts.revoke_key(key_id)):
        fail(f"There is no key {key_id} that still works.")
