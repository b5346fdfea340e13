"""A person at a window: with a keyboard or with a mouse, in a language; looks at every page that comes."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import Final, Protocol

import pytest
from playwright.async_api import Locator, Page, expect

from services.demo.logins import Login
from shared.i18n.text import _, p_, translate
from shared.web.http.session_cookie import get_session_cookie_name
from tests.browser.axe import examined
from tests.browser.windows import PATIENCE, Window
from tests.browser.wording import find_other_languages

ARRIVES_WITHIN: Final = PATIENCE / 1000
MOST_TABS: Final = 250
HTML: Final = "text/html; charset=utf-8"
WAY: Final = """
element => {
  const at = document.activeElement;
  const isSame = at === element || (at.type === "radio" && element.type === "radio" && at.name === element.name);
  return {
    isThere: isSame,
    isSeen: !at.matches(":focus") || at.matches("main") || getComputedStyle(at).outlineStyle !== "none",
    isBefore: at !== document.body && Boolean(at.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_PRECEDING),
    html: at.outerHTML.slice(0, 200),
  };
}
"""
"""Where the focus is, seen from an element: there (one of its radio buttons counts), outlined, behind it. The button
inside a date's field has the browser's own ring; where the link to the content leads has none."""
_IDS: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|kal_link_[\w-]+")


async def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab, or Shift and Tab, until something has the focus; wherever it is on the way, it must be seen."""
    for _number in range(MOST_TABS):
        way = await wanted.evaluate(WAY)
        assert way["isSeen"], f"the focus is not seen: {way['html']}"
        if way["isThere"]:
            return
        await page.keyboard.press("Shift+Tab" if way["isBefore"] else "Tab")
    pytest.fail(f"Tab never comes to {wanted}")


async def shown(page: Page, wanted: Locator) -> Locator:
    """Load a page again until it shows something: what others do arrives in a moment."""
    end = time.monotonic() + ARRIVES_WITHIN
    while not await wanted.count():
        assert time.monotonic() < end, f"{page.url} does not show {wanted}:\n{await page.locator('main').inner_text()}"
        await page.reload()
    return wanted


class Hands(Protocol):
    """How somebody uses a control."""

    async def press(self, wanted: Locator) -> None:
        """Follow a link, press a button, open a part."""

    async def write(self, wanted: Locator, text: str) -> None:
        """Replace what stands in a field."""

    async def choose(self, wanted: Locator, option: str) -> None:
        """Choose from a list."""

    async def tick(self, wanted: Locator) -> None:
        """Tick a box, or choose one of several answers."""


class Mouse:
    """Clicks."""

    async def press(self, wanted: Locator) -> None:
        await wanted.click()

    async def write(self, wanted: Locator, text: str) -> None:
        await wanted.fill(text)

    async def choose(self, wanted: Locator, option: str) -> None:
        await wanted.select_option(label=option)

    async def tick(self, wanted: Locator) -> None:
        await wanted.check()


class Keyboard:
    """Tabs, and uses no mouse."""

    async def press(self, wanted: Locator) -> None:
        await tab_to(wanted.page, wanted)
        await wanted.page.keyboard.press("Enter")

    async def write(self, wanted: Locator, text: str) -> None:
        await tab_to(wanted.page, wanted)
        await wanted.page.keyboard.press("Control+a")
        await wanted.page.keyboard.type(text)

    async def choose(self, wanted: Locator, option: str) -> None:
        await tab_to(wanted.page, wanted)
        options = await wanted.locator("option").all_inner_texts()
        await wanted.page.keyboard.press("Home")
        for _number in range(options.index(option)):
            await wanted.page.keyboard.press("ArrowDown")

    async def tick(self, wanted: Locator) -> None:
        await tab_to(wanted.page, wanted)
        if not await wanted.evaluate("element => element === document.activeElement || element.checked"):
            while not await wanted.is_checked():
                await wanted.page.keyboard.press("ArrowDown")
        elif not await wanted.is_checked():
            await wanted.page.keyboard.press("Space")


