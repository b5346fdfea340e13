"""Sends a programme through ingest's public API, each event as the organisation that it belongs to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

import httpx
import stamina
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

AT_ONCE: Final = 16
"""Requests in flight: enough to share one write among many, few enough for a small machine."""
TRY_FOR_SECONDS: Final = 60.0
TRY_AGAIN: Final = frozenset({httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE})


class NoKey(Exception):
    """An organisation of the programme has no API key here; says which."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A submission that ingest did not take: whose, which, and its words why."""

    organisation: str
    external_id: str
    status: int
    reason: str


@dataclass(slots=True)
class Sent:
    """What became of a programme: ids of submissions that are new, that were there already, and what was refused."""

    new: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all submissions that ingest keeps now."""
        return frozenset(self.new) | frozenset(self.known)


async def send_programme(
    client: httpx.AsyncClient,
    ingest_url: str,
    programme: Sequence[tuple[str, Mapping[str, Any]]],
    *,
    keys: Mapping[str, str],
    on_each: Callable[[], None],
) -> Sent:
    """Put every submission by its reference, so that a repeat changes nothing.

    Args:
        client: what speaks HTTP.
        ingest_url: where ingest is, without a slash at the end.
        programme: pairs of organisation (slug) and submission (design section 5, with its ``external_id``).
        keys: an API key for every organisation's slug.
        on_each: called once per submission that was answered.

    Raises:
        NoKey: before anything is sent.
        httpx.HTTPError: if ingest cannot be reached for a minute, or answers with a fault of its own.

    """
    missing = sorted({organisation for organisation, _ in programme} - set(keys))
    if missing:
        raise NoKey(f"There is no API key for {', '.join(missing)}: run `kalendarium region load` first.")
    sent = Sent()
    places = asyncio.Semaphore(AT_ONCE)

    async def send(organisation: str, submission: Mapping[str, Any]) -> None:
        async with places:
            answer = await _put(client, ingest_url, submission, key=keys[organisation])
        _note(sent, organisation, submission, answer)
        on_each()

    try:
        async with asyncio.TaskGroup() as group:
            for organisation, submission in programme:
                group.create_task(send(organisation, submission))
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None  # all that are under way fail alike
    return sent


async def send_with_progress(
    client: httpx.AsyncClient,
    ingest_url: str,
    programme: Sequence[tuple[str, Mapping[str, Any]]],
    *,
    keys: Mapping[str, str],
    screen: Console,
) -> Sent:
    """Send a programme as :func:`send_programme`, with a bar that shows how far it is."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=screen) as progress:
        bar = progress.add_task("The programme, as each organisation", total=len(programme))
        return await send_programme(client, ingest_url, programme, keys=keys, on_each=lambda: progress.advance(bar))


async def _put(
    client: httpx.AsyncClient, ingest_url: str, submission: Mapping[str, Any], *, key: str
) -> httpx.Response:
    reference = quote(submission["external_id"], safe="")
    async for attempt in stamina.retry_context(on=_is_passing, attempts=None, timeout=TRY_FOR_SECONDS):
        with attempt:
            answer = await client.put(
                f"{ingest_url}/ingest/api/v1/submissions/by-reference/{reference}",
                json=dict(submission),
                headers={"Authorization": f"Bearer {key}"},
            )
            if answer.status_code in TRY_AGAIN or answer.is_server_error:
                answer.raise_for_status()
    return answer


def _is_passing(error: Exception) -> bool:
    """Tell whether trying again can help: PUT by reference may be repeated."""
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code in TRY_AGAIN
    return isinstance(error, httpx.TransportError)


def _note(sent: Sent, organisation: str, submission: Mapping[str, Any], answer: httpx.Response) -> None:
    if answer.status_code == httpx.codes.CREATED:
        sent.new.append(answer.json()["id"])
    elif answer.is_success:
        sent.known.append(answer.json()["id"])
    else:
        sent.refused.append(
            Refused(organisation, submission["external_id"], answer.status_code, _reason(answer)),
        )


def _reason(answer: httpx.Response) -> str:
    """Put a problem document into one line."""
    if "problem+json" not in answer.headers.get("content-type", ""):
        return answer.reason_phrase
    problem = answer.json()
    errors = [f"{error['field']}: {error['message']}" for error in problem.get("errors", [])]
    return "; ".join(errors) or problem.get("detail") or problem["title"]
