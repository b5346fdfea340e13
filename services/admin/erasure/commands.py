"""Erases a person: disables the account, waits, sweeps every place, deletes the account.

Each step can be repeated: after a crash the command is run again and finds what is left.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

from services.admin.erasure.model import ErasurePlan, make_plan
from services.admin.erasure.places import list_accounts_places, list_calendar_places, list_ingest_places
from services.admin.erasure.sweep import ErasurePlace
from shared.accounts.accounts import KEY_CACHE_SECONDS, Accounts
from shared.accounts.model import Person
from shared.database.client import Database, open_database
from shared.database.dump import ping
from shared.email_address import normalize_email
from shared.erasure import ErasedPerson
from shared.mail.delivery import make_mail_site
from shared.mail.outbox import MailOutbox
from shared.region import load_region
from shared.settings import CommonSettings

PASSES: Final = 3
TIMEOUT_MS: Final = 30_000
_REQUEST_SECONDS: Final = 10.0


class StillWritten(Exception):
    """Each pass found something again: somebody writes it meanwhile."""


class AccountEnabled(Exception):
    """Somebody enabled the account meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasurePauses:
    """Seconds: until no service knows the disabled account, and until a write that had begun is over."""

    disabled: float = KEY_CACHE_SECONDS + _REQUEST_SECONDS
    between_passes: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureStores:
    """What is open while a person is erased."""

    accounts_database: Database
    ingest: Database
    calendar: Database
    accounts: Accounts
    outbox: MailOutbox

    async def list_places(self, person: ErasedPerson) -> Sequence[ErasurePlace]:
        return [
            *await list_accounts_places(self.accounts_database, self.accounts, self.outbox, person),
            *list_ingest_places(self.ingest, person),
            *list_calendar_places(self.calendar, person),
        ]


@asynccontextmanager
async def open_stores(settings: CommonSettings) -> AsyncIterator[ErasureStores]:
    """Raises PyMongoError if MongoDB does not answer."""
    site = make_mail_site(load_region(settings.region), settings)
    async with AsyncExitStack() as opened:
        names = ("accounts", "ingest", "calendar")
        found = [
            await opened.enter_async_context(
                open_database(settings.mongo_url, settings.database(name), timeout_ms=TIMEOUT_MS)
            )
            for name in names
        ]
        await ping(found[0])
        accounts = Accounts(found[0])
        await accounts.prepare()
        outbox = MailOutbox(found[0], site, get_secret=partial(accounts.get_secret, "mail"))
        await outbox.prepare()
        yield ErasureStores(
            accounts_database=found[0], ingest=found[1], calendar=found[2], accounts=accounts, outbox=outbox
        )


async def plan_erasure(stores: ErasureStores, email: str, other_names: Iterable[str] = ()) -> ErasurePlan:
    """Raises LastAdministrator."""
    accounts, address = stores.accounts, normalize_email(email)
    person = await accounts.people.find_by_email(address)
    return make_plan(
        address,
        await accounts.list_members(),
        earlier=await accounts.audit.list_memberships(person.id) if person else (),
        other_names=other_names,
        organisation_names=[each.name for each in await accounts.organisations.list()],
    )


async def count_places(stores: ErasureStores, plan: ErasurePlan) -> Mapping[str, int]:
    """Count the documents that hold the person, by place."""
    return {each.name: await each.count() for each in await stores.list_places(plan.erased)}


async def erase(
    stores: ErasureStores,
    plan: ErasurePlan,
    *,
    pauses: ErasurePauses,
    report: Callable[[str, int], None] = lambda _place, _count: None,
) -> Mapping[str, int]:
    """Return how many documents were erased by place, over all passes; ``report`` is called after each place.

    Raises StillWritten, AccountEnabled, Contended.
    """
    if plan.person is not None:
        await _disable(stores.accounts, plan.person)
        await asyncio.sleep(pauses.disabled)
    erased: dict[str, int] = {}
    for number in range(PASSES):
        if number:
            await asyncio.sleep(pauses.between_passes)
        if not await _sweep(stores, plan.erased, erased, report):
            break
    else:
        raise StillWritten
    if plan.person is not None and not await stores.accounts.erase(plan.person.id):
        raise AccountEnabled
    return erased


async def _disable(accounts: Accounts, person: Person) -> None:
    """The wait after it is for a process that has read the account before."""
    if not person.disabled:
        await accounts.disable(person.email)


async def _sweep(
    stores: ErasureStores, person: ErasedPerson, erased: dict[str, int], report: Callable[[str, int], None]
) -> int:
    """Return how many documents held the person."""
    total = 0
    for place in await stores.list_places(person):
        found = await place.erase()
        erased[place.name] = erased.get(place.name, 0) + found
        total += found
        report(place.name, found)
    return total
