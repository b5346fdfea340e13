"""What `make demo` does with running services, through their public APIs only.

The region's programme goes in through ingest as each organisation, a curator accepts what waits, and the demo ends when
every feed carries every event. Nothing here knows how a service works inside, or whether there are one or three.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
from rich.console import Console

from services.import_programme.editions import demo_year, programme_of
from services.import_programme.programme import load_programme
from services.import_programme.sending import Sent, send_with_progress
from services.logins import Logins, as_json
from shared.region import Region

FORMATS: Final = ("ics", "rss", "json")
LOOK_AGAIN_SECONDS: Final = 0.1
MEASURE_SECONDS: Final = 0.005
"""How often is looked where the time is told; elsewhere looking must not slow down what is waited for."""
GIVE_UP_SECONDS: Final = 60.0
DECISIONS_AT_ONCE: Final = 100


class DemoFailed(Exception):
    """The demo did not come to its end; the text says where it stopped."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the services are, without a slash at the end; together, the three are one."""

    base_url: str
    ingest_url: str
    calendar_url: str

    def feed(self, name: str, extension: str = "ics") -> str:
        """Give a feed's address."""
        return f"{self.base_url}/feeds/{name}.{extension}"


@dataclass(slots=True)
class Shown:
    """What came out: counts, and the seconds from an acceptance's answer until the event stood in every format."""

    year: int
    sent: Sent
    accepted: int = 0
    carried: int = 0
    visible_after: float | None = None
    feeds: dict[str, int] = field(default_factory=dict)


async def show(
    addresses: Addresses, logins: Logins, region: Region, pack: Path, *, today: date, screen: Console
) -> Shown:
    """Put the programme through the whole way and wait until it has come out.

    Raises:
        DemoFailed: if a submission was refused, or something did not come out within a minute.

    """
    year = demo_year(today)
    async with httpx.AsyncClient(timeout=30) as client:
        programme = programme_of(load_programme(pack, region), year, zone=region.time_zone)
        sent = await _send(client, addresses.ingest_url, programme, keys=logins.keys, screen=screen)
        shown = Shown(year, sent)
        curator = {"Authorization": f"Bearer {logins.curator.api_key}"}
        await _until(lambda: _arrived(client, addresses, curator, shown.sent), "the submissions in the calendar")
        await _accept_what_waits(client, addresses, curator, shown)
        expected = await _programme(client, addresses, curator, year)
        shown.carried = len(expected)
        for name in ("programme", *region.channels):
            for extension in FORMATS:
                address = addresses.feed(name, extension)
                await _until(partial(_carries, client, address, expected), f"the programme in {address}")
            shown.feeds[name] = len(expected)
    return shown


async def _send(
    client: httpx.AsyncClient,
    ingest_url: str,
    programme: Sequence[tuple[str, Mapping[str, Any]]],
    *,
    keys: Mapping[str, str],
    screen: Console,
) -> Sent:
    sent = await send_with_progress(client, ingest_url, programme, keys=keys, screen=screen)
    if sent.refused:
        first = sent.refused[0]
        raise DemoFailed(
            f"{len(sent.refused)} submissions were refused, the first ({first.organisation}, {first.external_id}) "
            f"with {first.status}: {first.reason}"
        )
    return sent


async def _reviews(
    client: httpx.AsyncClient, addresses: Addresses, curator: Mapping[str, str], **filters: str
) -> AsyncIterator[dict[str, Any]]:
    """Go through the entries of the calendar, page by page."""
    parameters = {**filters, "limit": "200"}
    while True:
        answer = await client.get(
            f"{addresses.calendar_url}/calendar/api/v1/reviews", params=parameters, headers=curator
        )
        answer.raise_for_status()
        page = answer.json()
        for item in page["items"]:
            yield item
        if page["next"] is None:
            return
        parameters["cursor"] = page["next"]


async def _arrived(client: httpx.AsyncClient, addresses: Addresses, curator: Mapping[str, str], sent: Sent) -> bool:
    return sent.ids <= {item["id"] async for item in _reviews(client, addresses, curator)}


