"""Texts of a page that are in another language than the page says."""

from __future__ import annotations

from functools import cache
from typing import Final

from babel.messages.pofile import read_po
from playwright.async_api import Page

from shared.i18n.text import FOLDER

TEXTS: Final = """
() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim();
    if (text) found.push([walker.currentNode.parentElement.closest("[lang]").lang, text]);
  }
  return found;
}
"""
"""What stands on a page, each text with the language that it is marked with."""


@cache
def list_telling(language: str) -> frozenset[str]:
    """List the texts of pages that are Polish or English and nothing else, whole and without places to fill."""
    with (FOLDER / "pl" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        pairs = [(str(each.id), str(each.string)) for each in read_po(file, locale="pl") if isinstance(each.id, str)]
    english, polish = ({pair[place] for pair in pairs if pair[0] != pair[1]} for place in (0, 1))
    chosen, other = (english, polish) if language == "en" else (polish, english)
    return frozenset(each for each in chosen - other if "%(" not in each)


async def find_other_languages(page: Page) -> list[str]:
    """List Polish texts in what is said to be English, and the other way round."""
    texts: list[tuple[str, str]] = await page.evaluate(TEXTS)
    other = {"pl": "en", "en": "pl"}
    return [
        f"in {other[lang]}, marked as {lang}: {text}"
        for lang, text in texts
        if lang in other and text in list_telling(other[lang])
    ]
