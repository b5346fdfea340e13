"""Paging: which page of a list is asked for, and the links or the cursor that lead on."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import msgspec
from starlette.requests import Request

from shared.field_error import FieldError
from shared.i18n.text import _
from shared.web.http.cursors import InvalidCursor
from shared.web.http.numbers import parse_number
from shared.web.pages.layout import Link
from shared.web.problems import BadRequest

LAST_PAGE: Final = 1_000
PAGE_BYTES: Final = 4_000_000
"""Of JSON; events can be made so long that two hundred are 50 MB, which hold the event loop for a second."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Paging:
    """What ``parts/pagination.html`` takes."""

    previous: Link | None
    next: Link | None
    words: str


def read_page(request: Request) -> int:
    """Raises BadRequest if ``page`` is no number from 1 to :data:`LAST_PAGE`."""
    page = parse_number(request.query_params.get("page") or "1")
    if page is None or not 1 <= page <= LAST_PAGE:
        raise BadRequest
    return page


def clamp_page(page: int, *, count: int, size: int) -> int:
    """Return the last page for one beyond it: the list was longer when its address was made."""
    return min(page, max(1, -(-count // size)))


def link_pages(page: int, *, has_next: bool, words: str, make_address: Callable[[int], str]) -> Paging:
    return Paging(
        previous=Link(_("Back"), make_address(page - 1)) if page > 1 else None,
        next=Link(_("Next"), make_address(page + 1)) if has_next else None,
        words=words,
    )


def number_pages(page: int, *, count: int, size: int, make_address: Callable[[int], str]) -> Paging | None:
    """Link the pages as "page 2 of 7"; None where one page holds all."""
    last = max(1, -(-count // size))
    if last == 1 and page == 1:
        return None
    words = _("page %(page)s of %(last)s", page=page, last=last)
    return link_pages(page, has_next=page < last, words=words, make_address=make_address)


class PageBuilder(Generic[Item]):
    """A page of an API's list: full at ``limit`` items, or sooner at :data:`PAGE_BYTES`, but never without any.

    ``next`` is the cursor of the next page, if there is one.
    """

    def __init__(
        self, limit: int, serialize: Callable[[Item], object | None], write_position: Callable[[Item], str]
    ) -> None:
        self.items: list[msgspec.Raw] = []
        self.next: str | None = None
        self._limit = limit
        self._serialize = serialize
        self._write_position = write_position
        self._size = 0
        self._last: Item | None = None

    def add(self, item: Item) -> bool:
        """Add an item, but for one that serializes to None; False once the page is full."""
        if self._last is not None and (len(self.items) == self._limit or self._size >= PAGE_BYTES):
            self.next = self._write_position(self._last)
            return False
        self._last = item
        found = self._serialize(item)
        if found is not None:
            encoded = msgspec.json.encode(found)
            self._size += len(encoded)
            self.items.append(msgspec.Raw(encoded))
        return True

    async def fill(self, found: AsyncIterable[Item]) -> None:
        async for each in found:
            if not self.add(each):
                return


def describe_unreadable_cursor(_error: InvalidCursor) -> BadRequest:
    text = _("Use the value of next from the previous answer.")
    return BadRequest(code="unknown_filter_value", errors=[FieldError("cursor", text, "unknown_value")])
