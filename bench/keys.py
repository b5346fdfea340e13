"""Credentials for a measurement: API keys of editors and of a curator, and their sessions for pages."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping

from shared.accounts.accounts import Account, Accounts, Role, open_accounts
from shared.region import Region
from shared.settings import CommonSettings
from shared.web.http.session_cookie import get_session_cookie_name

PASSWORD = secrets.token_urlsafe(16)


def create_editor_key(mongo_url: str, region: Region) -> str:
    return create_editor_keys(mongo_url, region, count=1)[0]


def create_editor_keys(mongo_url: str, region: Region, *, count: int) -> list[str]:
    return asyncio.run(_create_keys(mongo_url, region, _list_submitters(region)[:count], "editor"))


def create_curator_key(mongo_url: str, region: Region) -> str:
    return asyncio.run(_create_keys(mongo_url, region, [region.curator.slug], "curator"))[0]


def build_bearer_header(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def create_sessions(mongo_url: str, region: Region) -> Mapping[Role, Mapping[str, str]]:
    """The header that a browser would send, by role."""
    return asyncio.run(_create_sessions(mongo_url, region))


async def _create_sessions(mongo_url: str, region: Region) -> Mapping[Role, Mapping[str, str]]:
    who: dict[Role, str] = {"editor": _list_submitters(region)[0], "curator": region.curator.slug}
    async with open_accounts(CommonSettings(mongo_url=mongo_url)) as accounts:
        await accounts.prepare()
        accounts_by_role = {role: await _create_account(accounts, region, slug, role) for role, slug in who.items()}
        tokens = {
            role: await accounts.log_in(account.email, PASSWORD, "127.0.0.1")
            for role, account in accounts_by_role.items()
        }
        return {role: {"Cookie": f"{get_session_cookie_name(https=False)}={token}"} for role, token in tokens.items()}


async def _create_keys(mongo_url: str, region: Region, slugs: list[str], role: Role) -> list[str]:
    async with open_accounts(CommonSettings(mongo_url=mongo_url)) as accounts:
        await accounts.prepare()
        made = await asyncio.gather(*(_create_account(accounts, region, slug, role) for slug in slugs))
        return [await accounts.create_key(account.id) for account in made]


async def _create_account(accounts: Accounts, region: Region, slug: str, role: Role) -> Account:
    return await accounts.put_account(
        email=f"{slug}-{role}@bench.example",
        name="Bench",
        organisation=slug,
        organisation_name=region.organisations[slug].name,
        role=role,
        password=PASSWORD,
    )


def _list_submitters(region: Region) -> list[str]:
    return [each.slug for each in region.organisations.values() if each.role == "submitter"]
