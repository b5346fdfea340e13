"""The demo programme put through a system that runs, wherever its services are."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx
from rich.console import Console

from services.demo import Addresses, Shown, show
from services.logins import Logins, load_logins
from shared.region import load_region
from shared.settings import CommonSettings
from shared.web.accounts import open_accounts
from tests.running import REGION

TODAY = date(2026, 11, 21)
"""The programme shown is that of the year after."""


@dataclass(frozen=True)
class Demonstrated:
    """A system with the demo programme in it: where it is, who may come in, and what came out."""

    settings: CommonSettings
    addresses: Addresses
    logins: Logins
    shown: Shown

    def names(self) -> Mapping[str, str]:
        """What the organisations call the events that are public now, by the event's id."""
        answer = httpx.get(
            f"{self.addresses.calendar_url}/calendar/api/v1/programme/{self.shown.year}",
            headers={"Authorization": f"Bearer {self.logins.curator.api_key}"},
        )
        return {item["id"]: item["external_id"] for item in answer.raise_for_status().json()["items"]}

    def feed(self, name: str, extension: str) -> httpx.Response:
        """Fetch a feed."""
        return httpx.get(self.addresses.feed(name, extension)).raise_for_status()


async def demonstrate(settings: CommonSettings, addresses: Addresses) -> Demonstrated:
    """Put the programme through a system, as `make demo` does."""
    region = load_region(REGION)
    async with open_accounts(settings) as accounts:
        await accounts.prepare()
        logins = await load_logins(accounts, region)
    screen = Console(file=io.StringIO())
    shown = await show(addresses, logins, region, REGION, today=TODAY, screen=screen)
    return Demonstrated(settings, addresses, logins, shown)


def make_small_pack(folder: Path, organisations: Sequence[str]) -> Path:
    """The region pack with one event for each of these organisations."""
    shutil.copytree(REGION, folder)
    events = json.loads((folder / "programme.json").read_text(encoding="utf-8"))
    some = [event | {"organisation": slug} for event, slug in zip(events, organisations, strict=False)]
    (folder / "programme.json").write_text(json.dumps(some, ensure_ascii=False), encoding="utf-8")
    return folder
