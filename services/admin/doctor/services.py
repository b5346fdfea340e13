"""Checks of the three services over HTTP: alive, ready, feeds with ETags."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from services.admin.doctor.findings import Finding, broken, ok, warning
from shared.json_feed import is_event, read_items

FORMATS: Final = ("ics", "rss", "json")
SAYS_ITS_AGE: Final = "X-Feed-Generated-At"
# Public addresses: they show whether a service answers at all where a proxy hides its health.
PUBLIC_PATHS: Final[Mapping[str, str]] = {
    "ingest": "/ingest/login",
    "calendar": "/calendar/login",
    "distribution": "/feeds/programme.json",
}
ARRIVES_SECONDS: Final = 2.0
TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class ServiceAddresses:
    """Without a slash at the end."""

    ingest: str
    calendar: str
    distribution: str


async def examine_services(client: httpx.AsyncClient, addresses: ServiceAddresses) -> list[Finding]:
    asked = [_check_service(client, name, getattr(addresses, name)) for name in PUBLIC_PATHS]
    found = [finding for each in await asyncio.gather(*asked) for finding in each]
    try:
        feeds = [_check_feed(client, f"{addresses.distribution}/feeds/programme.{each}") for each in FORMATS]
        return found + await asyncio.gather(*feeds)
    except httpx.HTTPError:
        return found  # that there is no answer is said already


async def _check_service(client: httpx.AsyncClient, name: str, address: str) -> list[Finding]:
    try:
        live = _extract_own(await _request_health(client, f"{address}/livez"), name)
        ready = _extract_own(await _request_health(client, f"{address}/readyz"), name)
        if live is None or ready is None:
            return [await _check_public_path(client, name, address)]
    except httpx.HTTPError as error:
        return [_report_silence(name, address, error)]
    return _judge(name, address, live, ready)


async def _request_health(client: httpx.AsyncClient, url: str) -> Mapping[str, Any] | None:
    """None if the address has no health response."""
    answer = await client.get(url)
    try:
        said = answer.json()
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


def _extract_own(said: Mapping[str, Any] | None, name: str) -> Mapping[str, Any] | None:
    # One process may answer for all three services.
    if said is None:
        return None
    own = said.get(name) if isinstance(said.get(name), dict) else said
    return own if isinstance(own, dict) and own.get("service") == name and "missing" in own else None


def _judge(name: str, address: str, live: Mapping[str, Any], ready: Mapping[str, Any]) -> list[Finding]:
    if live["missing"]:
        do = "Restart it if nothing else does; its log says what ended."
        return [broken(name, f"It lives no more: {_join_notes(live['missing'])}.", do)]
    if ready["missing"]:
        do = f"Mend what it names; {address}/readyz says when it is well."
        return [broken(name, f"It is not ready: {_join_notes(ready['missing'])}.", do)]
    notes = ready.get("notes") or {}
    if notes:
        do = "docs/operations.md says what each note of /readyz means."
        return [warning(name, f"It is ready, and notes: {_join_notes(notes)}.", do)]
    return [ok(name, f"It is ready at {address}.")]


async def _check_public_path(client: httpx.AsyncClient, name: str, address: str) -> Finding:
    answer = await client.get(address + PUBLIC_PATHS[name])
    if answer.is_success:
        return ok(name, f"It answers at {address}, where its health is not shown; --{name} names its own address.")
    return broken(
        name,
        f"{address + PUBLIC_PATHS[name]} answers {answer.status_code}.",
        f"See whether {name} runs and the proxy finds it; --{name} names its own address, which says more.",
    )


def _join_notes(said: Mapping[str, str]) -> str:
    return "; ".join(f"{name}: {why}" for name, why in said.items()).rstrip(".")


def _report_silence(name: str, address: str, error: httpx.HTTPError) -> Finding:
    why = str(error) or type(error).__name__
    return broken(
        name,
        f"There is no answer from {address}: {why}.",
        f"Start {name}, or the proxy before it; --{name} says where to ask if this address is not reachable from here.",
    )


async def _check_feed(client: httpx.AsyncClient, url: str) -> Finding:
    about = f"feed {url.rsplit('.', maxsplit=1)[-1]}"
    answer = await client.get(url)
    etag = answer.headers.get("etag", "")
    again = await client.get(url, headers={"If-None-Match": etag})
    do = "Ask distribution's /readyz what is missing."
    if answer.status_code != httpx.codes.OK:
        return broken(about, f"{url} answers {answer.status_code}.", do)
    if not etag or again.status_code != httpx.codes.NOT_MODIFIED:
        what = f"{url} is not recognised by its ETag, so every subscriber reads all of it each time."
        return warning(about, what, "Let the proxy hand on ETag and If-None-Match as they are.")
    if age := answer.headers.get(SAYS_ITS_AGE):
        return warning(about, f"It is known to be complete only up to {age}.", "See whether the event log answers.")
    return ok(about, f"{len(answer.content)} bytes, recognised by its ETag.")


async def _count_events(client: httpx.AsyncClient, url: str) -> int:
    async def ask(address: str) -> dict[str, Any]:
        page: dict[str, Any] = (await client.get(address)).json()
        return page

    return sum(map(is_event, (await read_items(ask, url)).values()))


async def examine_programme(
    client: httpx.AsyncClient, address: str, public: Callable[[], Awaitable[int]]
) -> list[Finding]:
    """Compare the database with the feed; events are given a moment to arrive."""
    about = "programme"
    accepted = shown = -1
    for _ in range(TRIES):
        try:
            accepted, shown = await public(), await _count_events(client, f"{address}/feeds/programme.json")
        except (httpx.HTTPError, ValueError, KeyError):
            return []  # the feed's own finding says so
        if accepted == shown:
            return [ok(about, f"{shown} events are public, by the database and in the feed.")]
        await asyncio.sleep(ARRIVES_SECONDS)
    what = f"{accepted} events are public by calendar's database, and the feed carries {shown}."
    do = "Look at calendar's outbox and distribution's lag first; if both are 0, say `kalendarium rebuild`."
    return [broken(about, what, do)]
