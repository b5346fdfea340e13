"""Demo workflow on running services, through their public APIs only.

The region's programme is submitted through ingest, a curator accepts what waits, and the demo ends when every feed has
every event.
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

from services.demo.calls import announce_call
from services.demo.editions import build_programme, get_demo_year
from services.demo.gallery import Gallery, list_patterns
from services.demo.logins import Logins, serialize_logins
from services.demo.programme import load_programme
from services.demo.sending import SubmissionReport, send_with_progress
from services.errors import OperatorError
from shared.json_feed import is_event, read_items
from shared.region import Region

FORMATS: Final = ("ics", "rss", "json")
LOOK_AGAIN_SECONDS: Final = 0.1
# Only where a time is measured: elsewhere polling must not slow down what it waits for.
MEASURE_SECONDS: Final = 0.005
GIVE_UP_SECONDS: Final = 60.0
DECISIONS_AT_ONCE: Final = 100
# Items or bytes at which RSS may be full: it carries the newest up to 200, or fewer if they are long.
FULL_OF_NEWS: Final = 150
FULL_BYTES: Final = 150_000


class DemoFailed(OperatorError):
    """The text says where it stopped."""


@dataclass(frozen=True, slots=True)
class PublicAddresses:
    """Without a slash at the end; in one process, all three are the same."""

    base_url: str
    ingest_url: str
    calendar_url: str

    def get_feed_url(self, name: str, extension: str = "ics") -> str:
        return f"{self.base_url}/feeds/{name}.{extension}"


@dataclass(slots=True)
class DemoResult:
    """``visible_after`` are the seconds from an acceptance's answer until the event was in every format."""

    year: int
    sent: SubmissionReport
    accepted: int = 0
    carried: int = 0
    visible_after: float | None = None
    feeds: dict[str, int] = field(default_factory=dict)


async def run_demo(
    addresses: PublicAddresses, logins: Logins, region: Region, pack: Path, *, today: date, screen: Console
) -> DemoResult:
    """Raises DemoFailed if a submission was refused, or an event did not arrive within a minute."""
    year = get_demo_year(today)
    async with httpx.AsyncClient(timeout=30) as client:
        events = load_programme(pack, region)
        programme = build_programme(events, year, zone=region.time_zone)
        curator = {"Authorization": f"Bearer {logins.curator.api_key}"}
        gallery = Gallery(client, addresses.ingest_url, list_patterns(events, year), keys=logins.keys)
        sent = await _send(client, addresses.ingest_url, programme, gallery, keys=logins.keys, screen=screen)
        shown = DemoResult(year, sent)
        await _wait_until(
            lambda: _have_arrived(client, addresses, curator, shown.sent), "the submissions in the calendar"
        )
        await _accept_what_waits(client, addresses, curator, shown)
        expected = await _list_programme(client, addresses, curator, year)
        shown.carried = len(expected)
        await announce_call(client, addresses.calendar_url, curator, year, zone=region.time_zone)
        for name in ("programme", *region.channels):
            for extension in FORMATS:
                address = addresses.get_feed_url(name, extension)
                await _wait_until(partial(_has_events, client, address, expected), f"the programme in {address}")
            shown.feeds[name] = len(expected)
    return shown


async def _send(
    client: httpx.AsyncClient,
    ingest_url: str,
    programme: Sequence[tuple[str, Mapping[str, Any]]],
    gallery: Gallery,
    *,
    keys: Mapping[str, str],
    screen: Console,
) -> SubmissionReport:
    sent = await send_with_progress(
        client, ingest_url, programme, keys=keys, screen=screen, add_images=gallery.add_images
    )
    if sent.refused:
        first = sent.refused[0]
        raise DemoFailed(
            f"{len(sent.refused)} submissions were refused, the first ({first.organisation}, {first.external_id}) "
            f"with {first.status}: {first.reason}"
        )
    return sent


async def _list_reviews(
    client: httpx.AsyncClient, addresses: PublicAddresses, curator: Mapping[str, str], **filters: str
) -> AsyncIterator[dict[str, Any]]:
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


async def _have_arrived(
    client: httpx.AsyncClient, addresses: PublicAddresses, curator: Mapping[str, str], sent: SubmissionReport
) -> bool:
    found = {item["id"]: _get_version(item) async for item in _list_reviews(client, addresses, curator)}
    return sent.ids <= found.keys() and all(found[each] >= version for each, version in sent.changed.items())


def _get_version(item: Mapping[str, Any]) -> int:
    versions: list[int] = [part["version"] for part in (item["proposal"], item["live"]) if part]
    return max(versions)


async def _accept_what_waits(
    client: httpx.AsyncClient, addresses: PublicAddresses, curator: Mapping[str, str], shown: DemoResult
) -> None:
    # Only the demo's own events, and never what people have changed: nobody decided on those. What an earlier release
    # sent less of is accepted again.
    found = [item async for item in _list_reviews(client, addresses, curator, state="waiting")]
    waiting = [
        item
        for item in found
        if (item["id"] in shown.sent.ids and item["review_number"] == 1) or _is_only_ours(item, shown.sent)
    ]
    if not waiting:
        return
    # The last one by itself: if it is new, its time to become visible is measured.
    *most, last = sorted(waiting, key=lambda item: item["review_number"], reverse=True)
    for start in range(0, len(most), DECISIONS_AT_ONCE):
        await _decide(client, addresses, curator, most[start : start + DECISIONS_AT_ONCE])
    await _wait_until_public(client, addresses, {item["id"] for item in most}, every=LOOK_AGAIN_SECONDS)
    await _decide(client, addresses, curator, [last])
    accepted_at = time.monotonic()
    await _wait_until_public(client, addresses, {last["id"]}, every=MEASURE_SECONDS)
    if last["review_number"] == 1:
        shown.visible_after = time.monotonic() - accepted_at
    shown.accepted = len(waiting)


