"""`kalendarium region …` and `kalendarium import-programme`: a region pack's accounts and events."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console

from services.demo.editions import build_programme, get_demo_year
from services.demo.logins import Logins, load_logins, serialize_logins
from services.demo.programme import load_programme
from services.demo.sending import NoKey, SubmissionReport, send_with_progress
from shared.accounts.accounts import open_accounts
from shared.region import load_region
from shared.settings import CommonSettings, read_settings

region = typer.Typer(no_args_is_help=True)


@region.command()
def check(pack: Annotated[Path, typer.Argument(help="The region pack's folder.")] = Path("deploy/region")) -> None:
    """Read a region pack and say what is in it, or what is wrong with it."""
    found = load_region(pack)
    events = load_programme(pack, found)
    typer.echo(
        f"{found.get_label('en')}: {len(found.counties)} counties, {len(found.categories)} categories, "
        f"{len(found.organisations)} organisations, {len(found.channels)} channels, {len(events)} events."
    )


@region.command()
def load() -> None:
    """Give the region pack's organisations their first accounts and keys, and print them as JSON."""

    async def put() -> Logins:
        settings = read_settings(CommonSettings)
        async with open_accounts(settings) as accounts:
            await accounts.prepare()
            return await load_logins(accounts, load_region(settings.region))

    typer.echo(json.dumps(serialize_logins(asyncio.run(put())), indent=2, ensure_ascii=False))


def submit_programme(pack: Path, logins: Path, *, year: int | None, screen: Console) -> None:
    """``logins`` is a file as the demo writes it; ``year`` None is the next one.

    Raises NoKey if the file is missing or holds no key for an organisation, typer.Exit with 1 if a submission was
    refused.
    """
    if not logins.exists():
        raise NoKey(f"There is no {logins}: run `make demo`, or name a file with --logins.")
    kept = json.loads(logins.read_text(encoding="utf-8"))
    keys = {slug: organisation["api_key"] for slug, organisation in kept["organisations"].items()}
    found = load_region(pack)
    chosen = year or get_demo_year(datetime.now(found.time_zone).date())
    programme = build_programme(load_programme(pack, found), chosen, zone=found.time_zone)

    async def send() -> SubmissionReport:
        async with httpx.AsyncClient(timeout=30) as client:
            return await send_with_progress(client, kept["ingest_url"], programme, keys=keys, screen=screen)

    sent = asyncio.run(send())
    screen.print(f"{len(sent.new)} new, {len(sent.known)} known already, {len(sent.refused)} refused.")
    for refused in sent.refused:
        screen.print(f"  {refused.organisation} {refused.external_id}: {refused.status} {refused.reason}")
    if sent.refused:
        raise typer.Exit(1)
