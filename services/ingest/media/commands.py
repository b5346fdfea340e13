"""Commands of pictures: take an upload, move the focus, delete, finish what processes left undone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import time
from typing import Any, Final

from services.ingest.state import State
from shared.accounts.accounts import Account
from shared.accounts.model import CURATORS
from shared.accounts.organisations import OrganisationClosed
from shared.jobs.model import Job
from shared.media.model import Focus
from shared.media.repository import StoredPicture

SETTLE: Final = "settle_pictures"
SETTLE_TIME: Final = time(3, 30)


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
    """Raises OrganisationClosed, PictureUnknown."""
    check_open(account)
    await state.media.delete(media, account.organisation)


def may_see(account: Account, picture: StoredPicture) -> bool:
    """Whether one of the person's memberships is a curator's, or of an organisation that has the picture."""
    return any(
        each.role in CURATORS or (each.role == "editor" and each.organisation in picture.owners)
        for each in account.memberships
    )


async def settle_pictures(state: State, _job: Job) -> Mapping[str, Any]:
    return {"settled": await state.media.pictures.settle()}


def check_open(account: Account) -> None:
    """Raises OrganisationClosed."""
    if account.is_closed:
        raise OrganisationClosed(account.organisation)
