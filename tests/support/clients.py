"""The people of this system as programs: an editor, a curator, and who reads the feeds.

They know the public addresses and nothing else, so a test written with them says what people see.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Self, TypeVar

import feedparser
import httpx
import msgspec
from icalendar import Calendar, Event

from shared.accounts.accounts import Role
from shared.json_feed import is_event, read_items
from shared.settings import CommonSettings
from tests.support.accounts import open_quick_accounts

FORMATS: Final = ("ics", "rss", "json")
LOOK_AGAIN_SECONDS: Final = 0.02
PATIENCE_SECONDS: Final = 60.0
NOTICE: Final = "#rev"
"""Stands in the id of an item that is a notice about an event."""
PASSWORD: Final = "Wały Chrobrego 1913"

CERTIFICATES: Final = ssl.create_default_context()
"""Read once: httpx would read all of them for each client, which takes 20 ms."""

T = TypeVar("T")


class Unavailable(AssertionError):
    """A service said 503: that it cannot answer now, and may be asked again. A busy machine's MongoDB is slow."""


async def eventually(
    question: Callable[[], Awaitable[T]],
    expected: object,
    *,
    within: float = PATIENCE_SECONDS,
    every: float = LOOK_AGAIN_SECONDS,
) -> T:
    """Ask until the answer is the expected one or ``within`` seconds are over, and give the last answer.

    What is asked for often keeps those busy who are to bring it about; ``every`` is the pause between two questions.
    """
    end = time.monotonic() + within
    while True:
        answer = await answered(question, within=end - time.monotonic())
        if answer == expected or time.monotonic() > end:
            return answer
        await asyncio.sleep(every)


async def answered(act: Callable[[], Awaitable[T]], *, within: float = PATIENCE_SECONDS) -> T:
    """Do something again as long as a service says that it cannot answer now, for ``within`` seconds."""
    end = time.monotonic() + within
    while True:
        try:
            return await act()
        except Unavailable:
            if time.monotonic() > end:
                raise
        await asyncio.sleep(LOOK_AGAIN_SECONDS)


class Review(msgspec.Struct, frozen=True):
    """What the curators last said of a submission."""

    number: int
    version: int
    state: str
    reason: str | None
    comment: str | None


class Submission(msgspec.Struct, frozen=True):
    """A submission as ingest answers it."""

    id: str
    version: int
    state: str
    live_version: int | None
    review: Review | None
    event: dict[str, Any]


class Proposal(msgspec.Struct, frozen=True):
    """What waits of an entry, or was refused."""

    version: int
    state: str
    event: dict[str, Any]


class Entry(msgspec.Struct, frozen=True):
    """An entry as calendar answers it."""

    id: str
    review_number: int
    state: str
    revision: int
    proposal: Proposal | None


