"""Pictures over HTTP, from a real database: what is shown now, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pymongo import MongoClient

from services.distribution.api.media import CACHE_CONTROL
from shared.media.model import Focus, MadePicture
from shared.media.repository import open_pictures
from shared.messages import EventPublished, EventWithdrawn
from shared.settings import CommonSettings
from tests.services.distribution.builders import make_message
from tests.services.distribution.serving import serve

SHOWN, WAITING = "ab" * 32, "cd" * 32
FILES = {"400.webp": b"w400", "400.jpg": b"j400", "800.webp": b"w800", "800.jpg": b"j800"}


@pytest.fixture
async def where(mongo_url: str, mongo_client: MongoClient[dict[str, Any]]) -> AsyncIterator[Mapping[str, str]]:
    """Settings of a database that holds two pictures; only one is shown by what :func:`show` says."""
    found = {"mongo_url": mongo_url, "database_prefix": f"test_{uuid4().hex[:16]}"}
    settings = CommonSettings().model_copy(update=found)
    async with open_pictures(settings) as pictures:
        for media in (SHOWN, WAITING):
            made = MadePicture(width=900, height=600, source=b"source", files=FILES)
            await pictures.put(media, media, Focus(), made, "lot-szczecin")
    yield found
    mongo_client.drop_database(settings.database("media"))


def show(event_id: str = "one", revision: int = 1, media: str = SHOWN) -> EventPublished:
    return make_message(event_id, revision, images=[{"media": media, "alt": {"pl": "Żaglowce"}}])


async def test_a_picture_of_a_public_event_is_served_for_ever(where: Mapping[str, str]) -> None:
    async with serve(show(), changed=where) as served:
        answer = await served.client.get(f"/media/{SHOWN}-800.webp")

        assert (answer.status_code, answer.content) == (200, b"w800")
        assert answer.headers["content-type"] == "image/webp"
        assert answer.headers["cache-control"] == CACHE_CONTROL
        assert answer.headers["etag"].startswith('"')
        assert answer.headers["content-length"] == "4"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]
        head = await served.client.head(f"/media/{SHOWN}-800.webp")
        assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", answer.headers["etag"])
        for tags in (answer.headers["etag"], f'"other", {answer.headers["etag"]}', "*"):
            held = await served.client.get(f"/media/{SHOWN}-800.webp", headers={"If-None-Match": tags})
            assert (held.status_code, held.content) == (304, b"")
            assert held.headers["cache-control"] == CACHE_CONTROL
        again = await served.client.get(f"/media/{SHOWN}-800.webp", headers={"If-None-Match": '"other"'})
        assert again.status_code == 200


async def test_a_picture_without_a_large_size_comes_in_its_largest(where: Mapping[str, str]) -> None:
    async with serve(show(), changed=where) as served:
        found = [await served.client.get(f"/media/{SHOWN}-{name}") for name in ("1600.jpg", "400.jpg")]

    assert [each.content for each in found] == [b"j800", b"j400"]
    assert {each.headers["content-type"] for each in found} == {"image/jpeg"}


@pytest.mark.parametrize(
    "file",
    [
        f"{WAITING}-400.jpg",
        f"{'0' * 64}-400.jpg",
        f"{SHOWN}-source.jpg",
        f"{SHOWN}-401.jpg",
        f"{SHOWN}-400.png",
        SHOWN,
        f"{SHOWN.upper()}-400.jpg",
        f"{SHOWN}-400.jpg%00",
        "..%2f..%2fetc%2fpasswd",
    ],
)
async def test_nothing_else_is_found(file: str, where: Mapping[str, str]) -> None:
    async with serve(show(), changed=where) as served:
        answer = await served.client.get(f"/media/{file}")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_picture_is_gone_once_no_event_shows_it(where: Mapping[str, str]) -> None:
    address = f"/media/{SHOWN}-400.jpg"
    async with serve(show(), show("two"), changed=where) as served:
        assert (await served.client.get(address)).status_code == 200

        await served.say(show("one", 2, WAITING))
        await served.until(f"/api/v1/events/{'one'}", WAITING)
        assert (await served.client.get(address)).status_code == 200, "the other event still shows it"
        await served.say(EventWithdrawn(event_id="two", revision=2, withdrawn_at="2026-11-03T10:00:00Z"))
        await served.until("/api/v1/events/two", "410")
        assert (await served.client.get(address)).status_code == 404
        assert (await served.client.get(f"/media/{WAITING}-400.jpg")).status_code == 200


async def test_a_start_from_the_snapshot_knows_what_is_shown(where: Mapping[str, str], tmp_path: Path) -> None:
    async with serve(show(), data=tmp_path, changed=where) as served:
        await served.client.get("/feeds/programme.ics")
        log = served.log
    log.away = True
    async with serve(log=log, data=tmp_path, changed=where) as served:
        await served.ready()

        assert (await served.client.get(f"/media/{SHOWN}-400.jpg")).status_code == 200
        assert (await served.client.get(f"/media/{WAITING}-400.jpg")).status_code == 404


async def test_without_the_database_only_pictures_are_missing() -> None:
    async with serve(show(), changed={"mongo_url": "mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=50"}) as served:
        answers = [await served.client.get(f"/media/{SHOWN}-400.jpg") for _ in range(3)]
        others = [await served.client.get(each) for each in ("/feeds/programme.ics", "/pl/events/one", "/readyz")]

        assert [each.status_code for each in answers] == [503] * 3
        assert {each.json()["type"].rpartition("/")[2] for each in answers} == {"pictures_unavailable"}
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert [each.status_code for each in others] == [200] * 3
        assert "pictures" in others[-1].json()["notes"]
