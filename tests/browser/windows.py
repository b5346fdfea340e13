"""Browser windows that nothing escapes: what a page complains about in its console is kept, and a test fails for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from playwright.async_api import Browser, ConsoleMessage, Page, Request, Response, async_playwright

from services.logins import Login
from shared.web.accounts import session_cookie
from tests.browser.kalendarium import Kalendarium, Visitor

ARGUMENTS: Final = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",  # as on phones; a desk's would take 15 px of a 360 px page
)
PHONE: Final = 360
DESK: Final = 1280
HEIGHT: Final = 800
Scheme = Literal["light", "dark"]
SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")


@asynccontextmanager
async def opened_browser(chromium: Path) -> AsyncIterator[Browser]:
    """Run a Chromium with an empty profile until the block ends."""
    async with async_playwright() as playwright:
        # Not Playwright's own "headless", which asks for a shell that Debian does not have.
        browser = await playwright.chromium.launch(executable_path=chromium, headless=False, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            await browser.close()


@dataclass
class Window:
    """A page of a browser; ``complaints`` are console errors, breaches of the policy, and files that did not come."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)

    async def visit(self, path: str) -> Response:
        """Go to a path of the system, wait until all of it has come, and give the answer."""
        response = await self.page.goto(self.url + path)
        assert response is not None, f"{path} is no page"
        return response

    async def log_in(self, login: Login, service: Literal["ingest", "calendar"]) -> None:
        """Log in as a person would."""
        await self.visit(f"/{service}/login")
        await self.page.get_by_label("Adres e-mail").fill(login.email)
        await self.page.get_by_label("Hasło").fill(login.password)
        await self.page.get_by_role("button", name="Zaloguj się").click()
        await self.page.get_by_role("button", name="Wyloguj się").wait_for()

    def watch(self) -> None:
        """Keep from now on what the page complains about, and which scripts it asks for."""
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("request", self._asked)
        self.page.on(
            "requestfailed", lambda request: self.complaints.append(f"failed: {request.url} {request.failure}")
        )

    def _said(self, message: ConsoleMessage) -> None:
        # A page that is an error says so by its status, which Chromium repeats; files of a page must not be missing.
        of_the_page = message.location["url"] == self.page.url and message.text.startswith("Failed to load resource")
        if message.type in {"error", "warning"} and not of_the_page:
            self.complaints.append(f"{message.type}: {message.text} ({message.location['url']})")

    def _asked(self, request: Request) -> None:
        if request.resource_type == "script":
            self.scripts.append(request.url)


@asynccontextmanager
async def opened_window(
    browser: Browser,
    kalendarium: Kalendarium,
    *,
    visitor: Visitor = "nobody",
    width: int = DESK,
    scheme: Scheme = "light",
    with_scripts: bool = True,
    language: str = "pl-PL",
) -> AsyncIterator[Window]:
    """Open a window with an empty profile, in which the visitor is logged in, and close it."""
    context = await browser.new_context(
        viewport={"width": width, "height": HEIGHT},
        color_scheme=scheme,
        java_script_enabled=with_scripts,
        locale=language,
        timezone_id="Europe/Warsaw",
        reduced_motion="reduce",
    )
    context.set_default_timeout(10_000)
    if visitor in kalendarium.sessions:
        session = kalendarium.sessions[visitor]
        await context.add_cookies([{"name": session_cookie(https=False), "value": session, "url": kalendarium.url}])
    window = Window(await context.new_page(), kalendarium.url)
    window.watch()
    try:
        yield window
    finally:
        await context.close()
