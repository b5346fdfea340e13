"""Ways in for a measurement: API keys of editors and of a curator, and their sessions for pages."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping

from shared.region import Region
from shared.settings import CommonSettings
from shared.web.accounts import Account, Accounts, Role, open_accounts

PASSWORD = secrets.token_urlsafe(16)


def editor_key(mongo_url: str, region: Region) -> str:
    """Make a key with which an organisation sends in."""
    return editor_keys(mongo_url, region, count=1)[0]


def editor_keys(mongo_url: str, region: Region, *, count: int) -> list[str]:
    """Make keys of so many organisations."""
    return asyncio.run(_keys(mongo_url, region, _submitters(region)[:count], "editor"))


def curator_key(mongo_url: str, region: Region) -> str:
    """Make the key with which the curators decide."""
    return asyncio.run(_keys(mongo_url, region, [region.curator.slug], "curator"))[0]


def bearer(key: str) -> dict[str, str]:
    """Write the header that goes with a key."""
    return {"Authorization": f"Bearer {key}"}


def sessions(mongo_url: str, region: Region) -> Mapping[Role, Mapping[str, str]]:
    """Log an editor and a curator in; gives the header that a browser would send for each."""
    return asyncio.run(_sessions(mongo_url, region))


async def _sessions(mongo_url: str, region: Region) -> Mapping[Role, Mapping[str, str]]:
    who: dict[Role, str] = {"editor": _submitters(region)[0], "curator": region.curator.slug}
    async with open_accounts(CommonSettings(mongo_url=mongo_url)) as accounts:
        await accounts.prepare()
        accounts_by_role = {role: await _account(accounts, region, slug, role) for role, slug in who.items()}
        tokens = {
            role: await accounts.log_in(account.email, PASSWORD, "127.0.0.1")
            for role, account in accounts_by_role.items()
        }
        return {role: {"Cookie": f"{accounts.cookie_name}={token}"} for role, token in tokens.items()}


async def _keys(mongo_url: str, region: Region, slugs: list[str], role: Role) -> list[str]:
    async with open_accounts(CommonSettings(mongo_url=mongo_url)) as accounts:
        await accounts.prepare()
        made = await asyncio.gather(*(_account(accounts, region, slug, role) for slug in slugs))
        return [await accounts.new_key(account.id) for account in made]


async def _account(accounts: Accounts, region: Region, slug: str, role: Role) -> Account:
    return await accounts.put_account(
        email=f"{slug}-{role}@bench.example",
        name="Bench",
        organisation=slug,
        organisation_name=region.organisations[slug].name,
        role=role,
        password=PASSWORD,
    )


def _submitters(region: Region) -> list[str]:
    return [each.slug for each in region.organisations.values() if each.role == "submitter"]
