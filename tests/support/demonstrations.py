"""The demo programme put through a system that runs, wherever its services are."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console

from services.demo.logins import Logins, load_logins
from services.demo.walkthrough import DemoResult, PublicAddresses, run_demo
from shared.json_feed import find_next_page
from shared.region import load_region
from shared.settings import CommonSettings
from tests.support.accounts import open_quick_accounts
from tests.support.clients import CERTIFICATES
from tests.support.running import REGION

TODAY = date(2026, 11, 21)
"""The programme shown is that of the year after."""


@dataclass(frozen=True)
class Demonstrated:
    """A system with the demo programme in it: where it is, who may come in, and what came out."""

    settings: CommonSettings
    addresses: PublicAddresses
    logins: Logins
    shown: DemoResult

    def names(self) -> Mapping[str, str]:
        """What the organisations call the events that are public now, by the event's id."""
        answer = httpx.get(
            f"{self.addresses.calendar_url}/calendar/api/v1/programme/{self.shown.year}",
            headers={"Authorization": f"Bearer {self.logins.curator.api_key}"},
            verify=CERTIFICATES,
        )
        return {item["id"]: item["external_id"] for item in answer.raise_for_status().json()["items"]}

    def feed(self, name: str, extension: str) -> httpx.Response:
        """Fetch a feed."""
        return httpx.get(self.addresses.get_feed_url(name, extension), verify=CERTIFICATES).raise_for_status()

    def pages(self, name: str) -> Iterator[dict[str, Any]]:
        """Fetch a JSON feed, page by page."""
        address: str | None = self.addresses.get_feed_url(name, "json")
        while address:
            page: dict[str, Any] = httpx.get(address, verify=CERTIFICATES).raise_for_status().json()
            yield page
            address = find_next_page(page, address)


async def demonstrate(settings: CommonSettings, addresses: PublicAddresses) -> Demonstrated:
    """Put the programme through a system, as `make demo` does."""
    region = load_region(REGION)
    async with open_quick_accounts(settings) as accounts:
        logins = await load_logins(accounts, region)
    screen = Console(file=io.StringIO())
    shown = await run_demo(addresses, logins, region, REGION, today=TODAY, screen=screen)
    return Demonstrated(settings, addresses, logins, shown)


def make_small_pack(folder: Path, organisations: Sequence[str]) -> Path:
    """The region pack with these organisations, the curator among them, and one event for each."""
    shutil.copytree(REGION, folder)
    events = json.loads((folder / "programme.json").read_text(encoding="utf-8"))
    some = [event | {"organisation": slug} for event, slug in zip(events, organisations, strict=False)]
    (folder / "programme.json").write_text(json.dumps(some, ensure_ascii=False), encoding="utf-8")
    known = json.loads((folder / "organisations.json").read_text(encoding="utf-8"))
    known = [each for each in known if each["slug"] in organisations]
    (folder / "organisations.json").write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")
    return folder
