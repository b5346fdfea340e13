from __future__ import annotations

import pytest

from shared.database.client import Database
from shared.media.commands import MediaLibrary, PictureRefused, PictureUnknown, TooManyPictures
from shared.media.model import Focus, name_media, name_upload
from shared.media.repository import Pictures
from shared.sandbox.sandbox import Sandbox
from tests.shared.media.drawing import draw_quarters, encode, get_corners

UPLOAD = encode(draw_quarters(1_200, 400))
LEFT, RIGHT = Focus(0.0, 0.5), Focus(1.0, 0.5)


@pytest.fixture
async def library(database: Database) -> MediaLibrary:
    return MediaLibrary(Pictures(database), Sandbox())


async def test_an_upload_becomes_a_picture_of_its_organisation(library: MediaLibrary) -> None:
    picture = await library.add(UPLOAD, Focus(), "lot-a")

    assert picture.media == name_upload(UPLOAD)
    assert picture.owners == {"lot-a"}
    assert (picture.width, picture.height, picture.names) == (1_200, 400, ["400.webp", "400.jpg"])


async def test_the_same_upload_is_made_once(database: Database, library: MediaLibrary) -> None:
    await library.add(UPLOAD, Focus(), "lot-a")
    without_children = MediaLibrary(Pictures(database), Sandbox(at_once=0, waiting=0))

    again = await without_children.add(UPLOAD, Focus(), "lot-b")

    assert again.owners == {"lot-a", "lot-b"}


async def test_another_focus_gives_another_picture_and_the_first_stays(library: MediaLibrary) -> None:
    first = await library.add(UPLOAD, LEFT, "lot-a")

    moved = await library.move_focus(first.media, RIGHT, "lot-a")

    assert moved.media == name_media(name_upload(UPLOAD), RIGHT)
    corners = [get_corners(await library.pictures.read(each.media, "400.jpg") or b"") for each in (first, moved)]
    assert corners == [["red", "red", "blue", "blue"], ["green", "green", "yellow", "yellow"]]


async def test_the_focus_of_a_foreign_picture_cannot_be_moved(library: MediaLibrary) -> None:
    first = await library.add(UPLOAD, LEFT, "lot-a")

    for media, organisation in ((first.media, "lot-b"), ("00" * 32, "lot-a")):
        with pytest.raises(PictureUnknown):
            await library.move_focus(media, RIGHT, organisation)


async def test_nothing_is_stored_of_what_is_refused(library: MediaLibrary, database: Database) -> None:
    with pytest.raises(PictureRefused, match="picture_broken"):
        await library.add(UPLOAD[:500], Focus(), "lot-a")

    assert await database["fs.files"].count_documents({}) == 0
    assert await database["pictures"].count_documents({}) == 0


async def test_no_organisation_fills_the_disk_and_who_deletes_has_room_again(database: Database) -> None:
    library = MediaLibrary(Pictures(database), Sandbox(), max_stored=1)
    first = await library.add(UPLOAD, LEFT, "lot-a")

    for sending in (library.add(UPLOAD, Focus(), "lot-a"), library.move_focus(first.media, RIGHT, "lot-a")):
        with pytest.raises(TooManyPictures):
            await sending
    assert await library.add(UPLOAD, LEFT, "lot-a") == first
    assert (await library.add(UPLOAD, LEFT, "lot-b")).owners == {"lot-a", "lot-b"}

    await library.delete(first.media, "lot-a")
    assert await library.add(UPLOAD, RIGHT, "lot-a")


async def test_a_picture_is_deleted_by_its_owner_only(library: MediaLibrary) -> None:
    media = (await library.add(UPLOAD, LEFT, "lot-a")).media

    with pytest.raises(PictureUnknown):
        await library.delete(media, "lot-b")
    await library.delete(media, "lot-a")

    with pytest.raises(PictureUnknown):
        await library.delete(media, "lot-a")
    assert await library.pictures.find(media) is None
