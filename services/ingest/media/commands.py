"""Commands of pictures: take an upload, move the focus, delete, finish what processes left undone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import time, timedelta
from typing import Any, Final

from services.ingest.state import State
from services.ingest.submission.model import Submission
from shared.accounts.accounts import Account
from shared.accounts.model import CURATORS
from shared.accounts.organisations import OrganisationClosed
from shared.jobs.model import Job
from shared.media.model import Focus
from shared.media.repository import StoredPicture

SETTLE: Final = "settle_pictures"
SETTLE_TIME: Final = time(3, 30)
SWEEP: Final = "sweep_pictures"
SWEEP_TIME: Final = time(3, 45)
KEPT_UNUSED: Final = timedelta(days=30)


class PictureInUse(Exception):
    """An event has the picture."""


async def add_picture(
    state: State, account: Account, read: Callable[[], Awaitable[bytes]], focus: Focus
) -> StoredPicture:
    """``read`` is called once there is room for the upload.

    Raises OrganisationClosed, SandboxBusy, SandboxUnavailable, PictureRefused, TooManyPictures.
    """
    check_open(account)
    with state.uploads.take(account.organisation):
        return await state.media.add(await read(), focus, account.organisation)


async def move_focus(state: State, account: Account, media: str, focus: Focus) -> StoredPicture:
    """Raises what :func:`add_picture` raises, and PictureUnknown."""
    check_open(account)
    with state.uploads.take(account.organisation):
        return await state.media.move_focus(media, focus, account.organisation)


async def delete_picture(state: State, account: Account, media: str) -> None:
    """Raises OrganisationClosed, PictureUnknown; PictureInUse while one of its events has it, or may show it."""
    check_open(account)
    if any(_shows(each, media) for each in await state.submissions.list_showing(media, account.organisation)):
        raise PictureInUse(media)
    await state.media.delete(media, account.organisation)


def may_see(account: Account, picture: StoredPicture) -> bool:
    """Whether one of the person's memberships is a curator's, or of an organisation that has the picture."""
    return any(
        each.role in CURATORS or (each.role == "editor" and each.organisation in picture.owners)
        for each in account.memberships
    )


async def settle_pictures(state: State, _job: Job) -> Mapping[str, Any]:
    return {"settled": await state.media.pictures.settle()}


async def sweep_pictures(state: State, _job: Job) -> Mapping[str, Any]:
    """Delete pictures that for :data:`KEPT_UNUSED` no draft had, and that were never sent with an event."""
    pictures = state.media.pictures
    await pictures.note_unused(await _list_used(state))
    # What came into use meanwhile is noted as used before anything goes.
    await pictures.note_used(await _list_used(state))
    return {"deleted": await pictures.sweep(KEPT_UNUSED)}


async def _list_used(state: State) -> set[str]:
    sent = {each async for each in state.submissions.iterate_media()}
    return sent | {each async for each in state.drafts.iterate_media()}


def _shows(submission: Submission, media: str) -> bool:
    """Whether the content last sent has a picture, or an older one that may be public."""
    if submission.state != "withdrawn" and any(each.media == media for each in submission.event.images):
        return True
    return submission.live_version is not None and media in submission.former_media


def check_open(account: Account) -> None:
    """Raises OrganisationClosed."""
    if account.is_closed:
        raise OrganisationClosed(account.organisation)
