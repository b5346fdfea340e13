"""What a page is that one looks at: where it is, who looks, and what is done there first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from playwright.async_api import Page

from tests.browser.kalendarium import Visitor

Act = Callable[[Page], Awaitable[None]]


@dataclass(frozen=True)
class Sight:
    """A page as somebody sees it.

    Attributes:
        name: how a picture or a failure is called.
        address: its path; ``{year}``, ``{cancelled}``, … stand for the scene's.
        routes: the routes that answer on the way.
        visitor: who looks; a newcomer's organisation has sent in nothing.
        status: what the address answers.
        act: what is done there before one looks, such as sending a form.
        pictured: whether it is worth a picture.
        translated: whether it is another sight in another language: the same but for the texts.

    """

    name: str
    address: str
    routes: tuple[str, ...]
    visitor: Visitor = "nobody"
    status: int = 200
    act: Act | None = None
    pictured: bool = False
    translated: bool = False


def press(name: str) -> Act:
    """Press a button that sends a form, and wait for the answer."""

    async def act(page: Page) -> None:
        async with page.expect_navigation():
            await page.get_by_role("button", name=name, exact=True).click()

    return act


def spoil(name: str, value: str) -> Act:
    """Put another value into hidden fields, as if somebody else had been faster."""

    async def act(page: Page) -> None:
        fields = page.locator(f"main input[name='{name}']")
        await fields.evaluate_all("(fields, value) => fields.forEach(field => field.value = value)", value)

    return act


def write(label: str, text: str) -> Act:
    """Type into a field; its label may say more, such as that it may stay empty."""

    async def act(page: Page) -> None:
        await page.get_by_label(label).first.fill(text)

    return act


def unfold(part: str) -> Act:
    """Open a part of a form."""

    async def act(page: Page) -> None:
        await page.locator("summary").filter(has_text=part).first.click()

    return act


def tick(label: str) -> Act:
    """Tick a box or choose an answer."""

    async def act(page: Page) -> None:
        await page.get_by_label(label, exact=True).check()

    return act


def one_after_another(*acts: Act) -> Act:
    """Do several things."""

    async def act(page: Page) -> None:
        for each in acts:
            await each(page)

    return act
