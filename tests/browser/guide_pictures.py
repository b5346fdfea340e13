"""``python -m tests.browser.guide_pictures [NAME …]``: takes the pictures of the guides again, in each language.

The system is started with the region's programme in it, and events of three organisations are changed as people would.
A part of a picture's name takes only the pictures that have it. They are written where the pages serve them from.
"""

from __future__ import annotations

import asyncio
import base64
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, Page

from deploy.local.replica_set import start_replica_set
from shared.i18n.text import Text, _, translate
from shared.settings import CommonSettings
from shared.web.pages.language import COOKIE, STAFF_LANGUAGES
from shared.web.pages.static import FOLDER
from tests.browser.kalendarium import ORGANISATION, Kalendarium, Visitor, filled, started
from tests.browser.windows import opened_browser, opened_window
from tests.support.accounts import open_quick_accounts
from tests.support.clients import Curator, Editor, Submission, eventually
from tests.support.servers import NO_CHROMIUM, find_chromium

PICTURES: Final = FOLDER / "guide"
WIDTH: Final = 1024
"""A desk's layout, but hardly wider than a guide shows pictures: its words stay legible."""
HEIGHT: Final = 720
NARROW: Final = 760
"""The most that is taken of a page that is a form of short fields."""
QUALITY: Final = 70
MOST_BYTES: Final = 60_000
OTHERS: Final = ("um-darlowo", "um-swinoujscie")
"""Organisations whose changes wait, besides the editor's."""

Act = Callable[[Page, str], Awaitable[None]]
"""What is done before a picture is taken, in a language."""

MARGIN: Final = 16
PLACE: Final = """
([selector, most, margin]) => {
  const part = document.querySelector(selector)
  scrollTo(0, part.getBoundingClientRect().top + scrollY - margin)
  const place = part.getBoundingClientRect()
  const x = Math.max(0, place.left - margin), y = Math.max(0, place.top - margin)
  return {
    x, y: y + scrollY,
    width: Math.min(most, place.right + margin, innerWidth) - x,
    height: Math.min(place.bottom + margin, innerHeight) - y,
  }
}
"""


@dataclass(frozen=True)
class GuidePicture:
    """``part`` is the element that is taken, ``most`` its greatest width; ``height`` and ``width`` are the window's."""

    name: str
    address: str
    visitor: Visitor
    act: Act | None = None
    part: str = "main"
    height: int = HEIGHT
    width: int = WIDTH
    most: int = 2_000


def press(name: Text) -> Act:
    """Press a button and wait for the page that it leads to."""

    async def act(page: Page, language: str) -> None:
        async with page.expect_navigation():
            await page.get_by_role("button", name=translate(name, language), exact=True).first.click()

    return act


async def remind(page: Page, language: str) -> None:
    """Tick some organisations and ask for a reminder."""
    for box in (await page.locator("tbody input[type=checkbox]").all())[-4:]:
        await box.check()
    await press(_("Remind…"))(page, language)


async def make_late_code(page: Page, language: str) -> None:
    await page.get_by_label(translate(_("Whom is the code for?"), language)).fill("LOT Darłowo")
    await press(_("Make a late code"))(page, language)


async def type_title(page: Page, _language: str) -> None:
    await (
        page.get_by_label("Tytuł", exact=False)
        .or_(page.get_by_label("Title", exact=False))
        .first.fill("Hanza Jazz Festiwal")
    )


ALL: Final = (
    GuidePicture("invitation", "/ingest/invitation/{invitation_token}", "nobody", height=1100, most=NARROW),
    GuidePicture("home", "/ingest/", "editor", height=900),
    GuidePicture("last-year", "/ingest/rollover/{next_year}", "editor"),
    GuidePicture("form", "/ingest/submissions/new", "editor", act=type_title, height=900),
    GuidePicture("preview", "/ingest/submissions/{changed}/edit", "editor", act=press(_("Preview")), height=900),
    GuidePicture("changes", "/ingest/submissions/{requested}", "editor", height=800),
    GuidePicture("request", "/ingest/requests/{asked}", "editor", height=900),
    GuidePicture("profile", "/ingest/profile", "editor", part="section[aria-labelledby=about]", most=NARROW),
    GuidePicture("people", "/ingest/administration/people", "administrator"),
    GuidePicture(
        "invite",
        "/ingest/administration/people/invite?organisation=darlot",
        "administrator",
        part="main form",
        height=900,
        most=NARROW,
    ),
    GuidePicture("call", "/calendar/calls/new", "curator", height=800),
    GuidePicture("board", "/calendar/board/{year}", "curator", height=800, width=1280),
    GuidePicture("coverage", "/calendar/board/{year}/coverage", "curator", height=520),
    GuidePicture(
        "request-form", "/calendar/requests/new?county=3209&month={year}-11", "curator", height=900, most=NARROW
    ),
    GuidePicture("reminder", "/calendar/board/{year}?view=nothing_sent", "curator", act=remind, height=800),
    GuidePicture("queue", "/calendar/", "curator"),
    GuidePicture("entry", "/calendar/entries/{changed}", "curator", height=900),
    GuidePicture(
        "late-codes", "/calendar/calls/{year}", "curator", act=make_late_code, part="section[aria-labelledby=codes]"
    ),
)


