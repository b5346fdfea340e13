"""Pictures of an event through the API: whose, and how long they may be shown."""

from __future__ import annotations

from typing import Any

import httpx

from services.ingest.submission.content import parse_event, write_event
from shared.event.model import Image, parse_part, serialize_part
from tests.services.ingest.builders import make_event
from tests.services.ingest.conftest import Ingest
from tests.services.ingest.media.test_api import UPLOAD, send
from tests.shared.media.drawing import draw_quarters, encode

API = "/ingest/api/v1/submissions"


def show(media: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - a picture's fields are of all kinds
    said = {"media": media, "alt": {"pl": "Żaglowce", "de": "Segler"}, "credit": "Jan Żak", "licence": "permission"}
    return {**said, "valid_until": "2028-12-31", **changes}


def list_codes(answer: httpx.Response) -> dict[str, str]:
    return {each["field"]: each["code"] for each in answer.json()["errors"]}


async def test_own_pictures_are_taken_with_what_is_said_of_them(ingest: Ingest) -> None:
    second = encode(draw_quarters(900, 600))
    shown = [show((await send(ingest.lot, data))["media"]) for data in (UPLOAD, second)]

    answer = await ingest.lot.post(API, json=make_event(images=shown))

    assert answer.status_code == 201, answer.text
    assert answer.json()["event"]["images"] == shown


async def test_a_picture_of_another_organisation_is_refused(ingest: Ingest) -> None:
    media = (await send(ingest.other))["media"]

    answers = [await ingest.lot.post(path, json=make_event(images=[show(media)])) for path in (API, f"{API}/validate")]

    assert [(each.status_code, list_codes(each)) for each in answers] == [
        (422, {"images.0.media": "unknown_picture"})
    ] * 2


async def test_a_picture_stays_in_its_event_though_its_organisation_gave_it_up(ingest: Ingest) -> None:
    media = (await send(ingest.lot))["media"]
    sent = (await ingest.lot.post(API, json=make_event(images=[show(media)]))).json()
    await ingest.state.media.pictures.release(media, "lot-szczecin")

    changed = make_event(images=[show(media, credit="Anna Żak")])
    answer = await ingest.lot.put(f"{API}/{sent['id']}", json=changed, headers={"If-Match": '"1"'})
    elsewhere = await ingest.lot.post(API, json=make_event(title={"pl": "Regaty"}, images=[show(media)]))

    assert (answer.status_code, elsewhere.status_code) == (200, 422)


async def test_a_licence_that_is_over_is_refused_but_not_in_what_was_sent_before(ingest: Ingest) -> None:
    media = (await send(ingest.lot))["media"]
    old = make_event(images=[show(media, valid_until="2020-01-01")])
    today = ingest.state.get_today().isoformat()

    refused = await ingest.lot.post(API, json=old)
    taken = await ingest.lot.post(API, json=make_event(images=[show(media, valid_until=today)]))

    assert (refused.status_code, list_codes(refused)) == (422, {"images.0.valid_until": "licence_over"})
    assert (
        "1 January 2020"
        in (await ingest.lot.post(API, json=old, headers={"Accept-Language": "en"})).json()["errors"][0]["message"]
    )
    assert taken.status_code == 201


def test_pictures_of_another_release_are_kept_as_they_are() -> None:
    older = {"url": "https://x.example/a.jpg", "alt": {"pl": "Żagle"}}
    newer = {"media": "ab" * 32, "alt": {"pl": "Żagle"}, "rotated": True}

    event = parse_event(make_event(images=[older, newer]))

    assert write_event(event)["images"] == [older, newer]
    assert parse_part(serialize_part(event.images[1]), Image) == event.images[1]
