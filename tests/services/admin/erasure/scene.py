"""An installation in which an editor and a curator have left a trace in every place there is."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

import httpx
import msgspec
from pymongo import MongoClient

from services.admin.erasure.commands import ErasureStores, open_stores
from services.calendar.call.model import CallSetting, CallTerms, add_code, announce
from services.calendar.call.repository import YearCalls
from services.calendar.reminder.commands import SEND_REMINDER
from services.calendar.request.commands import MAIL_REQUEST
from services.calendar.request.model import RequestTerms, ask
from services.calendar.request.repository import EventRequests
from services.ingest.password.commands import request_link
from services.ingest.request.model import refuse
from services.ingest.request.repository import KnownRequests
from services.ingest.rollover.repository import Decline, Declines
from shared.accounts.accounts import Account, Accounts, Role
from shared.accounts.commands import invite
from shared.accounts.model import Membership, find_membership, put_membership
from shared.clock import utc_now, utc_timestamp
from shared.eventlog.mongo.topic import StoredTopic
from shared.eventlog.topics import TOPICS
from shared.jobs.repository import Jobs
from shared.settings import CommonSettings
from shared.web.csrf import CSRF_FIELD, derive_csrf_token
from shared.web.http.session_cookie import get_session_cookie_name
from tests.support.accounts import open_quick_accounts
from tests.support.builders import make_submission
from tests.support.clients import PASSWORD, Curator, Editor, Reader, eventually
from tests.support.databases import open_patiently
from tests.support.running import together
from tests.support.servers import list_databases

ANNA: Final = "Anna Żak-Nowacka"
EMAIL: Final = "anna.zak@um.example"
PHONE: Final = "+48915550102"
KAROL: Final = "Karol Wilk-Sosna"
KAROLS_EMAIL: Final = "karol@zrot.example"
AWAY: Final = "smtp://127.0.0.1:9"
"""No mail server: mails stay in the outbox."""
ASKED: Final = "r1"
YEAR: Final = utc_now().year + 3
"""Of a call that no event here is of."""

Trace = tuple[str, str]
"""A collection and the id of a document in it."""


@dataclass(frozen=True)
class Scene:
    settings: CommonSettings
    stores: ErasureStores
    accounts: Accounts
    reader: Reader
    colleague: httpx.AsyncClient
    curator: httpx.AsyncClient
    """Browsers of an editor and of a curator who stay."""
    event_id: str
    of_namesake: frozenset[Trace]
    """What names another person of the same name, in another organisation."""

    async def read_public(self) -> Mapping[str, bytes]:
        """What everybody sees, by address."""
        paths = [f"/feeds/programme.{extension}" for extension in ("ics", "rss", "json")]
        paths += [f"/{language}/events/{self.event_id}" for language in ("pl", "en")]
        paths.append(f"/api/v1/events/{self.event_id}")
        return {path: (await self.reader.http.get(path)).raise_for_status().content for path in paths}

    async def compact_log(self) -> None:
        """Wait until everything is sent, and remove what it supersedes."""
        outboxes = [(self.stores.ingest, "submissions"), (self.stores.ingest, "requests")]
        outboxes += [(self.stores.calendar, name) for name in ("entries", "calls", "requests")]

        async def count_unsent() -> int:
            return sum([await each[name].count_documents({"outbox.0": {"$exists": True}}) for each, name in outboxes])

        assert await eventually(count_unsent, 0) == 0
        async with open_patiently(self.settings.mongo_url, self.settings.database("log")) as log:
            for topic in TOPICS:
                await StoredTopic(log, topic).compact()


def find_traces(client: MongoClient[dict[str, Any]], prefix: str, *words: str) -> set[Trace]:
    """Find every document of an installation that holds one of these words, in compressed bodies too."""
    wanted = [each.casefold() for each in words]
    return {
        (f"{database.removeprefix(prefix + '_')}.{collection}", str(document["_id"]))
        for database in list_databases(client, prefix)
        for collection in client[database].list_collection_names()
        for document in client[database][collection].find()
        if any(word in text.casefold() for text in _list_texts(document) for word in wanted)
    }


def _list_texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case bytes():
            yield _unpack(value).decode(errors="replace")
        case dict():
            for name, each in value.items():
                yield str(name)
                yield from _list_texts(each)
        case list():
            for each in value:
                yield from _list_texts(each)


def _unpack(value: bytes) -> bytes:
    try:
        return zlib.decompress(value)
    except zlib.error:
        return value


@asynccontextmanager
async def open_scene(mongo_url: str, prefix: str) -> AsyncIterator[Scene]:
    async with (
        together(mongo_url, prefix, smtp_url=AWAY) as settings,
        open_quick_accounts(settings) as accounts,
        open_stores(settings) as stores,
        Reader(settings.public_url) as reader,
        httpx.AsyncClient(base_url=settings.public_url, timeout=30) as annas,
        httpx.AsyncClient(base_url=settings.public_url, timeout=30) as colleague,
        httpx.AsyncClient(base_url=settings.public_url, timeout=30) as curator,
    ):
        maker = _Maker(settings, stores, accounts)
        event_id, of_namesake = await maker.fill(annas, colleague, curator)

        async def get_status() -> int:
            return (await reader.page(event_id)).status_code

        assert await eventually(get_status, 200) == 200
        yield Scene(settings, stores, accounts, reader, colleague, curator, event_id, of_namesake)


class _Maker:
    def __init__(self, settings: CommonSettings, stores: ErasureStores, accounts: Accounts) -> None:
        self._settings = settings
        self._stores = stores
        self._accounts = accounts

    async def fill(
        self, annas: httpx.AsyncClient, colleague: httpx.AsyncClient, curator: httpx.AsyncClient
    ) -> tuple[str, frozenset[Trace]]:
        anna = await self._put(EMAIL, ANNA, "um-szczecin", "editor")
        jan = await self._put("jan@um.example", "Jan Lis", "um-szczecin", "editor")
        karol = await self._put(KAROLS_EMAIL, KAROL, "zrot", "chief")
        other = await self._put("zak@ck105.example", ANNA, "ck105", "editor")
        ewa = await self._put("ewa@zrot.example", "Ewa Bór", "zrot", "curator")
        await self._log_in(annas, anna)
        await self._log_in(colleague, jan)
        await self._log_in(curator, ewa)

        event_id = await self._send_events(anna, jan, karol)
        async with Editor(self._settings.public_url, await self._accounts.create_key(other.id)) as editor:
            contact = {"name": ANNA, "phone": "+48941112233"}
            others = await editor.send(make_submission(external_id="kino", contact=contact))
        await self._write_drafts(annas, colleague)
        await self._invite(annas, karol)
        await self._ask()
        await self._be_mailed()
        return event_id, frozenset({("accounts.accounts", other.id), ("ingest.submissions", others.id)})

    async def _put(self, email: str, name: str, organisation: str, role: Role) -> Account:
        account = await self._accounts.put_account(
            email=email,
            name=name,
            organisation=organisation,
            organisation_name=organisation.upper(),
            role=role,
            password=PASSWORD,
        )

        if role == "editor":  # of which each is the contact

            def make_contact(person: Any) -> Any:  # noqa: ANN401 - a person
                membership = find_membership(person.memberships, account.membership_key)
                assert membership
                return put_membership(person, replace(membership, is_contact=True))

            await self._accounts.change_person(account.id, make_contact)
        return account

    async def _log_in(self, browser: httpx.AsyncClient, account: Account) -> None:
        token = await self._accounts.log_in(account.email, PASSWORD, "127.0.0.1")
        browser.cookies.set(get_session_cookie_name(https=False), token)
        browser.headers.update({"Sec-Fetch-Site": "same-origin", "Accept-Language": "pl"})

    async def _post(self, browser: httpx.AsyncClient, address: str, **typed: str) -> None:
        token = browser.cookies[get_session_cookie_name(https=False)]
        done = await browser.post(address, data={CSRF_FIELD: derive_csrf_token(token), **typed})
        assert done.status_code == 303, done.text

    async def _send_events(self, anna: Account, jan: Account, karol: Account) -> str:
        """Send, change and talk about an event that becomes public; a colleague names Anna in another one."""
        url = self._settings.public_url
        async with (
            Editor(url, await self._accounts.create_key(anna.id, label=ANNA)) as editor,
            Editor(url, await self._accounts.create_key(jan.id)) as colleague,
            Curator(url, await self._accounts.create_key(karol.id)) as curator,
        ):
            event = make_submission(contact={"name": ANNA, "email": EMAIL, "phone": PHONE})
            sent = await editor.send(event, key="first")
            changed = event | {"summary": {"pl": "Żaglowce i szanty."}}
            again = {"If-Match": '"1"', "Idempotency-Key": "second"}
            await self._call(editor, "PUT", f"{Editor.SUBMISSIONS}/{sent.id}", changed, **again)
            said = {"text": f"Proszę dzwonić.\n{ANNA}\n{EMAIL}"}
            await self._call(editor, "POST", f"{Editor.SUBMISSIONS}/{sent.id}/remarks", said)
            office = {"name": "Sekretariat", "email": EMAIL.upper(), "phone": PHONE}
            await colleague.send(make_submission(external_id="regaty", contact=office), key="third")

            assert await eventually(lambda: self._get_version(sent.id), 3) == 3, "with the remark"
            review = f"{Curator.REVIEWS}/{sent.id}"
            await self._call(curator, "POST", f"{review}/remarks", {"text": f"Pani {ANNA}, kto gra?\n{KAROL}"})
            await self._call(curator, "POST", f"{review}/notes", {"text": f"{ANNA} zawsze się spóźnia ({EMAIL})."})
            seen = (await curator.find(sent.id)).review_number
            words = {"comment": f"Dziękuję.\n{KAROL}, {KAROLS_EMAIL}"}
            await self._call(curator, "POST", f"{review}/accept", words, **{"If-Match": f'"{seen}"'})
            assert await eventually(lambda: editor.state_of(sent.id), "accepted") == "accepted"
        return sent.id

    async def _get_version(self, entry_id: str) -> int | None:
        found = await self._stores.calendar["entries"].find_one({"_id": entry_id}, {"received_version": 1})
        return found["received_version"] if found else None

    @staticmethod
    async def _call(client: Editor | Curator, method: str, address: str, body: object, **headers: str) -> None:
        (await client.http.request(method, address, json=body, headers=headers)).raise_for_status()

    async def _write_drafts(self, annas: httpx.AsyncClient, colleague: httpx.AsyncClient) -> None:
        """Two people type into one draft: one text of Anna's stands next to that of her colleague."""
        address, page = f"/ingest/drafts/{uuid4()}", str(uuid4())
        contact = {"contact.name": ANNA, "contact.email": EMAIL, "contact.phone": PHONE}
        await self._post(annas, address, page=page, **{"title.pl": "Żagle"}, **contact)
        await self._post(colleague, address, page=str(uuid4()), **{"title.pl": "Regaty"})
        await self._post(annas, f"/ingest/drafts/{uuid4()}", page=page, **{"title.pl": "Szanty"})

    async def _invite(self, annas: httpx.AsyncClient, karol: Account) -> None:
        """Anna invites a colleague, and is invited herself."""
        await self._post(annas, "/ingest/colleagues/invite", email="ola@um.example", name="Ola Kos", language="pl")
        offered = Membership("ck105", "CK 105", "editor")
        await invite(self._accounts, email=EMAIL, name=ANNA, language="pl", membership=offered, by=karol.id)

    async def _ask(self) -> None:
        """A call with a code for Anna, a request that names her, and her answer."""
        today, now = utc_now().date(), utc_timestamp()
        zone, languages = self._stores.outbox.site.time_zone, ("pl",)
        terms = CallTerms(
            opens_on=today,
            deadline_on=today + timedelta(days=5),
            freeze_on=today + timedelta(days=9),
            answer_days=7,
            criteria={"pl": "Dla gości z daleka."},
        )
        call = announce(YEAR, terms, CallSetting(zone, languages, now))
        coded = add_code(call, "7K2M-9QXT-4HPD-WZ6R", f"UM ({ANNA}), dał {KAROL}", id="c1", now=now)
        assert await YearCalls(self._stores.calendar, notify=lambda: None).save(None, coded)

        wanted = RequestTerms(
            organisation="um-szczecin",
            text=f"Pani {ANNA}, coś w listopadzie? {KAROL}",
            until=today + timedelta(days=9),
        )
        request = ask(wanted, id=ASKED, organisations={"um-szczecin"}, counties=(), today=today, now=now)
        asked = EventRequests(self._stores.calendar, notify=lambda: None)
        await asked.save(None, request)
        waiting, tomorrow = Jobs(self._stores.calendar["jobs"]), utc_now() + timedelta(days=1)
        await waiting.add(MAIL_REQUEST, ASKED, msgspec.to_builtins(request), due_at=tomorrow)
        reminder = {"organisations": ["um-szczecin"], "text": f"Pani {ANNA}, czekamy. {KAROL}"}
        await waiting.add(SEND_REMINDER, "przypomnienie", reminder, due_at=tomorrow)
        known = KnownRequests(self._stores.ingest, notify=lambda: None)

        async def arrives() -> bool:
            return await known.find(ASKED, "um-szczecin") is not None

        async def get_state() -> str | None:
            found = await asked.find(ASKED)
            return found.state if found else None

        assert await eventually(arrives, expected=True) is True
        open_request = await known.find(ASKED, "um-szczecin")
        assert open_request
        await known.save_answer(refuse(open_request, f"Nie mamy.\n{ANNA}, {EMAIL}", at=now))
        assert await eventually(get_state, "refused") == "refused"
        decline = Decline("s1", YEAR, f"Odradza {ANNA}", now)
        await Declines(self._stores.ingest).put("um-szczecin", [decline])

    async def _be_mailed(self) -> None:
        """A decision is mailed and kept for digests; Anna asks for a password, and wants no digests."""
        outbox = self._stores.outbox
        await outbox.addresses.unsubscribe((await outbox.get_signer()).derive_key(EMAIL), "digest")
        await request_link(Jobs(self._stores.ingest["jobs"]), f" {EMAIL.title()}")

        async def count() -> tuple[int, int, int]:
            jan, kept = await outbox.mails.count(email="jan@um.example"), self._stores.ingest["notifications"]
            links = await self._stores.accounts_database["links"].count_documents({"purpose": "password"})
            return jan, await kept.count_documents({}), links

        # The remark and the decision, each a mail and a notification.
        assert await eventually(count, (2, 2, 1)) == (2, 2, 1)
