"""The three services in one process on a free port, with the region's real programme in them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Final, Literal

import httpx
from rich.console import Console

from deploy.local.ports import LOOPBACK, find_free_port
from deploy.local.probes import probe_http
from deploy.local.processes import Child
from services.demo.editions import get_demo_year
from services.demo.logins import Login, load_logins
from services.demo.walkthrough import PublicAddresses, run_demo
from services.ingest.confirmation.commands import SECRET
from services.ingest.confirmation.model import ConfirmationLink, make_token
from services.ingest.request.repository import KnownRequests
from shared.accounts.accounts import Accounts, Role
from shared.accounts.commands import invite
from shared.accounts.model import Membership, put_membership
from shared.database.client import open_database
from shared.mail.delivery import make_mail_site
from shared.mail.model import Mail, Recipient
from shared.mail.outbox import open_outbox
from shared.messages import ContributionRequested, RequestState
from shared.region import Region, load_region
from shared.settings import CommonSettings
from shared.web.http.session_cookie import get_session_cookie_name
from tests.support.accounts import open_quick_accounts
from tests.support.clients import PASSWORD

ROOT: Final = Path(__file__).parents[2]
PACK: Final = ROOT / "deploy" / "region"
COMMAND: Final = ("-m", "services.cli", "all-in-one")


Visitor = Literal["nobody", "editor", "newcomer", "curator", "administrator", "several"]

ORGANISATION: Final = "ck105"
"""The editor's; sends in what the scene adds to the programme."""
IDLE: Final = "darlot"
"""The newcomer's organisation: it has sent in nothing."""


@dataclass(frozen=True)
class Kalendarium:
    """A running system: ``url`` has no slash at its end; ``year`` is the one whose programme is in it.

    ``sessions`` are of the visitors that have log-ins: values of the session's cookie. ``mails`` are the ids of mails
    by their states (``mail_sent``), the ``unsubscribe_token`` of one, and the tokens of one-time links.
    """

    url: str
    year: int
    logins: Mapping[Visitor, Login] = field(repr=False)
    sessions: Mapping[Visitor, str] = field(repr=False)
    mails: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def years(self) -> dict[str, int]:
        """What ``{year}`` and ``{next_year}`` stand for in addresses."""
        return {"year": self.year, "next_year": self.year + 1}


@contextmanager
def started(
    mongo_url: str,
    *,
    prefix: str,
    folder: Path,
    command: Sequence[str] = COMMAND,
    environment: Mapping[str, str] | None = None,
) -> Iterator[CommonSettings]:
    """Run the three services in one process of their own until the block ends; takes what ``create_process`` takes."""
    process, settings = create_process(
        mongo_url, prefix=prefix, folder=folder, command=command, environment=environment
    )
    with process:
        yield settings


def create_process(
    mongo_url: str,
    *,
    prefix: str,
    folder: Path,
    command: Sequence[str] = COMMAND,
    environment: Mapping[str, str] | None = None,
) -> tuple[Child, CommonSettings]:
    """Make the process of the three services, not started yet; it keeps its port when it is started again.

    Args:
        mongo_url: a replica set.
        prefix: what the names of its databases begin with.
        folder: logs, in ``kalendarium.log``, and what may be thrown away.
        command: what Python runs.
        environment: variables added to its own.

    """
    port = find_free_port()
    url = f"http://{LOOPBACK}:{port}"
    settings = CommonSettings(mongo_url=mongo_url, database_prefix=prefix, public_url=url, port=port, region=PACK)
    own = {
        "KAL_MONGO_URL": mongo_url,
        "KAL_DATABASE_PREFIX": prefix,
        "KAL_PUBLIC_URL": url,
        "KAL_HOST": LOOPBACK,
        "KAL_PORT": str(port),
        "KAL_REGION": str(PACK),
        "KAL_DATA_DIR": str(folder / "data"),
        "KAL_LOG_LEVEL": "warning",
    }
    others = {name: value for name, value in os.environ.items() if not name.startswith("KAL_")}
    process = Child(
        "Kalendarium",
        [sys.executable, *command],
        log=folder / "kalendarium.log",
        ready=lambda: probe_http(f"{url}/readyz"),
        environment=others | own | dict(environment or {}),
        folder=ROOT,
    )
    return process, settings


@contextmanager
def started_style_guide(folder: Path) -> Iterator[str]:
    """Run the style guide's server until the block ends, and give its address."""
    port = find_free_port()
    url = f"http://{LOOPBACK}:{port}"
    others = {name: value for name, value in os.environ.items() if not name.startswith("KAL_")}
    with Child(
        "Style guide",
        [sys.executable, "-m", "docs.styleguide", str(port)],
        log=folder / "style-guide.log",
        ready=lambda: probe_http(f"{url}/styleguide"),
        environment=others | {"KAL_REGION": str(PACK)},
        folder=ROOT,
    ):
        yield url


async def filled(settings: CommonSettings) -> Kalendarium:
    """Give a running system its accounts and the region's programme, sent in, accepted and visible in every feed."""
    region = load_region(settings.region)
    async with open_quick_accounts(settings) as accounts:
        loaded = await load_logins(accounts, region)
        administrator = await _administrator(accounts, region)
        several = await _several(accounts, region)
    addresses = PublicAddresses(settings.public_url, settings.ingest_url, settings.calendar_url)
    today = datetime.now(region.time_zone).date()
    await run_demo(addresses, loaded, region, PACK, today=today, screen=Console(quiet=True))
    logins: dict[Visitor, Login] = {
        "editor": loaded.organisations[ORGANISATION],
        "newcomer": loaded.organisations[IDLE],
        "curator": loaded.curator,
        "administrator": administrator,
        "several": several,
    }
    sessions = {visitor: await _log_in(settings, login) for visitor, login in logins.items()}
    mails = await _stage_mails(settings, region) | await _stage_people(settings)
    mails |= await _stage_requests(settings, today.year + 1)
    mails |= await _stage_confirmation(settings, today)
    return Kalendarium(settings.public_url, get_demo_year(today), logins, sessions, mails)


