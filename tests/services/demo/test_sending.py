"""The programme goes in through ingest's public API, each event as its organisation; a repeat is silent."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import stamina
from rich.console import Console

from deploy.local.ports import LOOPBACK
from services.demo.gallery import Gallery
from services.demo.sending import NoKey, SubmissionReport, send_programme, send_with_progress
from shared.database.client import open_database
from shared.eventlog.mongo.log import EmbeddedLog
from shared.settings import CommonSettings
from tests.support.accounts import open_quick_accounts
from tests.support.builders import make_submission
from tests.support.clients import PASSWORD, eventually
from tests.support.demonstrations import make_small_pack
from tests.support.running import run_command, together
from tests.support.topics import records_on

ORGANISATIONS = ("um-szczecin", "zrot")
PROGRAMME = [
    ("um-szczecin", make_submission(external_id="zagle-2027")),
    ("um-szczecin", make_submission(external_id="jarmark-2027", title={"pl": "Jarmark"})),
    ("zrot", make_submission(external_id="zagle-2027", title={"pl": "Żagle innych"})),
]
KEYS = dict.fromkeys(ORGANISATIONS, "a key")


@dataclass(frozen=True)
class Ingest:
    """A running ingest: its settings, a client, and a key for each organisation."""

    settings: CommonSettings
    client: httpx.AsyncClient
    keys: dict[str, str]

    async def versions(self, organisation: str) -> dict[str, int]:
        """The versions of an organisation's submissions, by its own names for them."""
        answer = await self.client.get(
            f"{self.settings.public_url}/ingest/api/v1/submissions",
            headers={"Authorization": f"Bearer {self.keys[organisation]}"},
        )
        return {item["event"]["external_id"]: item["version"] for item in answer.json()["items"]}

    async def messages(self) -> int:
        """How many messages stand on the topic of submissions."""
        async with open_database(self.settings.mongo_url, self.settings.database("log")) as database:
            return len(await records_on(EmbeddedLog(database), "submissions.v1"))


@pytest.fixture
async def ingest(mongo_url: str, database_name: str) -> AsyncIterator[Ingest]:
    async with together(mongo_url, database_name) as settings, httpx.AsyncClient() as client:
        yield Ingest(settings, client, await make_organisations(settings))


async def make_organisations(settings: CommonSettings) -> dict[str, str]:
    """Make an editor for each organisation, and give their keys."""
    async with open_quick_accounts(settings) as accounts:
        made = {}
        for slug in ORGANISATIONS:
            account = await accounts.put_account(
                email=f"{slug}@kalendarium.example",
                name=slug,
                organisation=slug,
                organisation_name=slug,
                role="editor",
                password=PASSWORD,
            )
            made[slug] = await accounts.create_key(account.id)
        return made


async def no_images(_organisation: str, _reference: str) -> list[dict[str, Any]]:
    """What is there to add for an event without a picture."""
    return []


def nothing() -> None:
    """What is done for each submission where nobody watches."""


async def test_each_event_goes_in_as_its_organisation(ingest: Ingest) -> None:
    told: list[None] = []

    sent = await send_programme(
        ingest.client, ingest.settings.public_url, PROGRAMME, keys=ingest.keys, on_each=lambda: told.append(None)
    )

    assert (len(sent.new), sent.known, sent.refused, len(told)) == (3, [], [], 3)
    assert await ingest.versions("um-szczecin") == {"zagle-2027": 1, "jarmark-2027": 1}
    assert await ingest.versions("zrot") == {"zagle-2027": 1}


async def test_second_run_is_silent(ingest: Ingest) -> None:
    async def send(programme: list[tuple[str, dict[str, Any]]]) -> SubmissionReport:
        return await send_programme(
            ingest.client, ingest.settings.public_url, programme, keys=ingest.keys, on_each=nothing
        )

    first = await send(PROGRAMME)
    assert await eventually(ingest.messages, 3) == 3

    second = await send(PROGRAMME)

    assert (second.new, second.ids) == ([], first.ids)
    assert await ingest.versions("um-szczecin") == {"zagle-2027": 1, "jarmark-2027": 1}
    # A message of the second run would stand on the topic before that of a change that is sent after it.
    await send([("zrot", make_submission(external_id="zagle-2027", title={"pl": "Żagle gości"}))])
    assert await eventually(ingest.messages, 4) == 4