class Client:
    """Somebody with a key for one service.

    Args:
        address: the service's, without a slash at the end.
        key: an API key; None for somebody without one.

    """

    def __init__(self, address: str, key: str | None = None) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.http = httpx.AsyncClient(base_url=address, headers=headers, timeout=30, verify=CERTIFICATES)

    async def __aenter__(self) -> Self:
        """Open the connections."""
        await self.http.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close them."""
        await self.http.aclose()


class Editor(Client):
    """Who sends events in, for one organisation."""

    SUBMISSIONS: Final = "/ingest/api/v1/submissions"

    async def send(self, event: Mapping[str, Any], *, key: str | None = None, again: bool = False) -> Submission:
        """Send a new event in; ``key`` makes it harmless to repeat, ``again`` says that the same one is meant twice."""
        headers, params = {"Idempotency-Key": key} if key else {}, {"again": "true"} if again else {}
        answer = await self.http.post(self.SUBMISSIONS, json=dict(event), headers=headers, params=params)
        return _read(answer, Submission)

    async def find(self, submission_id: str) -> Submission:
        """Read a submission."""
        return _read(await self.http.get(f"{self.SUBMISSIONS}/{submission_id}"), Submission)

    async def state_of(self, submission_id: str) -> str:
        """Read what became of a submission."""
        return (await self.find(submission_id)).state

    async def edit(self, submission: Submission, event: Mapping[str, Any]) -> Submission:
        """Send another version."""
        answer = await self.http.put(f"{self.SUBMISSIONS}/{submission.id}", json=dict(event), headers=_seen(submission))
        return _read(answer, Submission)

    async def cancel(self, submission: Submission) -> Submission:
        """Call the event off."""
        return await self._act(submission, "cancel")

    async def postpone(self, submission: Submission) -> Submission:
        """Say that it does not take place on its date, and the new one is not known."""
        return await self._act(submission, "postpone")

    async def withdraw(self, submission: Submission) -> Submission:
        """Take the submission back."""
        return await self._act(submission, "withdraw")

    async def state_availability(self, submission: Submission, availability: str | None) -> Submission:
        """Say at once whether there are tickets."""
        address = f"{self.SUBMISSIONS}/{submission.id}/availability"
        answer = await self.http.put(address, json={"availability": availability}, headers=_seen(submission))
        return _read(answer, Submission)

    async def _act(self, submission: Submission, act: str) -> Submission:
        answer = await self.http.post(f"{self.SUBMISSIONS}/{submission.id}/{act}", headers=_seen(submission))
        return _read(answer, Submission)


class Curator(Client):
    """Who decides."""

    REVIEWS: Final = "/calendar/api/v1/reviews"

    async def entries(self, **filters: str) -> dict[str, Entry]:
        """List all entries, by id."""
        found: dict[str, Entry] = {}
        parameters = {**filters, "limit": "200"}
        while True:
            page = _read(await self.http.get(self.REVIEWS, params=parameters), _Entries)
            found |= {entry.id: entry for entry in page.items}
            if page.next is None:
                return found
            parameters["cursor"] = page.next

    async def waiting(self) -> dict[str, int | None]:
        """List what waits for a decision: the version that waits, by the entry's id."""
        entries = await self.entries(state="waiting")
        return {entry.id: entry.proposal.version if entry.proposal else None for entry in entries.values()}

    async def find(self, entry_id: str) -> Entry:
        """Read an entry."""
        return _read(await self.http.get(f"{self.REVIEWS}/{entry_id}"), Entry)

    async def accept(self, entry_id: str) -> Entry:
        """Make public what waits."""
        return await self._decide(entry_id, "accept", {})

    async def reject(self, entry_id: str, *, reason: str) -> Entry:
        """Refuse what waits."""
        return await self._decide(entry_id, "reject", {"reason": reason})

    async def request_changes(self, entry_id: str, comment: str) -> Entry:
        """Hand back what waits."""
        return await self._decide(entry_id, "request-changes", {"comment": comment})

    async def _decide(self, entry_id: str, decision: str, words: Mapping[str, str]) -> Entry:
        seen = await self.find(entry_id)
        headers = {"If-Match": f'"{seen.review_number}"'}
        answer = await self.http.post(f"{self.REVIEWS}/{entry_id}/{decision}", json=dict(words), headers=headers)
        return _read(answer, Entry)


class _Entries(msgspec.Struct, frozen=True):
    items: list[Entry]
    next: str | None


@dataclass(frozen=True, slots=True)
class Published:
    """An event as a feed has it."""

    title: str
    revision: int
    status: str


