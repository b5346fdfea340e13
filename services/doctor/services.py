"""The three services as they answer: alive, ready, and the feeds with their tags."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from services.doctor.findings import Finding, broken, ok, warning

FORMATS: Final = ("ics", "rss", "json")
SAYS_ITS_AGE: Final = "X-Feed-Generated-At"
DOORS: Final[Mapping[str, str]] = {
    "ingest": "/ingest/login",
    "calendar": "/calendar/login",
    "distribution": "/feeds/programme.json",
}
"""What anybody may ask of each service: where a proxy keeps health to itself, it tells whether one answers at all."""
ARRIVES_SECONDS: Final = 2.0
TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where each service is asked, without a slash at the end."""

    ingest: str
    calendar: str
    distribution: str


async def examine_services(client: httpx.AsyncClient, addresses: Addresses) -> list[Finding]:
    """Ask each service how it is, and distribution for its feeds."""
    asked = [_service(client, name, getattr(addresses, name)) for name in DOORS]
    found = [finding for each in await asyncio.gather(*asked) for finding in each]
    try:
        feeds = [_feed(client, f"{addresses.distribution}/feeds/programme.{each}") for each in FORMATS]
        return found + await asyncio.gather(*feeds)
    except httpx.HTTPError:
        return found  # that there is no answer is said already


async def _service(client: httpx.AsyncClient, name: str, address: str) -> list[Finding]:
    try:
        live = _own(await _health(client, f"{address}/livez"), name)
        ready = _own(await _health(client, f"{address}/readyz"), name)
        if live is None or ready is None:
            return [await _door(client, name, address)]
    except httpx.HTTPError as error:
        return [_silent(name, address, error)]
    return _judged(name, address, live, ready)


async def _health(client: httpx.AsyncClient, url: str) -> Mapping[str, Any] | None:
    """Give what a health address says; None if there is none at this address."""
    answer = await client.get(url)
    try:
        said = answer.json()
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


def _own(said: Mapping[str, Any] | None, name: str) -> Mapping[str, Any] | None:
    """Find what one service says, also where one process answers for all three."""
    if said is None:
        return None
    own = said.get(name) if isinstance(said.get(name), dict) else said
    return own if isinstance(own, dict) and own.get("service") == name and "missing" in own else None


def _judged(name: str, address: str, live: Mapping[str, Any], ready: Mapping[str, Any]) -> list[Finding]:
    if live["missing"]:
        do = "Restart it if nothing else does; its log says what ended."
        return [broken(name, f"It lives no more: {_listed(live['missing'])}.", do)]
    if ready["missing"]:
        do = f"Mend what it names; {address}/readyz says when it is well."
        return [broken(name, f"It is not ready: {_listed(ready['missing'])}.", do)]
    notes = ready.get("notes") or {}
    if notes:
        do = "docs/operations.md says what each note of /readyz means."
        return [warning(name, f"It is ready, and notes: {_listed(notes)}.", do)]
    return [ok(name, f"It is ready at {address}.")]


async def _door(client: httpx.AsyncClient, name: str, address: str) -> Finding:
    answer = await client.get(address + DOORS[name])
    if answer.is_success:
        return ok(name, f"It answers at {address}, where its health is not shown; --{name} names its own address.")
    return broken(
        name,
        f"{address + DOORS[name]} answers {answer.status_code}.",
        f"See whether {name} runs and the proxy finds it; --{name} names its own address, which says more.",
    )


def _listed(said: Mapping[str, str]) -> str:
    return "; ".join(f"{name}: {why}" for name, why in said.items()).rstrip(".")


def _silent(name: str, address: str, error: httpx.HTTPError) -> Finding:
    why = str(error) or type(error).__name__
    return broken(
        name,
        f"There is no answer from {address}: {why}.",
        f"Start {name}, or the proxy before it; --{name} says where to ask if this address is not reachable from here.",
    )


async def _feed(client: httpx.AsyncClient, url: str) -> Finding:
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


async def examine_programme(
    client: httpx.AsyncClient, address: str, public: Callable[[], Awaitable[int]]
) -> list[Finding]:
    """Compare what is public by the database with what the feed carries; a moment is given for it to arrive."""
    about = "programme"
    accepted = shown = -1
    for _ in range(TRIES):
        try:
            accepted, shown = await public(), len((await client.get(f"{address}/feeds/programme.json")).json()["items"])
        except (httpx.HTTPError, ValueError, KeyError):
            return []  # the feed's own finding says so
        if accepted == shown:
            return [ok(about, f"{shown} events are public, by the database and in the feed.")]
        await asyncio.sleep(ARRIVES_SECONDS)
    what = f"{accepted} events are public by calendar's database, and the feed carries {shown}."
    do = "Look at calendar's outbox and distribution's lag first; if both are 0, say `kalendarium rebuild`."
    return [broken(about, what, do)]