async def _stage_confirmation(settings: CommonSettings, today: date) -> dict[str, str]:
    """Make the link by which an editor says that the events of four weeks later are still right: there are none."""
    async with open_quick_accounts(settings) as accounts:
        editor = (await accounts.list_members(ORGANISATION))[0]
        link = ConfirmationLink(today, ORGANISATION, editor.id)
        return {"still_right_token": make_token(link, await accounts.get_secret(SECRET))}


async def _stage_requests(settings: CommonSettings, year: int) -> dict[str, str]:
    """Ask the editor's organisation twice: one request is open, one was taken back."""
    async with open_database(settings.mongo_url, settings.database("ingest")) as database:
        requests = KnownRequests(database, notify=lambda: None)
        states: dict[str, RequestState] = {"asked": "open", "asked_no_more": "withdrawn"}
        for name, state in states.items():
            asked = ContributionRequested(
                request_id=name,
                number=1,
                organisation=ORGANISATION,
                text="W listopadzie nie ma nic z waszego powiatu. Może święto gęsi?",
                until=f"{year}-06-10",
                asked_at=f"{year - 2}-11-28T12:00:00.000Z",
                county="3209",
                month=f"{year}-11",
                state=state,
            )
            await requests.apply(asked)
    return {name: name for name in states}


async def _stage_mails(settings: CommonSettings, region: Region) -> dict[str, str]:
    """Put a mail into each state; there is no mail server, so nothing else happens to them."""
    async with (
        open_quick_accounts(settings) as accounts,
        open_outbox(
            settings, make_mail_site(region, settings), get_secret=partial(accounts.get_secret, "mail")
        ) as outbox,
    ):
        for state in ("waiting", "sent", "refused"):
            to = Recipient(None, f"{state}@lot.example", "Anna Żak", "pl")
            await outbox.queue(Mail(f"scene/{state}", "test", to, {}, list="digest", secret=state == "sent"))
        ids = {each.mail.to.email.partition("@")[0]: each.job.id for each in await outbox.mails.list()}
        await outbox.mails.settle(ids["sent"], "sent", at=datetime.now(region.time_zone), response="250 queued")
        await outbox.mails.settle(ids["refused"], "refused", at=datetime.now(region.time_zone), response="550 5.1.1")
        token = (await outbox.get_signer()).make_token("anna@lot.example", "digest")
        return {f"mail_{state}": mail_id for state, mail_id in ids.items()} | {"unsubscribe_token": token}


async def _stage_people(settings: CommonSettings) -> dict[str, str]:
    """Let the newcomer be a contact, invite two people, and make a link for a password; gives their tokens."""
    async with open_quick_accounts(settings) as accounts:
        newcomer = next(each for each in await accounts.list_members(IDLE) if len(each.memberships) == 1)
        contact = replace(newcomer.memberships[0], is_contact=True)
        await accounts.change_person(newcomer.id, partial(put_membership, membership=contact))
        curator = Membership("zrot", "ZROT", "curator", counties=("3213", "3261"), categories=("maritime",))
        (inviter, *_) = await accounts.list_members(roles={"administrator"})
        tokens = [
            (await invite(accounts, email=email, name="Ewa Lis", language="pl", membership=each, by=inviter.id))[1]
            for email, each in (("ewa@lot.example", replace(contact, is_contact=False)), (newcomer.email, curator))
        ]
        names = {"invitation_token": tokens[0], "known_token": tokens[1], "person": newcomer.id}
        return names | {"password_token": await accounts.links.create("password", newcomer.id)}


async def _administrator(accounts: Accounts, region: Region) -> Login:
    """Make an account that the region pack does not come with."""
    login = Login(region.curator.slug, "administrator@kalendarium.example", PASSWORD, api_key="")
    await accounts.put_account(
        email=login.email,
        name="Jan Żuk",
        organisation=region.curator.slug,
        organisation_name=region.curator.name,
        role="administrator",
        password=login.password,
    )
    return login


async def _several(accounts: Accounts, region: Region) -> Login:
    """Make an administrator who is an editor of two organisations too."""
    login = Login(region.curator.slug, "kilka@kalendarium.example", PASSWORD, api_key="")
    memberships: tuple[tuple[str, Role], ...] = (
        (region.curator.slug, "administrator"),
        (IDLE, "editor"),
        (ORGANISATION, "editor"),
    )
    for organisation, role in memberships:
        await accounts.put_account(
            email=login.email,
            name="Ewa Lis",
            organisation=organisation,
            organisation_name=region.organisations[organisation].name,
            role=role,
            password=login.password,
        )
    return login


async def _log_in(settings: CommonSettings, login: Login) -> str:
    """Log in by the page, and give the session's cookie."""
    form = {"email": login.email, "password": login.password}
    async with httpx.AsyncClient(base_url=settings.public_url, timeout=60) as client:
        answer = await client.post("/ingest/login", data=form, headers={"Sec-Fetch-Site": "same-origin"})
        return answer.cookies[get_session_cookie_name(https=False)]