@dataclass
class Person:
    """Does what is named by texts in English, which are looked for in the person's language.

    ``judge`` is a window with scripts where the person's has none. ``looked_at`` are the pages that were judged
    already, ``findings`` what is wrong with pages, ``secrets`` what was in forms and cookies and nobody else may learn.
    """

    window: Window
    language: str
    hands: Hands
    judge: Window | None = None
    looked_at: set[str] = field(default_factory=set)
    findings: list[str] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)

    @property
    def page(self) -> Page:
        return self.window.page

    @property
    def with_scripts(self) -> bool:
        return self.judge is None

    def say(self, text: str) -> str:
        return translate(text, self.language)

    async def visit(self, url: str) -> None:
        """Open an address, such as that of a mail's link."""
        await self.window.visit(url)
        await self._look()

    async def log_in(self, login: Login) -> None:
        """Fill in the page of the log-in, where it is already."""
        await self.write(_("E-mail address"), login.email)
        await self.write(_("Password"), login.password)
        await self.press(_("Log in"))
        name = get_session_cookie_name(https=False)
        self.secrets |= {each["value"] for each in await self.page.context.cookies() if each["name"] == name}

    async def log_out(self) -> None:
        await self.press(_("Log out"))
        await self.sees(p_("page title", "Log in"))

    async def follow(self, name: str) -> None:
        await self._go(self.page.get_by_role("link", name=self.say(name), exact=True).first)

    async def press(self, name: str) -> None:
        await self._go(self.page.get_by_role("button", name=self.say(name), exact=True).first)

    async def unfold(self, name: str) -> None:
        """Open a part of a page."""
        await self.hands.press(self.page.locator("summary").filter(has_text=self.say(name)).first)

    async def write(self, label: str, text: str) -> None:
        """The label may say more, such as that the field may stay empty."""
        await self.hands.write(self._find(label, "input:not([type=checkbox], [type=radio]), textarea"), text)

    async def choose(self, label: str, option: str) -> None:
        chosen = self._find(label, "select")
        await self.hands.choose(chosen, self.say(option))
        assert await chosen.locator("option:checked").inner_text() == self.say(option)

    async def tick(self, label: str) -> None:
        whole = re.compile(f"^{re.escape(self.say(label))}(?![a-ząćęłńóśźż ])")  # what follows is a hint
        kind = self.page.locator("input:is([type=checkbox], [type=radio])")
        ticked = self.page.get_by_label(whole).and_(kind).first
        await self.hands.tick(ticked)
        await expect(ticked).to_be_checked()

    async def sees(self, text: str) -> None:
        await expect(self.page.get_by_text(self.say(text)).first).to_be_visible()

    async def is_told(self, text: str) -> None:
        """See what the last step did."""
        await expect(self.page.locator("#status")).to_contain_text(self.say(text))

    async def waits_for(self, wanted: Locator) -> None:
        await shown(self.page, wanted)

    def _find(self, label: str, kind: str) -> Locator:
        return self.page.get_by_label(self.say(label)).and_(self.page.locator(kind)).first

    async def _go(self, wanted: Locator) -> None:
        async with self.page.expect_navigation():
            await self.hands.press(wanted)
        await self._look()

    async def _look(self) -> None:
        """Judge a page that was not judged before, and keep what would let somebody in."""
        tokens = await self.page.locator("input[name=csrf]").evaluate_all("all => all.map(one => one.value)")
        self.secrets |= {each for each in tokens if each}  # that of a log-in is empty
        path = _IDS.sub("…", self.page.url.partition("?")[0].removeprefix(self.window.url))
        kind = f"{self.language} {path}{' refused' if await self.page.locator('.errors').count() else ''}"
        if kind in self.looked_at:
            return
        self.looked_at.add(kind)
        self.findings += [f"{kind}: {each}" for each in self.window.complaints]
        self.findings += [f"{kind}: {each}" for each in await self._judge()]
        self.window.complaints.clear()  # axe itself breaks the page's policy

    async def _judge(self) -> list[str]:
        """Judge the page, or where no scripts run, which axe needs, a copy of it."""
        page = self.page
        if self.judge is not None:
            url, body = page.url, await page.content()
            page = self.judge.page
            await page.route(lambda asked: asked == url, lambda route: route.fulfill(body=body, content_type=HTML))
            await page.goto(url)
            await page.unroute_all()
        return await find_other_languages(page) + await examined(page)
