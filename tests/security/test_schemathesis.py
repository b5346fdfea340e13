"""What each OpenAPI document promises, asked of the real services by everybody: all checks, always with the same seed.

One process with the three services, a real MongoDB and the embedded log. Whom an operation is for gets many requests,
and some one after the other; whom it refuses gets a few.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from pymongo import MongoClient

from deploy.local.ports import LOOPBACK, find_free_port
from shared.settings import CommonSettings
from tests.access.house import PEOPLE, Person
from tests.security.schemas import complaints, document_of
from tests.services.ingest.strategies import events
from tests.support.accounts import open_quick_accounts
from tests.support.builders import make_submission
from tests.support.clients import PASSWORD, Editor
from tests.support.running import together_process

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

MANY: Final = 12
FEW: Final = 1
OWN: Final[dict[str, Person | None]] = {"ingest": "owner", "calendar": "curator", "distribution": None}
WHO: Final[tuple[Person | None, ...]] = (None, "owner", "stranger", "curator", "administrator")
CASES: Final = [pytest.param(service, who, id=f"{service} by {who or 'anybody'}") for service in OWN for who in WHO]


class Running:
    """The three services in a process of their own: their address, and everybody's key."""

    def __init__(self, address: str, keys: dict[Person, str]) -> None:
        self.address, self._keys = address, keys

    def headers(self, who: Person | None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._keys[who]}"} if who else {}


@pytest.fixture(scope="module")
def running(
    mongo_url: str, mongo_client: MongoClient[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    prefix, port = f"test_{uuid4().hex[:16]}", find_free_port()
    keys = asyncio.run(make_keys(CommonSettings(mongo_url=mongo_url, database_prefix=prefix)))
    folder = tmp_path_factory.mktemp("together")
    with together_process(folder, port, mongo_url=mongo_url, database_prefix=prefix):
        found = Running(f"http://{LOOPBACK}:{port}", keys)
        asyncio.run(send_some(found))
        yield found
    for database in mongo_client.list_database_names():
        if database.startswith(prefix):
            mongo_client.drop_database(database)


async def make_keys(settings: CommonSettings) -> dict[Person, str]:
    keys: dict[Person, str] = {}
    async with open_quick_accounts(settings) as accounts:
        for person, (organisation, role) in PEOPLE.items():
            account = await accounts.put_account(
                email=f"{person}@kalendarium.example",
                name="Anna Żak",
                organisation=organisation,
                organisation_name=organisation,
                role=role,
                password=PASSWORD,
            )
            keys[person] = await accounts.create_key(account.id)
    return keys


async def send_some(running: Running) -> None:
    async with Editor(running.address, running.headers("owner")["Authorization"].removeprefix("Bearer ")) as editor:
        for number in range(3):
            await editor.send(make_submission(external_id=f"zagle-{number}"))


@pytest.mark.parametrize(("service", "who"), CASES)
def test_a_service_answers_as_its_document_says(service: str, who: Person | None, running: Running) -> None:
    own = who == OWN[service]

    found = complaints(
        document_of(service), running.address, running.headers(who), examples=MANY if own else FEW, stateful=own
    )

    assert not found, "\n\n".join(f"{asked}\n{each}" for asked, all_ in found.items() for each in all_)


class Broken(BaseHTTPRequestHandler):
    """A service that takes everything, and answers with what no document says."""

    def _answer(self) -> None:
        self.send_response(500 if "submissions" in self.path else 200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "2")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(b"ok")

    do_GET = do_PUT = do_POST = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = do_TRACE = _answer  # noqa: N815 - their names there

    def log_message(self, *_said: object) -> None:
        """Keep quiet."""


@pytest.mark.parametrize("service", OWN)
def test_a_service_that_does_not_is_noticed(service: str) -> None:
    with ThreadingHTTPServer((LOOPBACK, 0), Broken) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found = complaints(
            document_of(service), f"http://{LOOPBACK}:{server.server_port}", {}, examples=1, stateful=False
        )
        server.shutdown()

    assert len(found) >= len(document_of(service)["paths"])


def test_any_event_that_may_be_sent_is_valid(running: Running) -> None:

    with httpx.Client(base_url=running.address, headers=running.headers("owner"), timeout=60) as program:

        @settings(max_examples=40, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(event=events())
        def is_valid(event: dict[str, Any]) -> None:
            # What an event names must be there: an umbrella event, pictures, a place of the register.
            named = {name: value for name, value in event.items() if name not in {"part_of", "images"}}
            for place in named.keys() & {"venue", "start_place"}:
                named[place] = {name: value for name, value in event[place].items() if name != "id"}
            answer = program.post("/ingest/api/v1/submissions/validate", json=named)
            assert answer.status_code == 200, answer.text

        is_valid()
