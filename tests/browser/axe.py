"""axe-core, vendored for tests: what it finds against WCAG 2.2 AA on a page."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Page

FILE: Final = Path(__file__).parent / "vendor" / "axe-core-4.14.1" / "axe.min.js"
TAGS: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
# axe cannot judge what lies under something sticky, which a person scrolls away.
ASK: Final = """
async tags => {
  const flat = new CSSStyleSheet(), sheets = document.adoptedStyleSheets;
  flat.replaceSync(".bar, .dense thead :is(th, td) {position: static !important}");
  document.adoptedStyleSheets = [...sheets, flat];
  const found = await axe.run({runOnly: {type: "tag", values: tags}, resultTypes: ["violations", "incomplete"]});
  document.adoptedStyleSheets = sheets;
  return [...found.violations, ...found.incomplete].flatMap(rule =>
    rule.nodes.map(node => ({rule: rule.id, help: rule.help, where: node.target.join(" "), html: node.html,
                             why: node.failureSummary || node.any.map(check => check.message).join(" ")})));
}
"""


@cache
def _source() -> str:
    return FILE.read_text(encoding="utf-8")


async def examined(page: Page) -> list[str]:
    """Give what axe finds on a page, and what it could not decide, a line each."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_source())
    found: list[dict[str, Any]] = await page.evaluate(ASK, TAGS)
    return [f"{each['rule']} at {each['where']}: {each['html']} ({each['why']})" for each in found]