async def test_part_is_sent_after_its_umbrella_and_by_its_id(ingest: Ingest) -> None:
    part = make_submission(external_id="koncert-2027", title={"pl": "Koncert"}) | {"part_of": "zagle-2027"}
    programme = [("um-szczecin", part), *PROGRAMME]

    runs = [
        await send_programme(ingest.client, ingest.settings.public_url, programme, keys=ingest.keys, on_each=nothing)
        for _ in range(2)
    ]

    answer = await ingest.client.get(
        f"{ingest.settings.public_url}/ingest/api/v1/submissions",
        headers={"Authorization": f"Bearer {ingest.keys['um-szczecin']}"},
    )
    found = {item["event"]["external_id"]: item for item in answer.json()["items"]}
    assert found["koncert-2027"]["event"]["part_of"] == found["zagle-2027"]["id"]
    assert [(len(run.new), run.changed, run.refused) for run in runs] == [(4, {}, []), (0, {}, [])]


async def test_picture_is_sent_once_and_kept_by_who_has_none_to_send(ingest: Ingest) -> None:
    programme, url = PROGRAMME[:1], ingest.settings.public_url
    gallery = Gallery(ingest.client, url, {"zagle-2027": "waves"}, keys=ingest.keys)

    for add_images in (gallery.add_images, gallery.add_images, no_images):
        await send_programme(ingest.client, url, programme, keys=ingest.keys, on_each=nothing, add_images=add_images)

    headers = {"Authorization": f"Bearer {ingest.keys['um-szczecin']}"}
    answer = await ingest.client.get(f"{url}/ingest/api/v1/submissions/by-reference/zagle-2027", headers=headers)
    [image] = answer.json()["event"]["images"]
    assert (answer.json()["version"], image["credit"]) == (1, "Kalendarium, generated pattern")
    file = await ingest.client.get(f"{url}/ingest/media/{image['media']}-400.webp", headers=headers)
    assert (file.status_code, file.headers["content-type"]) == (200, "image/webp")


async def test_event_is_sent_without_its_picture_where_ingest_takes_none() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.method)
        return httpx.Response(503)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        gallery = Gallery(client, "http://ingest", {"zagle-2027": "waves", "jarmark-2027": "rays"}, keys=KEYS)
        with stamina.set_testing(True, attempts=2):
            images = [
                await gallery.add_images("zrot", reference) for reference in ("zagle-2027", "jarmark-2027", "bieg")
            ]

    assert (images, asked) == ([[], [], []], ["POST", "POST"])


async def test_second_run_does_not_reopen_what_was_withdrawn(ingest: Ingest) -> None:
    async def send() -> SubmissionReport:
        return await send_programme(
            ingest.client, ingest.settings.public_url, PROGRAMME[:1], keys=ingest.keys, on_each=nothing
        )

    [made] = (await send()).new
    address = f"{ingest.settings.public_url}/ingest/api/v1/submissions/{made}"
    headers = {"Authorization": f"Bearer {ingest.keys['um-szczecin']}", "If-Match": "*"}
    await ingest.client.post(f"{address}/withdraw", headers=headers)

    again = await send()

    assert again.known == [made]
    assert (await ingest.client.get(address, headers=headers)).json()["state"] == "withdrawn"


async def test_what_ingest_refuses_is_told_in_its_words(ingest: Ingest) -> None:
    programme = [
        ("um-szczecin", make_submission(external_id="morze-2027", category="sea")),
        ("um-szczecin", make_submission(external_id="zagle-2027")),
    ]

    sent = await send_programme(ingest.client, ingest.settings.public_url, programme, keys=ingest.keys, on_each=nothing)

    assert len(sent.new) == 1
    assert [(refused.organisation, refused.external_id, refused.status) for refused in sent.refused] == [
        ("um-szczecin", "morze-2027", 422)
    ]
    assert sent.refused[0].reason.startswith("category: ")


