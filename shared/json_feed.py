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
    # What changes meanwhile moves to the front, so the first page is read again at the end.
    found: dict[str, Item] = {}
    first, following = address, find_next_page(page := await ask(address), address)
    found |= _index_by_id(page)
    while following:
        page, address = await ask(following), following
        found |= _index_by_id(page)
        following = find_next_page(page, address)
    return found if address == first else found | _index_by_id(await ask(first))


def is_event(item: Mapping[str, Any]) -> bool:
    """An event, not a notice."""
    return "_event" in item


def _index_by_id(page: Mapping[str, Any]) -> dict[str, Item]:
    return {item["id"]: item for item in page["items"]}
