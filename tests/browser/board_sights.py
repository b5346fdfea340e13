"""The pages of the board, of reminders and of requests."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from playwright.async_api import Page

from tests.browser.sight import Sight, one_after_another, press

BOARD: Final = ("GET /calendar/board/{year}",)
REMINDER: Final = (*BOARD, "POST /calendar/board/{year}/reminder")
REQUESTS: Final = ("GET /calendar/requests",)
NEW_REQUEST: Final = ("GET /calendar/requests/new",)
REQUEST_SENT: Final = (*NEW_REQUEST, "POST /calendar/requests/new", *REQUESTS)
ASKED: Final = ("GET /ingest/requests/{request_id}",)
COVERAGE: Final = ("GET /calendar/board/{year}/coverage",)


async def remind(page: Page) -> None:
    """Ask for a reminder of whom the address ticks."""
    await press("Przypomnij…")(page)


async def send_reminder(page: Page) -> None:
    """Remind whom the address ticks, also those who were reminded for another sight."""
    await remind(page)
    again = page.get_by_label("Przypomnij także osobom")
    if await again.count():
        await again.check()
        await press("Pokaż z moimi słowami")(page)
    async with page.expect_navigation():
        await page.get_by_role("button", name=re.compile("^Wyślij")).click()


async def remind_again(page: Page) -> None:
    """Remind those who were just reminded."""
    await send_reminder(page)
    await page.goto(f"{page.url}?tick=all")
    await remind(page)


async def ask(page: Page) -> None:
    """Fill in a request and send it."""
    await page.get_by_label("Organizacja", exact=True).select_option(index=1)
    await page.get_by_label("O co prosisz?", exact=True).fill("Coś w listopadzie?")
    until = datetime.now(UTC).date() + timedelta(days=30)
    await page.get_by_label("Do kiedy?", exact=True).fill(until.isoformat())
    await press("Wyślij prośbę")(page)


async def take_back(page: Page) -> None:
    """Take back the reminder or request that was sent last."""
    async with page.expect_navigation():
        await page.get_by_role("button", name=re.compile("^Cofnij")).first.click()


BOARD_SIGHTS: Final = (
    Sight("board", "/calendar/board/{year}", BOARD, "curator", pictured=True),
    Sight("board-en", "/calendar/board/{year}?lang=en", BOARD, "curator", translated=True),
    Sight("board-filtered", "/calendar/board/{year}?view=nothing_sent&county=3262&sort=-name", BOARD, "curator"),
    Sight("board-empty", "/calendar/board/{year}?view=asked", BOARD, "curator", pictured=True),
    Sight("coverage", "/calendar/board/{year}/coverage", COVERAGE, "curator", pictured=True),
    Sight("coverage-en", "/calendar/board/{year}/coverage?lang=en", COVERAGE, "curator", translated=True),
    Sight("reminder", "/calendar/board/{year}?tick=all", REMINDER, "curator", act=remind, pictured=True),
    Sight("reminder-none", "/calendar/board/{year}", REMINDER, "curator", act=remind, pictured=True),
    Sight(
        "reminder-called-back",
        "/calendar/board/{year}?tick=all",
        (*REMINDER, "POST /calendar/board/{year}/reminder/{reminder_id}/call-back"),
        "curator",
        act=one_after_another(send_reminder, take_back),
    ),
    Sight("reminder-again", "/calendar/board/{year}?tick=all", REMINDER, "curator", act=remind_again, pictured=True),
    Sight("requests", "/calendar/requests", REQUESTS, "curator", pictured=True),
    Sight("requests-en", "/calendar/requests?lang=en", REQUESTS, "curator", translated=True),
    Sight("request-new", "/calendar/requests/new?county=3209", NEW_REQUEST, "curator", pictured=True),
    Sight(
        "request-refused",
        "/calendar/requests/new",
        (*NEW_REQUEST, "POST /calendar/requests/new"),
        "curator",
        act=press("Wyślij prośbę"),
        pictured=True,
    ),
    Sight("request-sent", "/calendar/requests/new", REQUEST_SENT, "curator", act=ask, pictured=True),
    Sight(
        "request-taken-back",
        "/calendar/requests/new",
        (*REQUEST_SENT, "POST /calendar/requests/{request_id}/take-back"),
        "curator",
        act=one_after_another(ask, take_back),
    ),
    Sight("asked", "/ingest/requests/{asked}", ASKED, "editor", pictured=True),
    Sight("asked-en", "/ingest/requests/{asked}?lang=en", ASKED, "editor", translated=True),
    Sight(
        "asked-no-reason",
        "/ingest/requests/{asked}",
        (*ASKED, "POST /ingest/requests/{request_id}"),
        "editor",
        act=press("Nie, nie tym razem"),
        pictured=True,
    ),
    Sight("asked-no-more", "/ingest/requests/{asked_no_more}", ASKED, "editor", pictured=True),
)
