"""Where the pages lead: every link of ours, on every page, leads somewhere for everybody who sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import asdict
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from lxml import html

from shared.web.http.session_cookie import get_session_cookie_name
from tests.browser.kalendarium import Kalendarium, Visitor
from tests.browser.scene import Scene
from tests.browser.sights import SIGHTS

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

VISITORS: tuple[Visitor, ...] = ("nobody", "editor", "newcomer", "curator")


@pytest.mark.parametrize("visitor", VISITORS)
async def test_no_link_leads_nowhere(visitor: Visitor, kalendarium: Kalendarium, scene: Scene) -> None:
    named = asdict(scene) | kalendarium.mails | kalendarium.years
    addresses = {
        sight.address.format_map(named) for sight in SIGHTS if sight.visitor == visitor and sight.status == 200
    }
    session = kalendarium.sessions.get(visitor)
    cookies = {get_session_cookie_name(https=False): session} if session else {}
    async with httpx.AsyncClient(base_url=kalendarium.url, cookies=cookies, timeout=30) as client:
        seen_on = {link: address for address in addresses async for link in links_on(client, address)}

        statuses = {link: (await client.get(link)).status_code for link in seen_on}

    assert len(statuses) > 5
    assert {link: seen_on[link] for link, status in statuses.items() if status >= 400} == {}


async def links_on(client: httpx.AsyncClient, address: str) -> AsyncIterator[str]:
    """Give the addresses on this site to which a page leads, without those of its own parts."""
    answer = await client.get(address, follow_redirects=True)
    for link in html.fromstring(answer.content).iterlinks():
        target = urlsplit(urljoin(str(answer.url), link[2]))
        is_sent = link[0].tag == "form" or link[1] == "formaction"
        if target.netloc == client.base_url.netloc.decode() and target.scheme == "http" and not is_sent:
            yield target._replace(fragment="").geturl()
