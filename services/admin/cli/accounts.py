"""`kalendarium account …` and `kalendarium key …`: accounts of people, keys of programs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Annotated, TypeVar

import typer

from services.admin.cli.failure import fail
from shared.accounts.accounts import Accounts, AccountSummary, AccountUnknown, Role, open_accounts
from shared.accounts.model import MAX_MEMBERSHIPS, ROLES, Membership, TooManyMemberships, put_membership
from shared.accounts.passwords import MAX_LENGTH, MIN_LENGTH, PasswordTooLong, PasswordTooShort
from shared.email_address import AddressInvalid, encode_address
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
    except TooManyMemberships:
        fail(f"A person has at most {MAX_MEMBERSHIPS} memberships.")


@account.command("add")
def add_account(  # noqa: PLR0917 - one per option
    email: Email,
    organisation: Annotated[str, typer.Option(help="Its slug.")],
    name: Annotated[str, typer.Option(help="The person's name, or the organisation's.")],
    role: Annotated[str, typer.Option(help="editor, curator, chief, translator or administrator.")] = "editor",
    county: Annotated[list[str] | None, typer.Option(help="Limits a curator to this county; may repeat.")] = None,
    category: Annotated[list[str] | None, typer.Option(help="Limits a curator to this category; may repeat.")] = None,
) -> None:
    """Add an account, or a membership to one, or bring it up to date; asks for the password."""
    found_role = _read_role(role)
    counties, categories = _read_limits(county or (), category or ())
    _run_with_accounts(partial(_check_address, email))
    organisation_name = _run_with_accounts(partial(_find_organisation_name, organisation))
    password = typer.prompt("Password (12 characters or more)", hide_input=True, confirmation_prompt=True)
    membership = Membership(organisation, organisation_name, found_role, counties, categories)

    async def put(accounts: Accounts) -> bool:
        is_new = await accounts.find(email) is None
        account = await accounts.put_account(
            email=email,
            name=name,
            organisation=organisation,
            organisation_name=organisation_name,
            role=found_role,
            password=password,
        )
        if counties or categories:
            await accounts.change_person(account.id, lambda person: put_membership(person, membership))
        return is_new

    done = "Added" if _run_with_accounts(put) else "Brought up to date"
    typer.echo(f"{done}: {email}, {found_role} of {organisation_name}.")


async def _check_address(email: str, accounts: Accounts) -> None:
    """Of a new account only: earlier releases took any name."""
    if await accounts.find(email) is None:
        try:
            encode_address(email)
        except AddressInvalid:
            raise typer.BadParameter(f"{email} is no e-mail address") from None


def _read_role(name: str) -> Role:
    found = next((each for each in ROLES if each == name), None)
    if found is None:
        raise typer.BadParameter(f"{name} is no role; there are {', '.join(sorted(ROLES))}")
    return found


def _read_limits(counties: Sequence[str], categories: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    region = load_region(read_settings(CommonSettings).region)
    unknown = [each for each in counties if each not in region.counties]
    unknown += [each for each in categories if each not in region.categories]
    if unknown:
        raise typer.BadParameter(f"the region pack has no {', '.join(unknown)}")
    return tuple(counties), tuple(categories)


async def _find_organisation_name(slug: str, accounts: Accounts) -> str:
    found = await accounts.organisations.find(slug)
    seeded = load_region(read_settings(CommonSettings).region).organisations.get(slug)
    if found is None and seeded is None:
        raise typer.BadParameter(f"there is no organisation {slug}")
    return found.name if found else seeded.name if seeded else slug


@account.command("list")
def list_accounts() -> None:
    """List all accounts, a line for each membership, with the ids of the keys that work."""
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
    typer.echo(f"Disabled: {email}. Its sessions have ended; its keys stop within 10 seconds.")


@account.command()
def enable(email: Email) -> None:
    """Let a disabled account in again."""
    _run_with_accounts(lambda accounts: accounts.enable(email))
    typer.echo(f"Enabled: {email} may log in again.")


@key.command()
def new(
    email: Email,
    organisation: Annotated[str | None, typer.Option(help="Of the membership that it acts by; else the first.")] = None,
    role: Annotated[str | None, typer.Option(help="Of the membership that it acts by; else the first.")] = None,
) -> None:
    """Make an API key for a membership of an account and print it, this once."""

    async def make(accounts: Accounts) -> str:
        found = await accounts.find(email)
        if found is None:
            raise AccountUnknown(email)
        fitting = [
            each
            for each in found.memberships
            if organisation in {None, each.organisation} and role in {None, each.role}
        ]
        if not fitting:
            fail("The account has no such membership; `kalendarium account list` shows all.")
        return await accounts.create_key(found.id, membership=fitting[0].key)

    typer.echo(_run_with_accounts(make))


@key.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="Its id, from `account list`: the middle part of kal_<id>_<secret>.")],
) -> None:
    """End a key; it stops within 10 seconds."""
    if not _run_with_accounts(lambda accounts: accounts.revoke_key(key_id)):
        fail(f"There is no key {key_id} that still works.")
    typer.echo(f"Revoked: key {key_id} stops within 10 seconds.")
