"""Submits a programme through ingest's public API, each event as its organisation."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

import httpx
import stamina
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from services.errors import OperatorError

# Requests in flight: enough to share one write, few enough for a small machine.
AT_ONCE: Final = 16
TRY_FOR_SECONDS: Final = 60.0
TRY_AGAIN: Final = frozenset({httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE})


AddImages = Callable[[str, str], Awaitable[list[dict[str, Any]]]]
"""Gives the ``images`` of an event, by its organisation and reference."""


async def _add_none(_organisation: str, _reference: str) -> list[dict[str, Any]]:
    return []


class NoKey(OperatorError):
    """An organisation of the programme has no API key."""


@dataclass(frozen=True, slots=True)
class RefusedSubmission:
    organisation: str
    external_id: str
    status: int
    reason: str


@dataclass(slots=True)
class SubmissionReport:
    """Ids of submissions that are new, that were there already, and refused ones.

    ``changed`` are those of the known that were sent again, with their new version.
    """

    new: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    changed: dict[str, int] = field(default_factory=dict)
    refused: list[RefusedSubmission] = field(default_factory=list)

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(self.new) | frozenset(self.known)


async def send_programme(
    client: httpx.AsyncClient,
    ingest_url: str,
    programme: Sequence[tuple[str, Mapping[str, Any]]],
    *,
    keys: Mapping[str, str],
    on_each: Callable[[], None],
    add_images: AddImages = _add_none,
) -> SubmissionReport:
    """Put every submission by its reference, unless it is there unchanged; a repeat changes nothing.

    ``programme`` are pairs of organisation (slug) and submission with an ``external_id``; ``part_of`` is that of an
    umbrella event of the organisation. ``add_images`` gives those of an event that has none; one that has keeps them.
    ``on_each`` is called after each answer. Raises NoKey before anything is sent; httpx.HTTPError if ingest is
    unavailable for a minute, or fails.
    """
    missing = sorted({organisation for organisation, _ in programme} - set(keys))
    if missing:
        raise NoKey(f"There is no API key for {', '.join(missing)}: run `kalendarium region load` first.")
    sent = SubmissionReport()
    places = asyncio.Semaphore(AT_ONCE)
    ids: dict[tuple[str, str], str] = {}

    async def send(organisation: str, submission: Mapping[str, Any]) -> None:
        if "part_of" in submission:
            umbrella = ids.get((organisation, submission["part_of"]), submission["part_of"])
            submission = {**submission, "part_of": umbrella}
        async with places:
            answer = await _put(client, ingest_url, submission, organisation, keys[organisation], add_images)
        _note(sent, organisation, submission, answer)
        if answer.is_success:
            ids[organisation, submission["external_id"]] = answer.json()["id"]
        on_each()

    try:
        for are_parts in (False, True):
            async with asyncio.TaskGroup() as group:
                for organisation, submission in programme:
                    if ("part_of" in submission) == are_parts:
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
    add_images: AddImages = _add_none,
) -> SubmissionReport:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=screen) as progress:
        bar = progress.add_task("The programme, as each organisation", total=len(programme))
        return await send_programme(
            client, ingest_url, programme, keys=keys, on_each=lambda: progress.advance(bar), add_images=add_images
        )


async def _put(  # noqa: PLR0917 - what is sent, whose it is, and where
    client: httpx.AsyncClient,
    ingest_url: str,
    submission: Mapping[str, Any],
    organisation: str,
    key: str,
    add_images: AddImages,
) -> httpx.Response:
    # Submitted again, what was rejected would wait for a decision again.
    reference = quote(submission["external_id"], safe="")
    address = f"{ingest_url}/ingest/api/v1/submissions/by-reference/{reference}"
    headers = {"Authorization": f"Bearer {key}"}
    async for attempt in stamina.retry_context(on=_is_transient, attempts=None, timeout=TRY_FOR_SECONDS):
        with attempt:
            answer = _require_final(await client.get(address, headers=headers))
            stored = answer.json()["event"] if answer.is_success else {}
            images = stored.get("images") or await add_images(organisation, submission["external_id"])
            proposed = {**submission, "images": images} if images else dict(submission)
            if stored != proposed:
                answer = _require_final(await client.put(address, json=proposed, headers=headers))
    return answer


def _require_final(answer: httpx.Response) -> httpx.Response:
    """Raises HTTPStatusError if a repeat may help."""
    if answer.status_code in TRY_AGAIN or answer.is_server_error:
        answer.raise_for_status()
    return answer


def _is_transient(error: Exception) -> bool:
    # PUT by reference may be repeated.
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code in TRY_AGAIN
    return isinstance(error, httpx.TransportError)


def _note(sent: SubmissionReport, organisation: str, submission: Mapping[str, Any], answer: httpx.Response) -> None:
    if answer.status_code == httpx.codes.CREATED:
        sent.new.append(answer.json()["id"])
    elif answer.is_success:
        sent.known.append(answer.json()["id"])
        if answer.request.method == "PUT":
            sent.changed[answer.json()["id"]] = answer.json()["version"]
    else:
        sent.refused.append(
            RefusedSubmission(organisation, submission["external_id"], answer.status_code, _describe_problem(answer)),
        )


def _describe_problem(answer: httpx.Response) -> str:
    """In one line."""
    if "problem+json" not in answer.headers.get("content-type", ""):
        return answer.reason_phrase
    problem = answer.json()
    errors = [f"{error['field']}: {error['message']}" for error in problem.get("errors", [])]
    return "; ".join(errors) or problem.get("detail") or problem["title"]
