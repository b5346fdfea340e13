"""The three services as processes that tell how long they were held, with people at their doors and entries inside."""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final

from deploy.local.ports import LOOPBACK, find_free_ports
from deploy.local.probes import probe_http
from deploy.local.processes import Child, start_all, stop_all
from shared.i18n.languages import LANGUAGES
from shared.settings import CommonSettings
from shared.web.csrf import derive_csrf_token
from shared.web.http.session_cookie import get_session_cookie_name
from tests.access.doors import Service
from tests.access.house import PEOPLE, Person
from tests.security.hostile.attack import SERVICES, Attack
from tests.support.accounts import open_quick_accounts
from tests.support.builders import make_submission
from tests.support.clients import PASSWORD, Curator, Editor, Reader, eventually
from tests.support.running import REGION, environment

MOST_DESCRIPTION: Final = 9_990
ELSEWHERE: Final[Mapping[str, Any]] = {
    "venue": {"town": "Koszalin", "county": "3261"},
    "dates": {"certainty": "exact", "start": "2028-09-01", "end": "2028-09-03"},
}
"""Where and when what is long takes place, so that other lists are short."""


@dataclass(frozen=True)
class Process:
    """A program that runs: where it answers, where it tells how long it was held, and its id."""

    port: int
    socket: Path
    pid: int

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://{LOOPBACK}:{self.port}"


Programs = Mapping[Service, str]
TOGETHER: Final[Programs] = dict.fromkeys(SERVICES, "together")
APART: Final[Programs] = {name: name for name in SERVICES}


@dataclass(frozen=True)
class Ground:
    """What runs and who may ask it: ``ids`` are the entries that an attack may name."""

    processes: Mapping[Service, Process]
    keys: Mapping[Person, str]
    sessions: Mapping[Person, str]
    ids: Mapping[str, str]
    _serials: Iterator[int]

    def raw(self, attack: Attack) -> bytes:
        """Write an attack as it goes over the wire."""
        if attack.is_raw:
            return self._filled(attack.body, attack)
        body = self._filled(attack.body, attack)
        lines = [attack.method.encode() + b" " + self._filled(attack.target, attack) + b" HTTP/1.1"]
        names = {name.lower() for name, _value in attack.headers}
        head: list[tuple[str, bytes]] = [] if "host" in names else [("Host", b"kalendarium.test")]
        head += self._known(attack, names)
        head += [(name, self._filled(value, attack)) for name, value in attack.headers]
        if body and not names & {"content-length", "transfer-encoding"}:
            head.append(("Content-Length", str(len(body)).encode()))
        return b"\r\n".join([*lines, *(name.encode() + b": " + value for name, value in head), b"", body])

    def _known(self, attack: Attack, names: set[str]) -> list[tuple[str, bytes]]:
        """By what somebody is known, unless an attack says that itself."""
        if attack.who is None:
            return []
        if attack.way == "key":
            key = f"Bearer {self.keys[attack.who]}".encode()
            return [] if "authorization" in names else [("Authorization", key)]
        cookie = f"{get_session_cookie_name(https=False)}={self.sessions[attack.who]}".encode()
        found = [] if "cookie" in names else [("Cookie", cookie)]
        return found + ([] if "sec-fetch-site" in names else [("Sec-Fetch-Site", b"same-origin")])

    def _filled(self, text: bytes, attack: Attack) -> bytes:
        if b"<" not in text:
            return text
        session = self.sessions[attack.who] if attack.who else ""
        serial = f"{next(self._serials):08}"
        for name, value in {**self.ids, "serial": serial, "csrf": derive_csrf_token(session)}.items():
            text = text.replace(f"<{name}>".encode(), value.encode())
        return text


@asynccontextmanager
async def opened_ground(
    settings: Mapping[str, str], folder: Path, *, programs: Programs = TOGETHER
) -> AsyncIterator[Ground]:
    """Run the services, with an account for everybody and the entries that are attacked.

    Args:
        settings: where database and log are: ``mongo_url`` is KAL_MONGO_URL.
        folder: where logs, sockets and data go.
        programs: which program answers for each service; programs of their own need Kafka.

    """
    with running(settings, folder, sorted(set(programs.values()))) as processes:
        keys, sessions = await _people(CommonSettings.model_validate(settings))
        by_service = {service: processes[program] for service, program in programs.items()}
        ids = await _entries({service: process.address for service, process in by_service.items()}, keys)
        yield Ground(by_service, keys, sessions, ids, count(time.time_ns() % 10**6 * 10))