def _is_only_ours(item: Mapping[str, Any], sent: SubmissionReport) -> bool:
    """Whether an event has changed once since its first version, which is public, and by this run."""
    live = item["live"]
    return sent.changed.get(item["id"]) == item["proposal"]["version"] == 2 and bool(  # noqa: PLR2004 - the second version
        live and live["version"] == 1 and live["status"] == "confirmed"
    )


async def _wait_until_public(
    client: httpx.AsyncClient, addresses: PublicAddresses, ids: set[str], *, every: float
) -> None:
    for extension in FORMATS:
        address = addresses.get_feed_url("programme", extension)
        await _wait_until(partial(_has_events, client, address, ids), f"the accepted events in {address}", every=every)


async def _decide(
    client: httpx.AsyncClient, addresses: PublicAddresses, curator: Mapping[str, str], items: Sequence[dict[str, Any]]
) -> None:
    decisions = [{"id": item["id"], "review_number": item["review_number"], "decision": "accept"} for item in items]
    answer = await client.post(
        f"{addresses.calendar_url}/calendar/api/v1/reviews/decisions", json={"decisions": decisions}, headers=curator
    )
    answer.raise_for_status()
    refused = [outcome for outcome in answer.json()["items"] if outcome["status"] >= httpx.codes.BAD_REQUEST]
    if refused:
        raise DemoFailed(f"{len(refused)} decisions were not taken, the first because: {refused[0]['problem']}")


async def _list_programme(
    client: httpx.AsyncClient, addresses: PublicAddresses, curator: Mapping[str, str], year: int
) -> set[str]:
    answer = await client.get(f"{addresses.calendar_url}/calendar/api/v1/programme/{year}", headers=curator)
    answer.raise_for_status()
    return {item["id"] for item in answer.json()["items"]}


async def _has_events(client: httpx.AsyncClient, address: str, ids: set[str]) -> bool:
    # RSS has only its newest events.
    answer = await client.get(address)
    if not answer.is_success:
        return False
    if address.endswith(".json"):
        items = await read_items(lambda page: _get_page(client, page), address)
        return ids <= {item["_event"]["uid"].partition("@")[0] for item in items.values() if is_event(item)}
    is_full = address.endswith(".rss") and (
        answer.text.count("<item>") >= FULL_OF_NEWS or len(answer.content) >= FULL_BYTES
    )
    return is_full or all(event_id in answer.text for event_id in ids)


async def _get_page(client: httpx.AsyncClient, address: str) -> dict[str, Any]:
    page: dict[str, Any] = (await client.get(address)).raise_for_status().json()
    return page


async def _wait_until(holds: Callable[[], Awaitable[bool]], what: str, *, every: float = LOOK_AGAIN_SECONDS) -> None:
    deadline = time.monotonic() + GIVE_UP_SECONDS
    while not await holds():
        if time.monotonic() > deadline:
            raise DemoFailed(f"Waited {GIVE_UP_SECONDS:.0f} s for {what}, in vain.")
        await asyncio.sleep(every)


def write_logins(addresses: PublicAddresses, logins: Logins, region: Region, file: Path) -> None:
    # Its owner only: it holds passwords and keys.
    kept = {
        **asdict(addresses),
        **serialize_logins(logins),
        "feeds": {slug: addresses.get_feed_url(slug) for slug in region.channels},
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def print_result(
    addresses: PublicAddresses, logins: Logins, region: Region, shown: DemoResult, *, parked: int, screen: Console
) -> None:
    editor = next(iter(logins.organisations.values()))
    screen.print()
    screen.print(f"[bold]The programme of {shown.year} is out: {shown.carried} events.[/bold]")
    screen.print(
        f"  sent in {len(shown.sent.new)} new, {len(shown.sent.known)} known already; "
        f"accepted {shown.accepted}; parked {parked}"
    )
    if shown.visible_after is not None:
        screen.print(f"  from acceptance to every format: {shown.visible_after * 1000:.0f} ms")
    screen.print(f"  {shown.carried} events each in {len(shown.feeds)} feeds (.ics, .json; the newest in .rss)")
    screen.print()
    rows = [
        ("The public list", f"{addresses.base_url}/"),
        ("The feed", addresses.get_feed_url("programme")),
        *(((channel.get_label("en"), addresses.get_feed_url(slug)) for slug, channel in region.channels.items())),
        ("Editors log in at", f"{addresses.ingest_url}/ingest/login"),
        (f"  as {editor.organisation}", f"{editor.email}  {editor.password}"),
        ("Curators log in at", f"{addresses.calendar_url}/calendar/login"),
        ("  as", f"{logins.curator.email}  {logins.curator.password}"),
    ]
    for label, value in rows:
        screen.print(f"  {label:<22} {value}", highlight=False, soft_wrap=True)
    screen.print()