class Reader(Client):
    """An office that has subscribed to feeds; it needs no key."""

    async def feed(self, extension: str, name: str = "programme", **filters: str) -> bytes:
        """Fetch a feed."""
        return _checked(await self.http.get(f"/feeds/{name}.{extension}", params=filters)).content

    async def events(self, name: str = "programme") -> dict[str, Published]:
        """Read a JSON feed to its last page: what it says of each event, by the event's id."""
        items = await read_items(self._page, f"/feeds/{name}.json")
        return published_in(list(items.values()))

    async def _page(self, path: str) -> dict[str, Any]:
        page: dict[str, Any] = msgspec.json.decode(_checked(await self.http.get(path)).content)
        return page

    async def components(self, name: str = "programme") -> dict[str, Event]:
        """Read an iCal feed: its components, by the event's id, without single occurrences that are not as planned."""
        read = Calendar.from_ical(await self.feed("ics", name)).events
        events = [each for each in read if "RECURRENCE-ID" not in each]
        found = {_event_id(str(event["UID"])): event for event in events}
        assert len(found) == len(events), "a UID stands twice in the iCal feed"
        return found

    async def notices(self, name: str = "programme") -> dict[str, str]:
        """Read an RSS feed: the titles of its events, by the event's id."""
        entries = [each for each in await self._news(name) if NOTICE not in each.id]
        found = {entry.id.split(":")[3]: str(entry.title) for entry in entries}
        assert len(found) == len(entries), "an event stands twice in the RSS feed"
        return found

    async def news_of(self, event_id: str, name: str = "programme") -> dict[str, str]:
        """Read an RSS feed: the notices about an event, each by the revision that brought it about."""
        entries = [each for each in await self._news(name) if NOTICE in each.id and event_id in each.id]
        return {entry.id.partition(NOTICE)[2]: str(entry.title) for entry in entries}

    async def _news(self, name: str) -> list[Any]:
        found: list[Any] = feedparser.parse(await self.feed("rss", name)).entries
        return found

    async def titles(self, event_id: str) -> dict[str, str | None]:
        """Read an event's title in each format; None where it is missing."""
        components, notices, events = await self.components(), await self.notices(), await self.events()
        return {
            "ics": str(components[event_id]["SUMMARY"]) if event_id in components else None,
            "rss": notices.get(event_id),
            "json": events[event_id].title if event_id in events else None,
        }

    async def page(self, event_id: str, language: str = "pl") -> httpx.Response:
        """Open an event's page."""
        return await self.http.get(f"/{language}/events/{event_id}")


def published_in(items: Sequence[Mapping[str, Any]]) -> dict[str, Published]:
    """Read the items of a JSON feed."""
    events = [item for item in items if is_event(item)]
    found = {_event_id(item["_event"]["uid"]): _published(item) for item in events}
    assert len(found) == len(events), "an event stands twice in the JSON feed"
    return found


def _published(item: Mapping[str, Any]) -> Published:
    return Published(item["title"], item["_event"]["revision"], item["_event"]["status"])


@dataclass(frozen=True, slots=True)
class Keys:
    """API keys of an editor of one organisation and of a curator."""

    editor: str
    curator: str


@asynccontextmanager
async def people(
    keys: Keys, *, ingest: str, calendar: str, public: str
) -> AsyncIterator[tuple[Editor, Curator, Reader]]:
    """Give an editor, a curator and a reader, each at the address of their service."""
    async with (
        Editor(ingest, keys.editor) as editor,
        Curator(calendar, keys.curator) as curator,
        Reader(public) as reader,
    ):
        yield editor, curator, reader


async def make_keys(settings: CommonSettings) -> Keys:
    """Make an editor of the Szczecin organisation and a curator, and give their keys."""
    async with open_quick_accounts(settings) as accounts:

        async def key(role: Role, organisation: str, name: str) -> str:
            account = await accounts.put_account(
                email=f"{organisation}-{role}@kalendarium.example",
                name="Anna Żak",
                organisation=organisation,
                organisation_name=name,
                role=role,
                password=PASSWORD,
            )
            return await accounts.create_key(account.id)

        return Keys(
            editor=await key("editor", "um-szczecin", "Urząd Miasta Szczecin"),
            curator=await key("curator", "zrot", "ZROT"),
        )


def _seen(submission: Submission) -> dict[str, str]:
    return {"If-Match": f'"{submission.version}"'}


def _event_id(uid: str) -> str:
    return uid.split("@", maxsplit=1)[0]


def _checked(answer: httpx.Response) -> httpx.Response:
    said = f"{answer.request.method} {answer.url} was answered {answer.status_code}: {answer.text}"
    if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
        raise Unavailable(said)
    assert answer.is_success, said
    return answer


def _read(answer: httpx.Response, shape: type[T]) -> T:
    return msgspec.json.decode(_checked(answer).content, type=shape)
