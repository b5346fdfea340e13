"""The HTML of every public page, as the W3C's own checker (vnu) judges it."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from deploy.local.java import JavaNotFound, find_java
from tests.browser.kalendarium import Kalendarium
from tests.browser.public_sights import PUBLIC
from tests.browser.scene import Scene
from tests.support.left_out import leave_out

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

VNU: Final = Path(__file__).parents[2] / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
EXCEPTED: Final = re.compile(
    "The “(table|rowgroup|row|columnheader|rowheader|cell|list)” role is unnecessary for element"
    "|The “role” attribute must not be used on a “(tr|th|td)” element which has a “table” ancestor"
)
"""Not so: on the phone tables are cards, and ``display: block`` takes the roles of their elements away in Safari, as
``list-style: none`` does with lists."""


@pytest.fixture(scope="session")
def vnu() -> tuple[str, ...]:
    try:
        java = find_java()
    except JavaNotFound as error:
        leave_out("node", str(error))
    if not VNU.is_file():
        leave_out("node", "the checker of HTML: apt-get install nodejs npm, then npm ci.")
    return str(java), "-jar", str(VNU), "--format", "json", "--stdout", "--exit-zero-always"


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_every_public_page_is_html_as_the_standard_has_it(
    vnu: tuple[str, ...], kalendarium: Kalendarium, scene: Scene, tmp_path: Path
) -> None:
    named = asdict(scene) | kalendarium.mails | kalendarium.years
    async with httpx.AsyncClient(base_url=kalendarium.url, timeout=30) as client:
        for sight in PUBLIC:
            answer = await client.get(sight.address.format_map(named))
            (tmp_path / f"{sight.name}.html").write_bytes(answer.content)

    judged = subprocess.run([*vnu, str(tmp_path)], check=True, capture_output=True, timeout=170)  # noqa: ASYNC221, S603 - nobody else waits
    found: list[dict[str, Any]] = json.loads(judged.stdout)["messages"]

    complaints = {
        f"{Path(each['url']).stem}: {each['message']}" for each in found if not EXCEPTED.match(each["message"])
    }
    assert complaints == set()