@contextmanager
def running(settings: Mapping[str, str], folder: Path, programs: Sequence[str]) -> Iterator[dict[str, Process]]:
    """Run programs that tell how long they were held."""
    processes = {
        name: (port, folder / f"{name}.sock")
        for name, port in zip(programs, find_free_ports(len(programs)), strict=True)
    }
    public = processes.get("distribution", next(iter(processes.values())))[0]
    common = {**settings, "public_url": f"http://{LOOPBACK}:{public}", "log_level": "warning"}
    children = {name: _child(name, *where, folder, common) for name, where in processes.items()}
    with ExitStack() as opened:
        opened.callback(stop_all, children.values())
        start_all(tuple(children.values()))
        yield {name: Process(*where, children[name].pid) for name, where in processes.items()}


def _child(name: str, port: int, socket: Path, folder: Path, common: Mapping[str, str]) -> Child:
    own = {**common, "port": str(port), "data_dir": str(folder / name)}
    return Child(
        name,
        [sys.executable, "-m", "bench.loop_monitor", name, str(socket)],
        log=folder / f"{name}.log",
        ready=lambda: probe_http(f"http://{LOOPBACK}:{port}/readyz"),
        environment=environment({"region": str(REGION), **own}),
        folder=folder,
    )


async def _people(settings: CommonSettings) -> tuple[dict[Person, str], dict[Person, str]]:
    keys: dict[Person, str] = {}
    sessions: dict[Person, str] = {}
    async with open_quick_accounts(settings) as accounts:
        for person, (organisation, role) in PEOPLE.items():
            email = f"{person}@kalendarium.example"
            account = await accounts.put_account(
                email=email,
                name="Anna Żak",
                organisation=organisation,
                organisation_name=organisation,
                role=role,
                password=PASSWORD,
            )
            keys[person] = await accounts.create_key(account.id)
            sessions[person] = await accounts.log_in(email, PASSWORD, "192.0.2.7")
    return keys, sessions


async def _entries(addresses: Mapping[Service, str], keys: Mapping[Person, str]) -> dict[str, str]:
    """Send in what is attacked, and wait until it has come to where it can be."""
    async with (
        Editor(addresses["ingest"], keys["owner"]) as editor,
        Curator(addresses["calendar"], keys["curator"]) as curator,
        Reader(addresses["distribution"]) as reader,
    ):

        async def version_of(entry_id: str) -> int | None:
            proposal = (await curator.http.get(f"{Curator.REVIEWS}/{entry_id}")).json().get("proposal")
            return int(proposal["version"]) if proposal else None

        async def send(name: str, event: Mapping[str, Any]) -> str:
            sent = await editor.send({**event, "external_id": name})
            assert await eventually(lambda: version_of(sent.id), 1) == 1
            return sent.id

        ids = {name: await send(name, event) for name, event in EVENTS.items()}
        for name in ("public", "heavy", "diffed"):
            await curator.accept(ids[name])
        edited = await editor.find(ids["diffed"])
        await editor.edit(edited, {**daggers("‡"), "external_id": "diffed"})
        assert await eventually(lambda: version_of(ids["diffed"]), 2) == 2
        for name in ("public", "heavy"):
            page = await eventually(lambda name=name: _status(reader, ids[name]), 200)  # type: ignore[misc]
            assert page == 200
        return ids


async def _status(reader: Reader, event_id: str) -> int:
    return (await reader.http.get(f"/api/v1/events/{event_id}")).status_code


def daggers(mark: str) -> dict[str, Any]:
    """An event with 4,999 different signs, each followed by a mark, in every language."""
    text = "".join(chr(0x4E00 + number) + mark for number in range(4_999))
    return make_submission(description=dict.fromkeys(LANGUAGES, text), **ELSEWHERE)


def heavy() -> dict[str, Any]:
    """An event with every text at its limit, in every language, of signs that are written longer than they are."""
    return make_submission(
        title=dict.fromkeys(LANGUAGES, "\"'&<" * 30),
        summary=dict.fromkeys(LANGUAGES, "<&>'\"" * 100),
        description=dict.fromkeys(LANGUAGES, "\\;,\n&<\"'>\U0001f468\u200d" * (MOST_DESCRIPTION // 11)),
        tickets={"free": False, "price": dict.fromkeys(LANGUAGES, "<\"'&>" * 40)},
        venue={**ELSEWHERE["venue"], "name": "&\"<'>" * 40, "street": "'<\"&>" * 40, "town": "<'&\">" * 40},
        dates=ELSEWHERE["dates"],
        website="https://example.pl/?" + "&a=%C5%BC" * 50,
    )


# The first and the last are short: where lists begin, one of them stands first.
EVENTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "waiting": make_submission(),
    "heavy": heavy(),
    "diffed": daggers("†"),
    "public": make_submission(),
    "at_stake": make_submission(),
}
