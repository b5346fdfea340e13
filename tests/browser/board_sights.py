"""The pages of the board and of reminders."""

from __future__ import annotations

import re
from typing import Final

from playwright.async_api import Page

from tests.browser.sight import Act, Sight

BOARD: Final = ("GET /calendar/board/{year}",)
REMINDER: Final = (*BOARD, "POST /calendar/board/{year}/reminder")
COVERAGE: Final = ("GET /calendar/board/{year}/coverage",)


def remind(*presses: str) -> Act:
    """Ask for a reminder of whom the address ticks, then press buttons by the beginning of their names."""

    async def act(page: Page) -> None:
        for name in ("Przypomnij…", *presses):
            async with page.expect_navigation():
                await page.get_by_role("button", name=re.compile(f"^{name}")).first.click()

    return act


BOARD_SIGHTS: Final = (
    Sight("board", "/calendar/board/{year}", BOARD, "curator", pictured=True),
    Sight("board-en", "/calendar/board/{year}?lang=en", BOARD, "curator", translated=True),
    Sight("board-filtered", "/calendar/board/{year}?view=nothing_sent&county=3262&sort=-name", BOARD, "curator"),
    Sight("board-empty", "/calendar/board/{year}?view=asked", BOARD, "curator", pictured=True),
    Sight("coverage", "/calendar/board/{year}/coverage", COVERAGE, "curator", pictured=True),
    Sight("coverage-en", "/calendar/board/{year}/coverage?lang=en", COVERAGE, "curator", translated=True),
    Sight("reminder", "/calendar/board/{year}?tick=all", REMINDER, "curator", act=remind(), pictured=True),
    Sight("reminder-none", "/calendar/board/{year}", REMINDER, "curator", act=remind(), pictured=True),
    Sight(
        "reminder-called-back",
        "/calendar/board/{year}?tick=all",
        (*REMINDER, "POST /calendar/board/{year}/reminder/{reminder_id}/call-back"),
        "curator",
        act=remind("Wyślij", "Cofnij"),
    ),
)
