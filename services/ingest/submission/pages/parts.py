"""Parts of a submission on its pages: which there are, and which stop with it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from services.ingest.state import State
from services.ingest.submission import view
from services.ingest.submission.commands import SubmissionCommand, SubmissionUnknown, change
from services.ingest.submission.model import (
    AlreadyWithdrawn,
    NothingLive,
    NotPostponed,
    Submission,
    cancel,
    postpone,
    reinstate,
    withdraw,
)
from services.ingest.submission.view import SubmissionRow
from shared.accounts.accounts import Account
from shared.event.date_phrases import format_dates


@dataclass(frozen=True, slots=True)
class UmbrellaLink:
    """``lang`` is the title's language where it is not the page's, else empty."""

    label: str
    url: str
    lang: str


@dataclass(frozen=True, slots=True)
class PartsView:
    """``add`` is the address of a form for another part, empty where there can be none."""

    umbrella: UmbrellaLink | None
    rows: Sequence[SubmissionRow]
    add: str


async def make_parts(state: State, submission: Submission, lang: str) -> PartsView:
    part_of, organisation = submission.event.part_of, submission.organiser.slug
    if part_of is not None:
        umbrella = await state.umbrellas.find(part_of, organisation)
        return PartsView(_link(umbrella, lang) if umbrella else None, (), "")
    parts = await state.umbrellas.list_parts(submission.id, organisation)
    today = state.get_today()
    return PartsView(
        umbrella=None,
        rows=[view.make_row(each, lang, state.region, today=today) for each in parts],
        add="" if submission.state == "withdrawn" else f"/ingest/submissions/{submission.id}/parts/new",
    )


def _link(umbrella: Submission, lang: str) -> UmbrellaLink:
    title = view.get_title(umbrella.event)
    return UmbrellaLink(title, f"/ingest/submissions/{umbrella.id}", "" if lang == "pl" else "pl")


async def list_stoppable(state: State, umbrella: Submission, command: SubmissionCommand) -> list[Submission]:
    """List the parts that can be cancelled, postponed, reinstated or withdrawn with their umbrella."""
    parts = await state.umbrellas.list_parts(umbrella.id, umbrella.organiser.slug)
    return [each for each in parts if _can_stop(each, command)]


def _can_stop(part: Submission, command: SubmissionCommand) -> bool:
    possible: dict[SubmissionCommand, bool] = {
        cancel: part.can_be_cancelled,
        postpone: part.can_be_postponed,
        reinstate: part.postponed_by == "organisation",
        withdraw: part.state != "withdrawn",
    }
    return possible.get(command, False)


def list_choices(parts: Sequence[Submission], lang: str) -> list[tuple[str, str]]:
    """Their ids, with title and dates."""
    return [(each.id, f"{view.get_title(each.event)} ({format_dates(each.event.dates, lang)})") for each in parts]


async def stop_parts(
    state: State, account: Account, umbrella_id: str, command: SubmissionCommand, chosen: Collection[str]
) -> int:
    """Apply the command to the chosen parts, each by itself; return how many it stopped.

    What has stopped meanwhile stays so, and repeating it is harmless. Raises as
    :func:`services.ingest.submission.commands.change`.
    """
    stopped = 0
    for part in await state.umbrellas.list_parts(umbrella_id, account.organisation) if chosen else ():
        if part.id not in chosen or not _can_stop(part, command):
            continue
        find = partial(state.submissions.find, part.id, account.organisation)
        with suppress(AlreadyWithdrawn, NothingLive, NotPostponed, SubmissionUnknown):
            result = await change(state, account, find, command, check=lambda _version: None, key=None)
            stopped += result.changed
    return stopped
