"""A picture's way: seen by its organisation, then by everybody, and by nobody once its licence is over."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

import httpx
import pytest

from services.calendar.lapse.commands import LAPSE
from shared.clock import utc_now
from shared.database.client import Database
from shared.jobs.repository import COLLECTION, Jobs
from tests.shared.media.drawing import draw_quarters, encode
from tests.support.accounts import open_quick_accounts
from tests.support.builders import make_submission
from tests.support.clients import PASSWORD, Curator, Editor, eventually, make_keys
from tests.support.databases import open_patiently
from tests.support.running import together

MEDIA = "/ingest/api/v1/media"
END = utc_now().date() + timedelta(days=40)
FEEDS = ("ics", "rss", "json")


@dataclass(frozen=True)
class People:
    """Who works with pictures, and everybody else."""

    editor: Editor
    other: Editor
    curator: Curator
    public: httpx.AsyncClient
    calendar: Database

    async def upload(self, number: int) -> dict[str, Any]:
        """Send in a picture, and give it as an event names it."""
        data = encode(draw_quarters(600 + number, 400))
        answer = await self.editor.http.post(MEDIA, content=data, headers={"Content-Type": "image/jpeg"})
        assert answer.status_code == 201, answer.text
        return {
            "media": answer.json()["media"],
            "alt": {"pl": f"Zdjęcie {number}"},
            "credit": "Anna Nowak",
            "licence": "permission",
        }

    async def see(self, image: Mapping[str, Any]) -> list[int]:
        """Ask for a picture: in public, then in ingest as its organisation, as another, as nobody."""
        file = f"{image['media']}-400.jpg"
        answers = [await self.public.get(f"/media/{file}")]
        people = (self.editor.http, self.other.http, self.public)
        answers += [await who.get(f"/ingest/media/{file}") for who in people]
        return [each.status_code for each in answers]

    async def count_pictures(self, event_id: str) -> int:
        answer = await self.public.get(f"/api/v1/events/{event_id}")
        return len(answer.json().get("pictures", [])) if answer.is_success else -1

    async def read_tags(self) -> list[str]:
        return [(await self.public.get(f"/feeds/programme.{each}")).headers["etag"] for each in FEEDS]


@pytest.fixture
async def people(mongo_url: str, database_name: str) -> AsyncIterator[People]:
    async with AsyncExitStack() as opened:
        settings = await opened.enter_async_context(together(mongo_url, database_name))
        keys, at = await make_keys(settings), settings.public_url
        async with open_quick_accounts(settings) as accounts:
            other = await accounts.put_account(
                email="ck105@kalendarium.example",
                name="Ewa Lis",
                organisation="ck105",
                organisation_name="CK105",
                role="editor",
                password=PASSWORD,
            )
            key = await accounts.create_key(other.id)
        yield People(
            editor=await opened.enter_async_context(Editor(at, keys.editor)),
            other=await opened.enter_async_context(Editor(at, key)),
            curator=await opened.enter_async_context(Curator(at, keys.curator)),
            public=await opened.enter_async_context(httpx.AsyncClient(base_url=at, timeout=30)),
            calendar=await opened.enter_async_context(open_patiently(mongo_url, settings.database("calendar"))),
        )


async def publish(people: People, *images: Mapping[str, Any]) -> str:
    sent = await people.editor.send(make_submission(external_id=None, images=list(images)), again=True)
    assert await eventually(lambda: is_waiting(people, sent.id, 1), expected=True)
    await people.curator.accept(sent.id)
    assert await eventually(lambda: people.count_pictures(sent.id), len(images)) == len(images)
    return sent.id


async def is_waiting(people: People, entry_id: str, version: int) -> bool:
    answer = await people.curator.http.get(f"{Curator.REVIEWS}/{entry_id}")
    proposal = (answer.json()["proposal"] or {}) if answer.is_success else {}
    return bool((proposal.get("state"), proposal.get("version")) == ("waiting", version))


async def lapse(people: People, day: date) -> None:
    jobs = Jobs(people.calendar[COLLECTION])
    assert await jobs.add(LAPSE, day.isoformat())


async def test_a_picture_lapses_with_one_revision_and_one_new_tag_of_each_feed(people: People) -> None:
    short, long = await people.upload(1) | {"valid_until": END.isoformat()}, await people.upload(2)
    event_id = await publish(people, short, long)
    before, event = await people.read_tags(), (await people.public.get(f"/api/v1/events/{event_id}")).json()
    assert await people.see(short) == [200, 200, 404, 401]

    await lapse(people, END + timedelta(days=1))

    assert await eventually(lambda: people.count_pictures(event_id), 1) == 1
    assert await people.see(short) == [404, 200, 404, 401]
    assert await people.see(long) == [200, 200, 404, 401]
    after = await people.read_tags()
    assert [one == other for one, other in zip(before, after, strict=True)] == [False] * 3
    now = (await people.public.get(f"/api/v1/events/{event_id}")).json()
    assert now["revision"] == event["revision"] + 1
    assert short["media"] not in (await people.public.get("/feeds/programme.json")).text
    await lapse(people, END + timedelta(days=2))
    kept = {"_id": {"$regex": "."}, "kind": LAPSE, "state": "done"}
    assert await eventually(lambda: people.calendar[COLLECTION].count_documents(kept), 2) >= 2
    assert await people.read_tags() == after


async def test_no_picture_that_a_curator_has_not_accepted_is_ever_public(people: People) -> None:
    chance = random.Random(2027)  # noqa: S311 - of a test
    pictures = [await people.upload(number) for number in range(3, 7)]
    event_id, public, version = await publish(people, pictures[0]), [pictures[0]], 1

    for _ in range(8):
        chosen = chance.sample(pictures, chance.randint(0, 3))
        sent = make_submission(external_id=None, title={"pl": f"Żagle {chance.random()}"}, images=chosen)
        answer = await people.editor.http.put(f"{Editor.SUBMISSIONS}/{event_id}", json=sent, headers={"If-Match": "*"})
        assert answer.is_success, answer.text
        version += 1
        assert await eventually(partial(is_waiting, people, event_id, version), expected=True)
        await check_only(people, public, pictures)
        if chance.random() < 0.5:
            await people.curator.accept(event_id)
            public = chosen
        else:
            await people.curator.reject(event_id, reason="not_touristic")
        assert await eventually(lambda: people.count_pictures(event_id), len(public)) == len(public)
        await eventually(lambda: shown_in_public(people, pictures), [each in public for each in pictures])
        await check_only(people, public, pictures)


async def shown_in_public(people: People, pictures: list[dict[str, Any]]) -> list[bool]:
    return [(await people.see(each))[0] == httpx.codes.OK for each in pictures]


async def check_only(people: People, public: list[dict[str, Any]], pictures: list[dict[str, Any]]) -> None:
    texts = [(await people.public.get(f"/feeds/programme.{each}")).text for each in FEEDS]
    unfolded = "".join(texts).replace("\r\n ", "")
    for each in pictures:
        is_public = each in public
        assert await people.see(each) == [200 if is_public else 404, 200, 404, 401]
        assert (each["media"] in unfolded) == is_public