async def _accept_what_waits(
    client: httpx.AsyncClient, addresses: Addresses, curator: Mapping[str, str], shown: Shown
) -> None:
    """Accept what waits, the last one by itself: how long it takes to come out is measured on it."""
    waiting = [item async for item in _reviews(client, addresses, curator, state="waiting")]
    if not waiting:
        return
    *most, last = waiting
    for start in range(0, len(most), DECISIONS_AT_ONCE):
        await _decide(client, addresses, curator, most[start : start + DECISIONS_AT_ONCE])
    await _come_out(client, addresses, {item["id"] for item in most}, every=LOOK_AGAIN_SECONDS)
    await _decide(client, addresses, curator, [last])
    accepted_at = time.monotonic()
    await _come_out(client, addresses, {last["id"]}, every=MEASURE_SECONDS)
    shown.visible_after = time.monotonic() - accepted_at
    shown.accepted = len(waiting)


async def _come_out(client: httpx.AsyncClient, addresses: Addresses, ids: set[str], *, every: float) -> None:
    """Wait until the programme carries events in every format."""
    for extension in FORMATS:
        address = addresses.feed("programme", extension)
        await _until(partial(_carries, client, address, ids), f"the accepted events in {address}", every=every)


async def _decide(
    client: httpx.AsyncClient, addresses: Addresses, curator: Mapping[str, str], items: Sequence[dict[str, Any]]
) -> None:
    decisions = [{"id": item["id"], "review_number": item["review_number"], "decision": "accept"} for item in items]
    answer = await client.post(
        f"{addresses.calendar_url}/calendar/api/v1/reviews/decisions", json={"decisions": decisions}, headers=curator
    )
    answer.raise_for_status()
    refused = [outcome for outcome in answer.json()["items"] if outcome["status"] >= httpx.codes.BAD_REQUEST]
    if refused:
        raise DemoFailed(f"{len(refused)} decisions were not taken, the first because: {refused[0]['problem']}")


async def _programme(
    client: httpx.AsyncClient, addresses: Addresses, curator: Mapping[str, str], year: int
) -> set[str]:
    """Give the ids of everything that the calendar says is public in a year."""
    answer = await client.get(f"{addresses.calendar_url}/calendar/api/v1/programme/{year}", headers=curator)
    answer.raise_for_status()
    return {item["id"] for item in answer.json()["items"]}


async def _carries(client: httpx.AsyncClient, address: str, ids: set[str]) -> bool:
    answer = await client.get(address)
    return answer.is_success and all(event_id in answer.text for event_id in ids)


async def _until(holds: Callable[[], Awaitable[bool]], what: str, *, every: float = LOOK_AGAIN_SECONDS) -> None:
    """Look every so many seconds until something holds."""
    deadline = time.monotonic() + GIVE_UP_SECONDS
    while not await holds():
        if time.monotonic() > deadline:
            raise DemoFailed(f"Waited {GIVE_UP_SECONDS:.0f} s for {what}, in vain.")
        await asyncio.sleep(every)


def write_down(addresses: Addresses, logins: Logins, region: Region, file: Path) -> None:
    """Keep addresses, log-ins and keys in a file that only its owner can read."""
    kept = {
        **asdict(addresses),
        **as_json(logins),
        "feeds": {slug: addresses.feed(slug) for slug in region.channels},
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def tell(addresses: Addresses, logins: Logins, region: Region, shown: Shown, *, parked: int, screen: Console) -> None:
    """Print what came out, where it is, and how to get in."""
    editor = next(iter(logins.organisations.values()))
    screen.print()
    screen.print(f"[bold]The programme of {shown.year} is out: {shown.carried} events.[/bold]")
    screen.print(
        f"  sent in {len(shown.sent.new)} new, {len(shown.sent.known)} known already; "
        f"accepted {shown.accepted}; parked {parked}"
    )
    if shown.visible_after is not None:
        screen.print(f"  from acceptance to every format: {shown.visible_after * 1000:.0f} ms")
    formats = ", ".join(f".{extension}" for extension in FORMATS)
    screen.print(f"  {shown.carried} events each in {len(shown.feeds)} feeds ({formats})")
    screen.print()
    rows = [
        ("The public list", f"{addresses.base_url}/"),
        ("The feed", addresses.feed("programme")),
        *(((channel.label("en"), addresses.feed(slug)) for slug, channel in region.channels.items())),
        ("Editors log in at", f"{addresses.ingest_url}/ingest/login"),
        (f"  as {editor.organisation}", f"{editor.email}  {editor.password}"),
        ("Curators log in at", f"{addresses.calendar_url}/calendar/login"),
        ("  as", f"{logins.curator.email}  {logins.curator.password}"),
    ]
    for label, value in rows:
        screen.print(f"  {label:<22} {value}", highlight=False, soft_wrap=True)
    screen.print()
