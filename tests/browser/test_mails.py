"""Mails on a phone: their HTML as a browser shows it."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext

from shared.mail.rendering import render_mail
from tests.support.mail import CONTEXTS, SITE, make_mail

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PHONE = 360


async def test_no_mail_scrolls_sideways_on_a_phone(profile: BrowserContext) -> None:
    page = await profile.new_page()
    await page.set_viewport_size({"width": PHONE, "height": 740})
    widths = {}
    for name, context in CONTEXTS.items():
        mail = render_mail(make_mail(template=name, context=context), SITE, unsubscribe_url=f"{SITE.home}/{'u' * 200}")
        await page.set_content(mail.html)
        widths[name] = await page.evaluate("document.documentElement.scrollWidth")
    await page.close()

    assert widths == dict.fromkeys(CONTEXTS, PHONE)
