"""What is done with pictures: take an upload, move the focus."""

from __future__ import annotations

import asyncio
from typing import Final

from shared.media.model import (
    MAKE_PICTURE,
    MAX_PICTURES,
    MAX_STORED,
    SOURCE,
    Focus,
    MadePicture,
    name_media,
    name_upload,
)
from shared.media.repository import Pictures, StoredPicture
from shared.sandbox.model import ChildDied, ChildTooSlow, InputRefused
from shared.sandbox.sandbox import Sandbox


class PictureRefused(Exception):
    """No picture can be made of the upload; ``code`` is one of ``shared/media/refusals.py``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class TooManyPictures(Exception):
    """The organisation has as many pictures as it may, or as many bytes of them."""


class PictureUnknown(Exception):
    """There is no such picture of this organisation."""


class MediaLibrary:
    """Every call may raise PyMongoError, PictureRefused, TooManyPictures, SandboxBusy and SandboxUnavailable."""

    def __init__(self, pictures: Pictures, sandbox: Sandbox, *, max_stored: int = MAX_STORED) -> None:
        self.pictures: Final = pictures
        self._max_stored = max_stored
        self._sandbox = sandbox

    async def add(self, data: bytes, focus: Focus, organisation: str) -> StoredPicture:
        """Idempotent: the same upload is made only once."""
        upload = await asyncio.to_thread(name_upload, data)
        return await self._put(data, upload, focus, organisation)

    async def move_focus(self, media: str, focus: Focus, organisation: str) -> StoredPicture:
        """Cut another picture from the same source; both stay. Raises PictureUnknown."""
        found = await self.pictures.find(media)
        source = await self.pictures.read(media, SOURCE)
        if found is None or source is None or organisation not in found.owners:
            raise PictureUnknown(media)
        return await self._put(source, found.upload, focus, organisation)

    async def delete(self, media: str, organisation: str) -> None:
        """Who else has sent the same upload keeps it. Raises PictureUnknown."""
        found = await self.pictures.find(media)
        if found is None or organisation not in found.owners:
            raise PictureUnknown(media)
        await self.pictures.release(media, organisation)

    async def _put(self, data: bytes, upload: str, focus: Focus, organisation: str) -> StoredPicture:
        media = name_media(upload, focus)
        if there := await self.pictures.add_owner(media, organisation):
            return there
        pictures, stored = await self.pictures.measure_owned(organisation)
        if pictures >= MAX_PICTURES or stored >= self._max_stored:
            raise TooManyPictures(organisation)
        return await self.pictures.put(media, upload, focus, await self._make(data, focus), organisation)

    async def _make(self, data: bytes, focus: Focus) -> MadePicture:
        try:
            return await self._sandbox.run(MAKE_PICTURE, data, {"focus": {"x": focus.x, "y": focus.y}})
        except InputRefused as refused:
            raise PictureRefused(refused.code) from None
        except (ChildTooSlow, ChildDied):
            raise PictureRefused("picture_costly") from None
