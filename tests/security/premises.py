"""The three services behind https in this process, with somebody of each kind at their doors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from starlette.types import ASGIApp, Message

from services.runtime.all_in_one import AllInOne
from shared.accounts.accounts import Accounts
from shared.settings import CommonSettings
from shared.web.csrf import CSRF_FIELD, derive_csrf_token
from shared.web.http.session_cookie import get_session_cookie_name
from tests.access.house import PEOPLE, Person
from tests.support.accounts import open_quick_accounts
from tests.support.builders import make_submission
from tests.support.clients import PASSWORD, Client, Curator, Editor, Reader, eventually
from tests.support.running import REGION

ADDRESS: Final = "https://kalendarium.test"
COOKIE: Final = get_session_cookie_name(https=True)
SAME_ORIGIN: Final = {"Sec-Fetch-Site": "same-origin"}
HERE: Final = "127.0.0.1"
"""Where nobody is counted."""


@dataclass(frozen=True)
class Premises:
    """The running system and who may ask it: ``app`` is what a server would serve."""

    app: ASGIApp
    settings: CommonSettings
    accounts: Accounts
    sessions: dict[Person, str] = field(default_factory=dict)
    keys: dict[Person, str] = field(default_factory=dict)

    def browser(self, app: ASGIApp | None = None, *, address: str = HERE) -> httpx.AsyncClient:
        """Give a browser, not logged in, that says where its requests come from; ``app`` has a hole planted."""
        transport = httpx.ASGITransport(app or self.app, client=(address, 4711), raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=ADDRESS, headers=SAME_ORIGIN, timeout=60)

    async def ask(
        self,
        method: str,
        address: str,
        who: Person | None = None,
        *,
        app: ASGIApp | None = None,
        by_key: bool = False,
        headers: Mapping[str, str] | None = None,
        **sent: Any,  # noqa: ANN401 - as httpx takes it
    ) -> httpx.Response:
        """Ask once, as somebody; a form (``data``, a mapping) gets the token of their session."""
        own = {}
        if who and by_key:
            own["Authorization"] = f"Bearer {self.keys[who]}"
        elif who:
            own["Cookie"] = f"{COOKIE}={self.sessions[who]}"
            if isinstance(sent.get("data"), dict):
                sent["data"] = {CSRF_FIELD: derive_csrf_token(self.sessions[who])} | sent["data"]
        async with self.browser(app) as browser:
            return await browser.request(method, address, headers=own | dict(headers or {}), **sent)

    @asynccontextmanager
    async def people(self) -> AsyncIterator[tuple[Editor, Curator, Reader]]:
        """Give the owner, the curator and a reader, as programs."""
        async with (
            Editor(ADDRESS, self.keys["owner"]) as editor,
            Curator(ADDRESS, self.keys["curator"]) as curator,
            Reader(ADDRESS) as reader,
        ):
            for each in (editor, curator, reader):
                await self._lead_here(each)
            yield editor, curator, reader

    async def _lead_here(self, client: Client) -> None:
        headers = (
            {"Authorization": client.http.headers["Authorization"]} if client.http.headers.get("Authorization") else {}
        )
        await client.http.aclose()
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        client.http = httpx.AsyncClient(transport=transport, base_url=ADDRESS, headers=headers, timeout=60)

    async def public(self, **changes: Any) -> str:  # noqa: ANN401 - an event's fields are of all kinds
        """Send in an event of the owner's, accept it, and give its id once everybody sees it."""
        async with self.people() as (editor, curator, reader):
            event_id = (await editor.send(make_submission(**{"external_id": None, **changes}), again=True)).id
            await self.waits(event_id)
            await curator.accept(event_id)

            async def seen() -> int:
                return (await reader.http.get(f"/api/v1/events/{event_id}")).status_code

            assert await eventually(seen, 200) == 200
            return event_id

    async def waits(self, entry_id: str) -> None:
        """Wait until a submission has reached the curator."""

        async def known() -> int:
            return (await self.ask("GET", f"/calendar/api/v1/reviews/{entry_id}", "curator", by_key=True)).status_code

        assert await eventually(known, 200) == 200


@asynccontextmanager
async def opened_premises(mongo_url: str, database_prefix: str) -> AsyncIterator[Premises]:
    """Run the three services, with an account, a session and a key for everybody."""
    settings = CommonSettings(
        mongo_url=mongo_url, database_prefix=database_prefix, public_url=ADDRESS, region=REGION, port=0
    )
    async with AsyncExitStack() as opened:
        app = AllInOne(settings)
        await opened.enter_async_context(living(app))
        accounts = await opened.enter_async_context(open_quick_accounts(settings))
        premises = Premises(app, settings, accounts)
        for person, (organisation, role) in PEOPLE.items():
            account = await accounts.put_account(
                email=email_of(person),
                name="Anna Żak",
                organisation=organisation,
                organisation_name=organisation,
                role=role,
                password=PASSWORD,
            )
            premises.keys[person] = await accounts.create_key(account.id)
            premises.sessions[person] = await accounts.log_in(email_of(person), PASSWORD, "192.0.2.7")
        await eventually(lambda: _status(premises), 200)
        yield premises


def email_of(person: Person) -> str:
    """Give the address with which somebody logs in."""
    return f"{person}@kalendarium.example"


async def _status(premises: Premises) -> int:
    return (await premises.ask("GET", "/readyz")).status_code


@asynccontextmanager
async def living(app: ASGIApp) -> AsyncIterator[None]:
    """Run an application's lifespan, as a server would."""
    to_app: asyncio.Queue[Message] = asyncio.Queue()
    from_app: asyncio.Queue[Message] = asyncio.Queue()
    scope: dict[str, Any] = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    running = asyncio.ensure_future(app(scope, to_app.get, from_app.put))
    await to_app.put({"type": "lifespan.startup"})
    began = await from_app.get()
    assert began["type"] == "lifespan.startup.complete", began
    try:
        yield
    finally:
        await to_app.put({"type": "lifespan.shutdown"})
        await running
