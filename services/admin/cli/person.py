"""`kalendarium person …`: what becomes of a person who leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Final

import typer

from services.admin.cli.failure import fail
from shared.database.versioned import Contended
from shared.plain_text import escape_unprintable
from shared.settings import CommonSettings, read_settings

if TYPE_CHECKING:
    from services.admin.erasure.model import ErasurePlan

person = typer.Typer(no_args_is_help=True)

NOTHING: Final = "Nothing of this person is stored."
BACKUPS: Final = (
    "Backups made before still hold this person: after a restore, erase again. What else remains, and for how long: "
    "docs/operations.md, A person leaves."
)
LAST_ADMINISTRATOR: Final = (
    "This is the only administrator. Give somebody else the role first: "
    "`kalendarium account add EMAIL --organisation SLUG --name NAME --role administrator`."
)
STILL_WRITTEN: Final = (
    "The person was found again in each pass: somebody still saves a form that holds their contact. "
    "The account stays disabled; run the command again."
)
ENABLED: Final = "Somebody enabled the account meanwhile, so that it was not deleted. Run the command again."


@person.command("erase")
def erase_person(
    email: Annotated[str, typer.Argument(help="The person's e-mail address, with an account or without.")],
    *,
    other_name: Annotated[
        list[str] | None, typer.Option("--other-name", help="A name that the person went by earlier; may repeat.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what there is; change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase a person: account, mails, contacts; their name becomes "a former editor". What is public stays."""
    from services.admin.erasure.commands import AccountEnabled, StillWritten  # noqa: PLC0415 - loads the services
    from shared.accounts.model import LastAdministrator  # noqa: PLC0415 - the same

    try:
        asyncio.run(_erase(email, other_name or [], dry_run=dry_run, yes=yes))
    except LastAdministrator:
        fail(LAST_ADMINISTRATOR)
    except (StillWritten, Contended):
        fail(STILL_WRITTEN)
    except AccountEnabled:
        fail(ENABLED)


async def _erase(email: str, other_names: list[str], *, dry_run: bool, yes: bool) -> None:
    from services.admin.erasure import commands  # noqa: PLC0415 - loads the services

    async with commands.open_stores(read_settings(CommonSettings)) as stores:
        plan = await commands.plan_erasure(stores, email, other_names)
        counts = await commands.count_places(stores, plan)
        if plan.person is None and not any(counts.values()):
            typer.echo(NOTHING)
            return
        for line in _describe(plan, counts):
            typer.echo(line)
        if dry_run:
            return
        if not yes:
            typer.confirm("Erase this person? It cannot be undone.", abort=True)
        pauses = commands.ErasurePauses()
        if plan.person is not None:
            typer.echo(f"Disabling the account; {pauses.disabled:.0f} seconds until no service knows it any more …")
        erased = await commands.erase(stores, plan, pauses=pauses)
    typer.echo("Erased:")
    for line in _render_counts(erased):
        typer.echo(line)
    if plan.person is not None:
        typer.echo("The account is deleted.")
    typer.echo(BACKUPS)


def _describe(plan: ErasurePlan, counts: Mapping[str, int]) -> list[str]:
    lines = [f"{plan.erased.email} is in", *_render_counts(counts)]
    if plan.person is None:
        return [*lines, "There is no account of this address, so that only the address is looked for, no name."]
    if plan.namesakes:
        others = ", ".join(escape_unprintable(each.email) for each in plan.namesakes)
        lines.append(
            f"Of the same name are {others}: what stands there by name alone cannot be told apart and goes too."
        )
    return lines


def _render_counts(counts: Mapping[str, int]) -> list[str]:
    width = max(map(len, counts), default=0)
    return [f"  {place.ljust(width)}  {count}" for place, count in counts.items()]
