"""What Lighthouse says of the main pages on a phone: at least 95 of 100 in each of its four categories.

Performance is a measurement, and two cores that also run the server and the browser make it a noisy one. So it is
taken only where nothing else runs (CI sets KAL_REQUIRE_LIGHTHOUSE), up to six times, and the best of each category
counts: a page that is too heavy or shifts about is so each time. Beside other programs (load 20 on two cores) the same
page was blocked for 110 and for 1,350 ms in two rounds.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from pathlib import Path
from typing import Any, Final

import pytest

from tests.browser.kalendarium import Kalendarium
from tests.browser.scene import Scene
from tests.support.left_out import leave_out

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

CLI: Final = Path(__file__).parents[2] / "node_modules" / "lighthouse" / "cli" / "index.js"
CATEGORIES: Final = ("performance", "accessibility", "best-practices", "seo")
LEAST: Final = 95
ROUNDS: Final = 6
FLAGS: Final = "--headless=new --no-sandbox --disable-gpu"


@pytest.fixture(scope="session")
def node() -> str:
    found = shutil.which("node")
    if os.environ.get("KAL_REQUIRE_LIGHTHOUSE") != "1":
        leave_out("lighthouse", "a quiet machine: KAL_REQUIRE_LIGHTHOUSE=1 says that this one is.")
    if found is None or not CLI.is_file():
        leave_out("lighthouse", "apt-get install nodejs npm, then npm ci.")
    return found


@pytest.mark.timeout(900)
@pytest.mark.parametrize("path", ["/pl/", "/pl/{year}/08", "/pl/events/{event}", "/pl/subscribe"])
async def test_a_page_on_a_phone_is_fast_open_to_all_and_found(
    path: str, node: str, whole_chromium_path: Path, kalendarium: Kalendarium, scene: Scene
) -> None:
    url = kalendarium.url + path.format(year=kalendarium.year, event=scene.public)
    best: dict[str, int] = dict.fromkeys(CATEGORIES, 0)
    lacking: list[str] = []
    for _ in range(ROUNDS):
        report = await examined(node, whole_chromium_path, url)
        if report is None:
            continue
        best = {name: max(score, best[name]) for name, score in scores(report).items()}
        lacking = faults(report)
        if min(best.values()) >= LEAST:
            break

    assert min(best.values()) >= LEAST, f"{best}; {lacking}"


async def examined(node: str, chromium: Path, url: str) -> dict[str, Any] | None:
    """Let Lighthouse look at a page as a phone would; None if it could not, and asks to be run again."""
    running = await asyncio.create_subprocess_exec(
        *(node, str(CLI), url, "--output=json", "--quiet", "--no-enable-error-reporting"),
        *(f"--chrome-flags={FLAGS}", f"--only-categories={','.join(CATEGORIES)}"),
        env=os.environ | {"CHROME_PATH": str(chromium)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    written, complaint = await running.communicate()
    if b"Please run Lighthouse again" in complaint:
        return None
    assert running.returncode == 0, complaint.decode()
    report: dict[str, Any] = json.loads(written)
    return report


def scores(report: dict[str, Any]) -> dict[str, int]:
    """Give the points of each category, of 100."""
    return {name: round(100 * (report["categories"][name]["score"] or 0)) for name in CATEGORIES}


def faults(report: dict[str, Any]) -> list[str]:
    """Name the audits that a page does not pass."""
    return [each["id"] for each in report["audits"].values() if each["score"] is not None and each["score"] < 0.9]
