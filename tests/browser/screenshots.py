"""``python -m tests.browser.screenshots FOLDER [NAME …]``: pictures of the main pages, to be looked at.

The system is started with the region's programme in it; each page is taken whole, at 360 and 1280 px, light and dark.
A part of a page's name after the folder takes only the pages that have it.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import Any

from playwright.async_api import Browser

from deploy.local.replica_set import start_replica_set
from shared.settings import CommonSettings
from tests.browser.kalendarium import Kalendarium, filled, started, started_style_guide
from tests.browser.scene import stage
from tests.browser.sight import Sight
from tests.browser.sights import SIGHTS
from tests.browser.windows import DESK, PHONE, SCHEMES, opened_browser, opened_window
from tests.support.servers import NO_CHROMIUM, find_chromium


async def take(browser: Browser, kalendarium: Kalendarium, sight: Sight, named: dict[str, Any], folder: Path) -> None:
    """Take a page in both widths and both schemes."""
    for width, scheme in product((PHONE, DESK), SCHEMES):
        asked = opened_window(browser, kalendarium, visitor=sight.visitor, width=width, scheme=scheme)
        async with asked as window:
            await window.visit(sight.address.format_map(named))
            if sight.act:
                await sight.act(window.page)
            await window.page.screenshot(path=folder / f"{sight.name}-{width}-{scheme}.png", full_page=True)


async def take_all(
    settings: CommonSettings, style_guide: str, chromium: Path, folder: Path, parts: Sequence[str]
) -> None:
    """Take all pages worth a picture, or those of which a part of the name is given."""
    kalendarium = await filled(settings)
    named = asdict(await stage(kalendarium, style_guide)) | kalendarium.mails | kalendarium.years
    async with opened_browser(chromium) as browser:
        for sight in SIGHTS:
            if any(part in sight.name for part in parts) if parts else sight.pictured:
                await take(browser, kalendarium, sight, named, folder)
                sys.stdout.write(f"{sight.name}\n")


def main(folder: Path, parts: Sequence[str]) -> None:
    """Start everything, take the pictures, and leave only them behind."""
    chromium = find_chromium()
    if chromium is None:
        sys.exit(NO_CHROMIUM)
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as scratch,
        start_replica_set(Path(scratch) / "mongo") as replica_set,
        started(replica_set.url, prefix="pictures", folder=Path(scratch)) as settings,
        started_style_guide(Path(scratch)) as style_guide,
    ):
        asyncio.run(take_all(settings, style_guide, chromium, folder, parts))


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.exit("Name a folder for the pictures: python -m tests.browser.screenshots FOLDER [NAME …]")
    main(Path(sys.argv[1]), sys.argv[2:])
