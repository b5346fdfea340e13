"""Browsers at a running ingest, and how its mails and forms are read."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
from fastapi import FastAPI

from shared.accounts.accounts import Account, Accounts
from shared.accounts.model import Membership, Person, Role
from shared.web.csrf import CSRF_FIELD, derive_csrf_token
from shared.web.http.session_cookie import get_session_cookie_name
from tests.services.ingest.conftest import PASSWORD
from tests.support.clients import eventually
from tests.support.smtp import MailServer

COOKIE = get_session_cookie_name(https=False)
HOME = "127.0.0.1"


@asynccontextmanager
async def browsing(app: FastAPI, *, language: str = "en") -> AsyncIterator[httpx.AsyncClient]:
    """A browser that is not logged in."""
    headers = {"Sec-Fetch-Site": "same-origin", "Accept-Language": language}
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://ingest.test", headers=headers) as client:
        yield client


async def log_in(browser: httpx.AsyncClient, accounts: Accounts, email: str, password: str = PASSWORD) -> None:
    browser.cookies.set(COOKIE, await accounts.log_in(email, password, HOME))


async def send(browser: httpx.AsyncClient, address: str, form: Mapping[str, str | list[str]]) -> httpx.Response:
    """Send a form of ours."""
    token = derive_csrf_token(browser.cookies.get(COOKIE) or "")
    return await browser.post(address, data={CSRF_FIELD: token, **form})


async def put_person(
    accounts: Accounts, email: str, role: Role, organisation: str = "darlot", name: str = "Ewa Lis"
) -> Account:
    return await accounts.put_account(
        email=email, name=name, organisation=organisation, organisation_name=organisation, role=role, password=PASSWORD
    )


async def make_contact(accounts: Accounts, account: Account) -> Person:
    """Let an editor be the contact of their organisation."""
    contact = Membership(account.organisation, account.organisation_name, "editor", is_contact=True)

    def change(person: Person) -> Person:
        kept = tuple(contact if each.key == contact.key else each for each in person.memberships)
        return replace(person, memberships=kept)

    return await accounts.change_person(account.id, change)


def text_of(page: httpx.Response) -> str:
    """The words of a page's main part."""
    main = page.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", main)).split())


def value_of(page: httpx.Response, name: str) -> str:
    """The value of a hidden or read-only field."""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*>', page.text)
    value = re.search(r'value="([^"]*)"', found[0]) if found else None
    assert value, f"the page has no field {name}"
    return html.unescape(value[1])


async def get_mail(server: MailServer, address: str, number: int = 1) -> str:
    """The text of the last of so many mails to an address."""

    async def count() -> int:
        return len(_list_mails(server, address))

    assert await eventually(count, number) == number
    return _list_mails(server, address)[-1]


def _list_mails(server: MailServer, address: str) -> list[str]:
    found = [each for each in server.messages if address in str(each["To"])]
    return [str(body.get_content()) for each in found if (body := each.get_body(("plain",)))]


def path_in(text: str) -> str:
    """The path of the link to ingest in a mail or on a page."""
    found = re.search(r"http://ingest\.test(/ingest/(?:password|invitation)/kal_link_[A-Za-z0-9_-]+)", text)
    assert found
    return found[1]
