"""The running system and everybody who may come to its doors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal

import httpx

from shared.accounts.accounts import Accounts, Role
from shared.accounts.model import Membership, put_membership
from shared.web.csrf import CSRF_FIELD, derive_csrf_token
from shared.web.http.session_cookie import get_session_cookie_name
from tests.support.accounts import open_quick_accounts
from tests.support.builders import make_submission
from tests.support.clients import PASSWORD, Curator, Editor, Reader, eventually
from tests.support.running import together

Person = Literal["owner", "stranger", "curator", "limited", "chief", "translator", "both", "own", "administrator"]
Way = Literal["key", "session"]

PEOPLE: Final[Mapping[Person, tuple[str, Role]]] = {
    "owner": ("um-szczecin", "editor"),
    "stranger": ("ck105", "editor"),
    "curator": ("zrot", "curator"),
    "limited": ("zrot", "curator"),
    "chief": ("zrot", "chief"),
    "translator": ("zrot", "translator"),
    "both": ("ck105", "editor"),
    "own": ("zrot", "curator"),
    "administrator": ("zrot", "administrator"),
}
"""The organisation and role of each: what is at stake belongs to the owner."""
SECOND: Final[Mapping[Person, tuple[str, Role]]] = {"both": ("zrot", "curator"), "own": ("um-szczecin", "editor")}
"""Further memberships; a person begins with the first, and their key is of the first."""
ELSEWHERE: Final = "3261"
"""The only county of the limited curator; nothing at stake is there."""


@dataclass(frozen=True)
class Caller:
    """Somebody at a door: who they are, and what they are known by; nobody brings nothing, or a key that is none."""

    person: Person | None = None
    way: Way | None = None
    key: str = ""
    session: str = ""

    @property
    def name(self) -> str:
        """How a failure calls them."""
        return f"{self.person} by {self.way}" if self.person else "nobody" + (" with a false key" if self.key else "")

    @property
    def headers(self) -> dict[str, str]:
        """What a request of theirs carries, sent from our own pages."""
        sent = {"Sec-Fetch-Site": "same-origin"}
        if self.key:
            sent["Authorization"] = f"Bearer {self.key}"
        if self.session:
            sent["Cookie"] = f"{get_session_cookie_name(https=False)}={self.session}"
        return sent

    @property
    def form(self) -> dict[str, str]:
        """What the forms of our pages carry for them."""
        return {CSRF_FIELD: derive_csrf_token(self.session)} if self.session else {}


@dataclass(frozen=True)
class House:
    """The running system, the callers, and the two who work in it."""

    http: httpx.AsyncClient
    accounts: Accounts
    callers: tuple[Caller, ...]
    owner: Editor
    curator: Curator
    reader: Reader

    def caller(self, person: Person, way: Way = "key") -> Caller:
        """Find a caller."""
        return next(each for each in self.callers if (each.person, each.way) == (person, way))

    async def ask(self, method: str, address: str, who: Caller, **sent: Any) -> httpx.Response:  # noqa: ANN401 - as httpx takes it
        """Ask as somebody; ``headers`` are put on top of theirs, a form (``data``) gets the token of theirs."""
        headers = who.headers | sent.pop("headers", {})
        if "data" in sent:
            sent["data"] = who.form | sent["data"]
        return await self.http.request(method, address, headers=headers, **sent)

    async def fresh(self, who: Caller) -> Caller:
        """Log somebody in once more, for what ends a session."""
        if who.way != "session":
            return who
        return Caller(who.person, "session", session=await _log_in(self.accounts, who.person))

    async def waiting(self) -> str:
        """Send in an event of the owner's, and give its id once it waits for the curator."""
        sent = await self.owner.send(make_submission(external_id=None), again=True)
        assert await eventually(lambda: self._is_waiting(sent.id), expected=True)
        return sent.id

    async def public(self) -> str:
        """Send in an event of the owner's, accept it, and give its id once everybody sees it."""
        event_id = await self.waiting()
        await self.curator.accept(event_id)
        assert await eventually(lambda: self.owner.state_of(event_id), "accepted") == "accepted"
        assert await eventually(lambda: self._status(event_id), 200) == 200
        return event_id

    async def numbers(self, event_id: str) -> tuple[int, int]:
        """Give the two numbers of which one rises with whatever is done to a submission or its entry."""
        return (await self.owner.find(event_id)).version, (await self.curator.find(event_id)).review_number

    async def _is_waiting(self, entry_id: str) -> bool:
        answer = await self.curator.http.get(f"{Curator.REVIEWS}/{entry_id}")  # the list grows with every test
        return answer.is_success and bool(answer.json()["state"] == "waiting")

    async def _status(self, event_id: str) -> int:
        return (await self.reader.page(event_id)).status_code


@asynccontextmanager
async def opened_house(mongo_url: str, database_prefix: str) -> AsyncIterator[House]:
    """Run the three services in this process, with accounts for everybody."""
    async with AsyncExitStack() as opened:
        settings = await opened.enter_async_context(together(mongo_url, database_prefix))
        accounts = await opened.enter_async_context(open_quick_accounts(settings))
        known = [each for person in PEOPLE for each in await _known(accounts, person)]
        callers = (Caller(), Caller(key="kal_none_none"), *known)
        keys = {each.person: each.key for each in callers if each.way == "key"}
        yield House(
            http=await opened.enter_async_context(httpx.AsyncClient(base_url=settings.public_url, timeout=30)),
            accounts=accounts,
            callers=callers,
            owner=await opened.enter_async_context(Editor(settings.public_url, keys["owner"])),
            curator=await opened.enter_async_context(Curator(settings.public_url, keys["curator"])),
            reader=await opened.enter_async_context(Reader(settings.public_url)),
        )


async def _known(accounts: Accounts, person: Person) -> tuple[Caller, Caller]:
    """Make somebody's account, and let them come by key and by session."""
    for organisation, role in (PEOPLE[person], *([SECOND[person]] if person in SECOND else [])):
        account = await accounts.put_account(
            email=f"{person}@kalendarium.example",
            name="Anna Żak",
            organisation=organisation,
            organisation_name=organisation,
            role=role,
            password=PASSWORD,
        )
    if person == "limited":
        limited = Membership("zrot", "zrot", "curator", counties=(ELSEWHERE,))
        await accounts.change_person(account.id, lambda found: put_membership(found, limited))
    session = await _log_in(accounts, person)
    return Caller(person, "key", key=await accounts.create_key(account.id)), Caller(person, "session", session=session)


async def _log_in(accounts: Accounts, person: Person | None) -> str:
    return await accounts.log_in(f"{person}@kalendarium.example", PASSWORD, "192.0.2.7")
