"""A year of forty events, of which some are cancelled, withdrawn, refused or edited, and everything it shows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx

from services.demo.walkthrough import FORMATS, PublicAddresses
from shared.region import load_region
from tests.support.builders import make_submission
from tests.support.clients import PASSWORD, Curator, Editor, Keys, Reader, Submission, people
from tests.support.running import REGION

PATIENCE: Final = 120.0
EVENTS: Final = 40
PACK: Final = load_region(REGION)
FEEDS: Final = ("programme", *PACK.channels)

World = Mapping[str, tuple[int, str | None, bytes]]
"""Status, ETag and bytes of everything that people and programs see, by address."""


@dataclass(frozen=True)
class People:
    """An editor, a curator, and who reads; and where they are."""

    editor: Editor
    curator: Curator
    reader: Reader

    async def stop(self, entry_id: str, act: str) -> None:
        """Cancel or withdraw as the curator."""
        seen = await self.curator.find(entry_id)
        address = f"{Curator.REVIEWS}/{entry_id}/{act}"
        answer = await self.curator.http.post(address, headers={"If-Match": f'"{seen.review_number}"'})
        answer.raise_for_status()


@asynccontextmanager
async def people_of(addresses: PublicAddresses, keys: Keys) -> AsyncIterator[People]:
    """Let them in by their keys."""
    at = {"ingest": addresses.ingest_url, "calendar": addresses.calendar_url, "public": addresses.base_url}
    async with people(keys, **at) as (editor, curator, reader):
        yield People(editor, curator, reader)


def event(number: int, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - an event's fields are of all kinds
    """The event with this number: each of another place, kind and day."""
    counties, categories = list(PACK.counties), list(PACK.categories)
    day = f"2027-{1 + number % 12:02}-{1 + number % 28:02}"
    titles = {"pl": f"Święto nr {number}"} | (
        {"de": f"Fest Nr. {number}", "en": f"Feast {number}"} if number % 2 else {}
    )
    return (
        make_submission(
            external_id=f"swieto-{number:02}",
            title=titles,
            category=categories[number % len(categories)],
            dates={"certainty": "provisional" if number % 7 == 0 else "exact", "start": day, "end": day},
            venue={"town": "Szczecin", "county": counties[number % len(counties)]},
            contact={"name": "Anna Żak", "email": "anna@lot.example"},
        )
        | changes
    )


async def fill(who: People) -> list[str]:
    """Put the year in, of every fate some, and wait until everybody knows everything; the ids."""
    editor, curator = who.editor, who.curator
    sent = [await editor.send(event(number)) for number in range(EVENTS)]
    ids = [each.id for each in sent]
    await agreed(who, ids)
    for number in range(30):
        await curator.accept(ids[number])
    await curator.reject(ids[30], reason="not_touristic")
    await curator.request_changes(ids[31], "Proszę o godzinę.")
    await curator.request_changes(ids[32], "Proszę o miejsce.")
    await agreed(who, ids)
    await _happen(who, sent)
    await agreed(who, ids)
    await curator.accept(ids[8])
    await agreed(who, ids)
    return ids


async def _happen(who: People, sent: Sequence[Submission]) -> None:
    ids = [each.id for each in sent]
    for number in (0, 1):
        await who.editor.cancel(sent[number])
    for number in (2, 3, 33):
        await who.editor.withdraw(sent[number])
    await who.stop(ids[4], "cancel")
    await who.stop(ids[5], "withdraw")
    for number in (6, 7, 8, 32):
        await who.editor.edit(sent[number], event(number, summary={"pl": "Z nowym opisem."}))


async def agreed(who: People, ids: Sequence[str]) -> None:
    """Wait until calendar knows all that ingest does, ingest all that calendar does, and every feed what is public.

    What differed is asked for again, and all of it in the end: to ask for everything each time would keep the services
    from the work that is waited for.
    """
    end = time.monotonic() + PATIENCE
    public: dict[str, int] = {}
    asked: Iterable[str] = ids
    while True:
        different = await _different_entries(who, asked, public) or await _different_feeds(who, public)
        if not different and asked is ids:
            return
        assert time.monotonic() < end, different
        asked = list(different) or ids
        await asyncio.sleep(0.2 if different else 0)


async def _different_entries(who: People, ids: Iterable[str], public: dict[str, int]) -> dict[str, object]:
    """Find what ingest and calendar say differently, by id; notes the revision of what is public."""
    different: dict[str, object] = {}
    for each in ids:
        submission = await who.editor.find(each)
        answer = await who.curator.http.get(f"{Curator.REVIEWS}/{each}")
        if answer.status_code == httpx.codes.NOT_FOUND:
            different[each] = "not in calendar"
            continue
        entry = answer.json()
        if submission.review is None or submission.review.number != entry["review_number"]:
            different[each] = (submission, entry["review_number"])
        elif submission.state != entry["state"]:
            different[each] = (submission.state, entry["state"])
        public.pop(each, None)
        if entry["live"] and entry["live"]["status"] != "withdrawn":
            public[each] = entry["revision"]
    return different


async def _different_feeds(who: People, public: Mapping[str, int]) -> dict[str, object]:
    """Find what a feed says differently of what is public, by id."""
    different: dict[str, object] = {}
    for shown in (await _in_json(who.reader), await _in_ical(who.reader)):
        different |= {each: (shown.get(each), revision) for each, revision in set(shown.items()) ^ set(public.items())}
    return different


async def _in_json(reader: Reader) -> dict[str, int]:
    return {event_id: each.revision for event_id, each in (await reader.events()).items()}


async def _in_ical(reader: Reader) -> dict[str, int]:
    return {event_id: int(str(each["SEQUENCE"])) for event_id, each in (await reader.components()).items()}


async def world(who: People, ids: Sequence[str]) -> World:
    """Look at everything: every feed in every format, each submission, each entry, the API, and an event's page."""
    asked: dict[str, Editor | Curator | Reader] = {}
    asked |= {f"/feeds/{name}.{extension}": who.reader for name in FEEDS for extension in FORMATS}
    asked |= {"/feeds/programme.ics?lang=de": who.reader, "/api/v1/events?limit=200": who.reader}
    asked |= {f"/pl/events/{each}": who.reader for each in ids}
    asked |= {f"{Editor.SUBMISSIONS}/{each}": who.editor for each in ids}
    asked |= {f"{Curator.REVIEWS}/{each}": who.curator for each in ids}
    asked |= {"/calendar/api/v1/programme/2027": who.curator, Editor.SUBMISSIONS: who.editor}
    answers = {address: await somebody.http.get(address) for address, somebody in asked.items()}
    return {
        address: (answer.status_code, answer.headers.get("etag"), answer.content) for address, answer in answers.items()
    }


def differing(one: World, other: World) -> list[str]:
    """Name the addresses where two worlds differ, for a message that can be read."""
    return [address for address in one.keys() | other.keys() if one.get(address) != other.get(address)]


async def may_log_in(addresses: PublicAddresses) -> bool:
    """Whether the editor gets in by the password."""
    form = {"email": "um-szczecin-editor@kalendarium.example", "password": PASSWORD}
    async with httpx.AsyncClient(headers={"Sec-Fetch-Site": "same-origin"}) as browser:
        answer = await browser.post(f"{addresses.ingest_url}/ingest/login", data=form)
        page = await browser.get(f"{addresses.ingest_url}/ingest/")
    return (answer.status_code, page.status_code) == (httpx.codes.SEE_OTHER, httpx.codes.OK)