async def test_key_that_does_not_work_is_told_as_refused(ingest: Ingest) -> None:
    keys = dict.fromkeys(ORGANISATIONS, "kal_unknown_0123456789abcdef")

    sent = await send_programme(ingest.client, ingest.settings.public_url, PROGRAMME[:1], keys=keys, on_each=nothing)

    assert [(refused.external_id, refused.status) for refused in sent.refused] == [("zagle-2027", 401)]


async def test_missing_key_is_named_before_anything_is_sent() -> None:
    def unasked(_: httpx.Request) -> httpx.Response:
        raise AssertionError("something was sent")

    async with httpx.AsyncClient(transport=httpx.MockTransport(unasked)) as client:
        with pytest.raises(NoKey) as refusal:
            await send_programme(client, "http://ingest", PROGRAMME, keys={"zrot": "a key"}, on_each=nothing)

    assert str(refusal.value) == "There is no API key for um-szczecin: run `kalendarium region load` first."


async def test_ingest_that_is_busy_is_asked_again() -> None:
    answers = [
        httpx.Response(503, headers={"Retry-After": "1"}),
        httpx.Response(404),
        httpx.Response(429),
        httpx.Response(404),
        httpx.Response(201, json={"id": "1"}),
    ]

    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: answers.pop(0))) as client:
        sent = await send_programme(client, "http://ingest", PROGRAMME[:1], keys=KEYS, on_each=nothing)

    assert (sent.new, answers) == (["1"], [])


async def test_fault_of_ingest_itself_is_not_repeated() -> None:
    asked: list[httpx.Request] = []

    def fail(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(500)

    async with httpx.AsyncClient(transport=httpx.MockTransport(fail)) as client:
        with pytest.raises(httpx.HTTPStatusError):
            await send_programme(client, "http://ingest", PROGRAMME[:1], keys=KEYS, on_each=nothing)

    assert len(asked) == 1


async def test_ingest_that_cannot_be_reached_is_an_error_of_the_connection() -> None:
    async with httpx.AsyncClient() as client:
        with stamina.set_testing(True, attempts=2), pytest.raises(httpx.ConnectError):
            await send_programme(client, f"http://{LOOPBACK}:1", PROGRAMME, keys=KEYS, on_each=nothing)


async def test_bar_shows_how_far_it_is() -> None:
    screen = io.StringIO()

    async with httpx.AsyncClient(
        transport=httpx.MockTransport(lambda _: httpx.Response(200, json={"id": "1", "version": 2, "event": {}}))
    ) as client:
        await send_with_progress(client, "http://ingest", PROGRAMME, keys=KEYS, screen=Console(file=screen))

    assert "3/3" in screen.getvalue()


async def test_command_puts_a_pack_in_and_repeats_in_silence(ingest: Ingest, tmp_path: Path) -> None:
    pack = make_small_pack(tmp_path / "region", ORGANISATIONS)
    kept = {"ingest_url": ingest.settings.public_url, "organisations": {}}
    kept["organisations"] = {slug: {"api_key": key} for slug, key in ingest.keys.items()}
    (tmp_path / "logins.json").write_text(json.dumps(kept), encoding="utf-8")

    def command() -> str:
        ended = run_command("import-programme", "--logins", "logins.json", folder=tmp_path, region=str(pack))
        return f"{ended.returncode} {ended.stdout.splitlines()[-1]}"

    assert await asyncio.to_thread(command) == "0 2 new, 0 known already, 0 refused."
    assert await asyncio.to_thread(command) == "0 0 new, 2 known already, 0 refused."


def test_command_without_log_ins_says_where_they_come_from(tmp_path: Path) -> None:
    ended = run_command("import-programme", folder=tmp_path)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "There is no var/demo.json: run `make demo`, or name a file with --logins.\n"