async def stage(kalendarium: Kalendarium, settings: CommonSettings) -> dict[str, str]:
    """Let three organisations change events of theirs; gives the ids of those that are shown."""
    url = kalendarium.url
    async with AsyncExitStack() as opened:
        accounts = await opened.enter_async_context(open_quick_accounts(settings))
        curator = await opened.enter_async_context(Curator(url, kalendarium.logins["curator"].api_key))
        waiting: list[Submission] = []
        for organisation in (*OTHERS, ORGANISATION):
            editors = await accounts.list_members(organisation, frozenset({"editor"}))
            key = await accounts.create_key(next(each for each in editors if len(each.memberships) == 1).id)
            editor = await opened.enter_async_context(Editor(url, key))
            waiting += [await confirm_dates(editor, each) for each in (await list_own(editor))[:2]]
        requested, changed = waiting[-2:]
        await eventually(lambda: is_waiting(curator, [each.id for each in waiting]), expected=True)
        await curator.request_changes(requested.id, "Dopiszcie godzinę otwarcia i adres kina.")
        await eventually(lambda: editor.state_of(requested.id), "changes_requested")
        return {"requested": requested.id, "changed": changed.id}


async def list_own(editor: Editor) -> list[Submission]:
    """List what is public of an organisation's events."""
    items = (await editor.http.get(editor.SUBMISSIONS, params={"limit": "50"})).json()["items"]
    found = [await editor.find(each["id"]) for each in items]
    return [each for each in found if each.live_version]


async def confirm_dates(editor: Editor, submission: Submission) -> Submission:
    """Say that the dates of an event are sure, and name the town where visitors buy tickets."""
    event: dict[str, Any] = dict(submission.event)
    event["dates"] = event["dates"] | {"certainty": "exact"}
    event["tickets"] = {"free": True}
    return await editor.edit(submission, event)


async def is_waiting(curator: Curator, ids: Sequence[str]) -> bool:
    return set(ids) <= (await curator.waiting()).keys()


async def take(browser: Browser, kalendarium: Kalendarium, picture: GuidePicture, language: str, address: str) -> bytes:
    """Take a picture in a language, as WebP."""
    asked = opened_window(browser, kalendarium, visitor=picture.visitor, width=picture.width)
    async with asked as window:
        page = window.page
        await page.set_viewport_size({"width": picture.width, "height": picture.height})
        await page.context.add_cookies([{"name": COOKIE, "value": language, "url": kalendarium.url}])
        await window.visit(address)
        if picture.act:
            await picture.act(page, language)
        await page.evaluate("document.fonts.ready")
        place = await page.evaluate(PLACE, [picture.part, picture.most, 0 if picture.part == "main" else MARGIN])
        chromium = await page.context.new_cdp_session(page)
        options = {"format": "webp", "quality": QUALITY, "clip": place | {"scale": 1}}
        taken = await chromium.send("Page.captureScreenshot", options)
        return base64.b64decode(taken["data"])


def place_file(picture: GuidePicture, language: str) -> Path:
    """Give the file of a picture. A guide that names a picture that is not there would not let the services start."""
    file = PICTURES / language / f"{picture.name}.webp"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(bytes(30))
    return file


async def take_all(settings: CommonSettings, chromium: Path, parts: Sequence[str]) -> None:
    """Take all pictures, or those of which a part of the name is given."""
    kalendarium = await filled(settings)
    named = kalendarium.mails | kalendarium.years | await stage(kalendarium, settings)
    async with opened_browser(chromium) as browser:
        for picture in ALL:
            if parts and not any(part in picture.name for part in parts):
                continue
            for language in STAFF_LANGUAGES:
                image = await take(browser, kalendarium, picture, language, picture.address.format_map(named))
                file = place_file(picture, language)
                file.write_bytes(image)
                too_large = " (too large)" if len(image) > MOST_BYTES else ""
                sys.stdout.write(f"{language}/{file.name} {len(image)}{too_large}\n")


def main(parts: Sequence[str]) -> None:
    """Start everything, take the pictures, and leave only them behind."""
    chromium = find_chromium()
    if chromium is None:
        sys.exit(NO_CHROMIUM)
    for picture, language in product(ALL, STAFF_LANGUAGES):
        place_file(picture, language)
    with (
        tempfile.TemporaryDirectory() as scratch,
        start_replica_set(Path(scratch) / "mongo") as replica_set,
        started(replica_set.url, prefix="guides", folder=Path(scratch)) as settings,
    ):
        asyncio.run(take_all(settings, chromium, parts))


if __name__ == "__main__":
    main(sys.argv[1:])
