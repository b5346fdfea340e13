"""First accounts and API keys for the organisations of a region pack.

Passwords and keys derive from a seed in the accounts' database: a repeat gives the same ones, another installation
others. Only verified organisations that submit or curate get an account.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Final

from shared.accounts.accounts import Accounts, Role, derive_demo_key_secret, derive_demo_password
from shared.region import Organisation, Region

SEED: Final = "first logins"
# Reserved (RFC 2606): no first log-in may ever name a stranger's mailbox.
MAIL_DOMAIN: Final = "kalendarium.example"


@dataclass(frozen=True, slots=True)
class Login:
    """An organisation's first account and API key."""

    organisation: str
    email: str
    password: str
    api_key: str


@dataclass(frozen=True, slots=True)
class Logins:
    """By organisation (slug); the curator's is separate, a chief's since there are calls."""

    organisations: dict[str, Login]
    curator: Login

    @property
    def keys(self) -> dict[str, str]:
        return {slug: login.api_key for slug, login in self.organisations.items()}


def serialize_logins(logins: Logins) -> dict[str, Any]:
    """As ``var/demo.json`` holds them: ``organisations`` by slug, and the ``curator``."""

    def serialize_login(login: Login) -> dict[str, str]:
        return {"email": login.email, "password": login.password, "api_key": login.api_key}

    return {
        "organisations": {slug: serialize_login(login) for slug, login in logins.organisations.items()},
        "curator": serialize_login(logins.curator),
    }


async def load_logins(accounts: Accounts, region: Region) -> Logins:
    seed = await accounts.get_secret(SEED)
    senders = [
        organisation
        for organisation in region.organisations.values()
        if organisation.verified and organisation.role in {"submitter", "curator"}
    ]
    # A password's hash is made to be slow; side by side they take half as long on two cores.
    editors = await asyncio.gather(*(_load(accounts, sender, role="editor", seed=seed) for sender in senders))
    curator = await _load(accounts, region.curator, role="chief", seed=seed, suffix="-curator")
    return Logins({login.organisation: login for login in editors}, curator)


async def _load(accounts: Accounts, organisation: Organisation, *, role: Role, seed: bytes, suffix: str = "") -> Login:
    name = f"{organisation.slug}{suffix}"
    secret = derive_demo_key_secret(seed, name)
    login = Login(
        organisation=organisation.slug,
        email=f"{name}@{MAIL_DOMAIN}",
        password=derive_demo_password(seed, name),
        api_key=f"kal_{name}_{secret}",
    )
    # What is there stays as it is: a password may have been changed since, a key revoked.
    account = await accounts.find(login.email) or await accounts.put_account(
        email=login.email,
        name=organisation.name,
        organisation=organisation.slug,
        organisation_name=organisation.name,
        role=role,
        password=login.password,
    )
    await accounts.put_key(account.id, name, secret)
    return login
