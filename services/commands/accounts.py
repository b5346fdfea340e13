"""`kalendarium account …` and `kalendarium key …`: people and programs that may come in."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from shared.region import load_region
from shared.settings import CommonSettings, read_settings
from shared.web.accounts import Accounts, AccountUnknown, Role, open_accounts
from shared.web.passwords import LONGEST, SHORTEST, PasswordTooLong, PasswordTooShort

account = typer.Typer(no_args_is_help=True)
key = typer.Typer(no_args_is_help=True)

T = TypeVar("T")
Email = Annotated[str, typer.Argument(help="The account's e-mail address.")]


def _do(work: Callable[[Accounts], Awaitable[T]]) -> T:
    """Open the accounts, do something with them, and say in one line why it cannot be done."""

    async def run() -> T:
        async with open_accounts(read_settings(CommonSettings)) as accounts:
            await accounts.prepare()
            return await work(accounts)

    try:
        return asyncio.run(run())
    except AccountUnknown as unknown:
        _refuse(f"There is no account {unknown}; `kalendarium account list` shows all.")
    except (PasswordTooShort, PasswordTooLong):
        _refuse(f"A password has {SHORTEST} to {LONGEST} characters.")


def _refuse(reason: str) -> NoReturn:
    sys.stderr.write(f"{reason}\n")
    raise typer.Exit(1) from None


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
    _do(
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
    """List all accounts."""
    table = Table("e-mail", "organisation", "role", "state", box=None)
    for listed in _do(lambda accounts: accounts.list()):
        state = "disabled" if listed.disabled else "in use"
        table.add_row(listed.account.email, listed.account.organisation, listed.account.role, state)
    Console().print(table)


@account.command()
def disable(email: Email) -> None:
    """Let nobody in by this account any more, and end its sessions; keys stop within 10 seconds."""
    _do(lambda accounts: accounts.disable(email))


@account.command()
def enable(email: Email) -> None:
    """Let a disabled account in again."""
    _do(lambda accounts: accounts.enable(email))


@key.command()
def new(email: Email) -> None:
    """Make an API key for an account and print it, this once."""

    async def make(accounts: Accounts) -> str:
        found = await accounts.find(email)
        if found is None:
            raise AccountUnknown(email)
        return await accounts.new_key(found.id)

    typer.echo(_do(make))


@key.command()
def revoke(key_id: Annotated[str, typer.Argument(help="The middle part of kal_<id>_<secret>.")]) -> None:
    """End a key; it stops within 10 seconds."""
    if not _do(lambda accounts: accounts.revoke_key(key_id)):
        _refuse(f"There is no key {key_id} that still works.")
