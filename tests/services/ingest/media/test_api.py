"""Pictures through the API of a whole ingest: what is taken, what is refused in which words, and who sees them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from services.ingest.jobs import make_handlers
from services.ingest.media.commands import SETTLE
from services.ingest.media.problems import MEDIA_PROBLEMS
from shared.clock import utc_now
from shared.jobs.model import Job
from shared.media.model import MAX_UPLOAD, name_upload
from shared.media.uploads import UploadSlots
from shared.sandbox.model import ChildLate, SandboxUnavailable
from shared.web.problems import find_problem
from tests.services.ingest.conftest import Ingest
from tests.shared.media.drawing import decode, draw_quarters, encode, get_corners

MEDIA = "/ingest/api/v1/media"
JPEG = {"Content-Type": "image/jpeg"}
UPLOAD = encode(draw_quarters(1_200, 400))
ENGLISH = {"Accept-Language": "en"}


async def send(client: httpx.AsyncClient, data: bytes = UPLOAD, **parameters: float) -> dict[str, Any]:
    answer = await client.post(MEDIA, content=data, headers=JPEG, params=parameters)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json() | {"location": answer.headers["location"]}
    return body


async def test_a_picture_is_taken_and_seen_in_its_sizes(ingest: Ingest) -> None:
    sent = await send(ingest.lot)

    media = name_upload(UPLOAD)
    files = [f"/ingest/media/{media}-400.{kind}" for kind in ("webp", "jpg")]
    assert sent == {
        "media": media,
        "width": 1_200,
        "height": 400,
        "focus": {"x": 0.5, "y": 0.5},
        "files": files,
        "location": files[-1],
    }
    seen = [await ingest.lot.get(each) for each in files]
    assert [each.headers["content-type"] for each in seen] == ["image/webp", "image/jpeg"]
    assert [decode(each.content).size for each in seen] == [(400, 267)] * 2
    assert {each.headers["x-content-type-options"] for each in seen} == {"nosniff"}
    assert await send(ingest.lot) == sent


async def test_the_focus_is_given_with_the_picture_or_moved_afterwards(ingest: Ingest) -> None:
    left = await send(ingest.lot, x=0)

    moved = await ingest.lot.post(f"{MEDIA}/{left['media']}/focus", json={"x": 1, "y": 0.5})

    assert moved.status_code == 201
    assert moved.json()["focus"] == {"x": 1, "y": 0.5}
    corners = [get_corners((await ingest.lot.get(each["files"][1])).content) for each in (left, moved.json())]
    assert corners == [["red", "red", "blue", "blue"], ["green", "green", "yellow", "yellow"]]


async def test_a_picture_is_seen_by_its_organisation_and_curators_only(ingest: Ingest) -> None:
    address = (await send(ingest.lot))["location"]
    callers = (ingest.lot, ingest.curator, ingest.other, ingest.nobody)

    assert [(await each.get(address)).status_code for each in callers] == [200, 200, 404, 401]
    whole = f"/ingest/media/{name_upload(UPLOAD)}-source.jpg"
    assert [(await each.get(whole)).status_code for each in callers] == [200, 200, 404, 401]
    for file in ("nothing", f"{'ab' * 32}-400.jpg", f"{'ab' * 32}-source.jpg", name_upload(UPLOAD)):
        assert (await ingest.curator.get(f"/ingest/media/{file}")).status_code == 404
    moving = [await each.post(f"{MEDIA}/{name_upload(UPLOAD)}/focus", json={"x": 0, "y": 0}) for each in callers[1:]]
    assert [each.status_code for each in moving] == [403, 404, 401]
    await send(ingest.other)
    assert (await ingest.other.get(address)).status_code == 200


async def test_a_picture_is_deleted_by_who_has_it(ingest: Ingest) -> None:
    sent = await send(ingest.lot)
    address = f"{MEDIA}/{sent['media']}"

    callers = (ingest.nobody, ingest.curator, ingest.other, ingest.lot, ingest.lot)
    assert [(await each.delete(address)).status_code for each in callers] == [401, 403, 404, 204, 404]
    assert (await ingest.lot.get(sent["location"])).status_code == 404


async def test_what_is_no_picture_is_refused_in_words(ingest: Ingest) -> None:
    for data, code, words in (
        (UPLOAD[:900], "picture_broken", "save it as JPEG"),
        (b"", "picture_broken", "save it as JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "picture_svg", "Export it as PNG"),
        (encode(draw_quarters(200, 200)), "picture_small", "400 by 267"),
    ):
        answer = await ingest.lot.post(MEDIA, content=data, headers=JPEG | ENGLISH)

        assert answer.status_code == 422
        assert [(each["field"], each["code"]) for each in answer.json()["errors"]] == [("picture", code)]
        assert words in answer.json()["errors"][0]["message"]


async def test_a_focus_outside_of_the_picture_is_refused(ingest: Ingest) -> None:
    media = (await send(ingest.lot))["media"]

    for query in ("x=1.1", "x=-0.1", "y=nan", "y=inf", "x=left"):
        assert (await ingest.lot.post(f"{MEDIA}?{query}", content=UPLOAD, headers=JPEG)).status_code == 400
    for body in ({"x": 2, "y": 0}, {"x": 0}, {"x": "0", "y": 0}, {"x": 0, "y": 0, "z": 0}):
        assert (await ingest.lot.post(f"{MEDIA}/{media}/focus", json=body)).status_code == 422


async def test_another_type_is_refused_before_it_is_read(ingest: Ingest) -> None:
    for kind in ("image/gif", "image/svg+xml", "application/json", "multipart/form-data; boundary=b"):
        pieces = Pieces(100_000)
        answer = await ingest.lot.post(MEDIA, content=pieces, headers={"Content-Type": kind} | ENGLISH)

        assert (answer.status_code, pieces.given) == (415, 0)
        assert "image/jpeg, image/png or image/webp" in answer.json()["detail"]


class Pieces:
    """A body of unknown length, which notes how much of it was asked for."""

    def __init__(self, size: int) -> None:
        self.size, self.given = size, 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self.given < self.size:
            self.given += 100_000
            yield bytes(100_000)


async def test_a_picture_over_the_limit_is_refused_however_its_length_is_told(ingest: Ingest) -> None:
    pieces = Pieces(MAX_UPLOAD * 2)

    announced = await ingest.lot.post(MEDIA, content=bytes(MAX_UPLOAD + 1), headers=JPEG | ENGLISH)
    counted = await ingest.lot.post(MEDIA, content=pieces, headers=JPEG | ENGLISH)

    assert [(each.status_code, "20 MB" in each.json()["detail"]) for each in (announced, counted)] == [(413, True)] * 2
    assert pieces.given <= MAX_UPLOAD + 100_000


async def test_nothing_is_read_of_who_may_not_send(ingest: Ingest) -> None:
    for client, status in ((ingest.nobody, 401), (ingest.curator, 403)):
        pieces = Pieces(1_000_000)
        assert (await client.post(MEDIA, content=pieces, headers=JPEG)).status_code == status
        assert pieces.given == 0


async def test_who_comes_while_there_is_no_room_is_told_when_to_come_back(ingest: Ingest) -> None:
    pieces = Pieces(1_000_000)

    with full(ingest.state.uploads, "lot-szczecin"):
        answer = await ingest.lot.post(MEDIA, content=pieces, headers=JPEG)
        elsewhere = await ingest.other.post(MEDIA, content=UPLOAD, headers=JPEG)

    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/pictures_busy")
    assert (int(answer.headers["retry-after"]), pieces.given) == (10, 0)
    assert elsewhere.status_code == 201
    await send(ingest.lot)


@pytest.mark.parametrize("error", [SandboxUnavailable("it was killed"), ChildLate("it was too slow")])
def test_a_machine_that_cannot_read_pictures_is_not_blamed_on_the_picture(error: Exception) -> None:
    found = find_problem(error, MEDIA_PROBLEMS)

    assert found is not None
    assert (found.status, found.code, found.headers) == (503, "pictures_unavailable", {"Retry-After": "60"})


class full:  # noqa: N801 - reads as a statement
    """Three uploads of an organisation that do not end."""

    def __init__(self, slots: UploadSlots, organisation: str) -> None:
        self._taken = [slots.take(organisation) for _ in range(3)]

    def __enter__(self) -> None:
        for each in self._taken:
            each.__enter__()

    def __exit__(self, *_error: object) -> None:
        for each in self._taken:
            each.__exit__(None, None, None)


async def test_thirty_at_once_are_taken_or_told_to_come_back_while_others_are_served(ingest: Ingest) -> None:
    uploads = [encode(draw_quarters(600 + each, 500)) for each in range(15)]
    calls = [
        asyncio.create_task(client.post(MEDIA, content=each, headers=JPEG))
        for each in uploads
        for client in (ingest.lot, ingest.other)
    ]
    meanwhile = await ingest.lot.get("/ingest/api/v1/submissions")
    answers = await asyncio.gather(*calls)

    assert meanwhile.status_code == 200
    statuses = [each.status_code for each in answers]
    assert set(statuses) == {201, 503}
    assert statuses.count(201) >= 6


async def test_what_died_while_it_wrote_is_settled_at_night(ingest: Ingest) -> None:
    handler, now = make_handlers(ingest.state)[SETTLE], utc_now()

    assert await handler(Job(id="1", kind=SETTLE, key="today", due_at=now, created_at=now)) == {"settled": 0}
