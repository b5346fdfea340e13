"""Browser windows that nothing escapes: what a page complains about in its console is kept, and a test fails for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urljoin

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    async_playwright,
    expect,
)

from services.demo.logins import Login
from shared.web.http.session_cookie import get_session_cookie_name
from tests.browser.kalendarium import Kalendarium, Visitor

ARGUMENTS: Final = (
    "--headless",
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
PATIENCE: Final = 60_000
"""Milliseconds: of a machine that is busy with six workers. Only a test that fails waits so long."""

expect.set_options(timeout=PATIENCE)


@asynccontextmanager
async def opened_browser(chromium: Path, *, keeps_pages: bool = False) -> AsyncIterator[Browser]:
    """Run a Chromium with an empty profile until the block ends; ``keeps_pages`` leaves it its back-forward cache."""
    dropped = ["--disable-back-forward-cache"] if keeps_pages else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, headless=False, args=list(ARGUMENTS), ignore_default_args=dropped
        )
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
        response = await self.page.goto(urljoin(self.url, path))
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
        self.page.on("requestfailed", self._failed)

    def _said(self, message: ConsoleMessage) -> None:
        # A page that is an error says so by its status, which Chromium repeats; files of a page must not be missing.
        of_the_page = message.location["url"] == self.page.url and message.text.startswith("Failed to load resource")
        if message.type in {"error", "warning"} and not of_the_page:
            self.complaints.append(f"{message.type}: {message.text} ({message.location['url']})")

    def _failed(self, request: Request) -> None:
        # The icon comes after the load event: a test that goes on at once gives up on it, and nothing is missing.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"failed: {request.url} {request.failure}")

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
    profile = await browser.new_context(
        viewport={"width": width, "height": HEIGHT},
        color_scheme=scheme,
        java_script_enabled=with_scripts,
        locale=language,
        timezone_id="Europe/Warsaw",
        reduced_motion="reduce",
    )
    try:
        async with reopened_window(profile, kalendarium, visitor=visitor) as window:
            yield window
    finally:
        await profile.close()


@asynccontextmanager
async def reopened_window(
    profile: BrowserContext, kalendarium: Kalendarium, *, visitor: Visitor = "nobody"
) -> AsyncIterator[Window]:
    """Open a window of a profile without its cookies, in which the visitor is logged in, and close it."""
    await _log_in_alone(profile, kalendarium, visitor)
    window = await _open(profile, kalendarium)
    try:
        yield window
    finally:
        await window.page.close()


class ReusedWindow:
    """One window for one page after the other: to open one and to begin a page in it takes two processes."""

    def __init__(self, profile: BrowserContext, kalendarium: Kalendarium) -> None:
        self._profile = profile
        self._kalendarium = kalendarium
        self._window: Window | None = None

    @asynccontextmanager
    async def used(self, *, visitor: Visitor) -> AsyncIterator[Window]:
        """Let a visitor be logged in, on a desk and in light, and forget what was complained about before."""
        await _log_in_alone(self._profile, self._kalendarium, visitor)
        window = self._window or await _open(self._profile, self._kalendarium)
        self._window = None
        await window.page.set_viewport_size({"width": DESK, "height": HEIGHT})
        await window.page.emulate_media(color_scheme="light")
        window.complaints.clear()
        window.scripts.clear()
        try:
            yield window
        except BaseException:
            await window.page.close()
            raise
        self._window = window


async def _log_in_alone(profile: BrowserContext, kalendarium: Kalendarium, visitor: Visitor) -> None:
    """Let a profile have no cookie but that of the visitor's session."""
    await profile.clear_cookies()
    if visitor in kalendarium.sessions:
        session = kalendarium.sessions[visitor]
        await profile.add_cookies(
            [{"name": get_session_cookie_name(https=False), "value": session, "url": kalendarium.url}]
        )


async def _open(profile: BrowserContext, kalendarium: Kalendarium) -> Window:
    profile.set_default_timeout(PATIENCE)
    window = Window(await profile.new_page(), kalendarium.url)
    window.watch()
    return window
