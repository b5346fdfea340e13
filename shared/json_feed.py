"""JSON Feed client: follows the pages of a feed to its end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

Item = dict[str, Any]
Ask = Callable[[str], Awaitable[Mapping[str, Any]]]


def find_next_page(page: Mapping[str, Any], address: str) -> str | None:
    # A feed names its public address; a client of the service behind the proxy keeps asking there.
    following = page.get("next_url")
    return f"{address.partition('?')[0]}?{urlsplit(following).query}" if following else None


async def read_items(ask: Ask, address: str) -> dict[str, Item]:
    """All items by id."""
    # What changes meanwhile moves to the front. So it is read from there again, until a page has an item that was known
    # before, and again if that was not the first page.
    found: dict[str, Item] = {}
    while True:
        known, count = found.copy(), 0
        following: str | None = address
        while following:
            asked, count = following, count + 1
            page = await ask(asked)
            items = _index_by_id(page)
            found |= items
            following = None if has_known(items, known) else find_next_page(page, asked)
        if count == 1:
            return found


def has_known(items: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    """Whether a page has an unchanged item: what came to the front since then stands before it."""
    return any(known.get(item_id) == item for item_id, item in items.items())


def is_event(item: Mapping[str, Any]) -> bool:
    """An event, not a notice."""
    return "_event" in item


def _index_by_id(page: Mapping[str, Any]) -> dict[str, Item]:
    return {item["id"]: item for item in page["items"]}
