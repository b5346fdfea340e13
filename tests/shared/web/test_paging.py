from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from starlette.requests import Request

from shared.web.pages.layout import Link
from shared.web.paging import PAGE_BYTES, PageBuilder, Paging, clamp_page, number_pages, read_page
from shared.web.problems import BadRequest


def request(query: str) -> Request:
    return Request({"type": "http", "query_string": query.encode(), "headers": []})


def address(page: int) -> str:
    return f"/?page={page}"


def paging(page: int, *, count: int) -> tuple[str | None, str | None] | None:
    found: Paging | None = number_pages(page, count=count, size=10, make_address=address)
    return (_url(found.previous), _url(found.next)) if found else None


def _url(link: Link | None) -> str | None:
    return link.url if link else None


@pytest.mark.parametrize(("query", "page"), [("", 1), ("page=", 1), ("page=7", 7), ("page=1000", 1_000)])
def test_the_page_is_read_from_the_address(query: str, page: int) -> None:
    assert read_page(request(query)) == page


@pytest.mark.parametrize("query", ["page=0", "page=1001", "page=x", "page=%2B1", f"page=1{'0' * 4_300}"])
def test_what_is_no_page_is_a_bad_request(query: str) -> None:
    with pytest.raises(BadRequest):
        read_page(request(query))


@pytest.mark.parametrize(
    ("page", "count", "links"),
    [
        (1, 0, None),
        (1, 10, None),
        (1, 11, (None, "/?page=2")),
        (2, 21, ("/?page=1", "/?page=3")),
        (3, 21, ("/?page=2", None)),
        (9, 21, ("/?page=8", None)),
    ],
)
def test_pages_link_to_those_before_and_after(
    page: int, count: int, links: tuple[str | None, str | None] | None
) -> None:
    assert paging(page, count=count) == links


async def build(found: list[int], *, limit: int, size: int = 1) -> tuple[int, str | None]:
    """How many items a page holds, each of ``size`` characters, and its cursor; an odd number serializes to None."""

    async def iterate() -> AsyncIterator[int]:
        for each in found:
            yield each

    page = PageBuilder[int](limit, lambda each: None if each % 2 else "x" * size, str)
    await page.fill(iterate())
    return len(page.items), page.next


async def test_a_full_page_with_more_behind_it_has_a_cursor() -> None:
    assert await build([2, 4, 6], limit=2) == (2, "4")


@pytest.mark.parametrize("found", [[], [2], [2, 4]])
async def test_the_last_page_has_no_cursor(found: list[int]) -> None:
    assert await build(found, limit=2) == (len(found), None)


async def test_a_page_ends_where_it_is_large_enough_and_the_next_one_goes_on_there() -> None:
    assert await build([2, 4, 6, 8], limit=200, size=PAGE_BYTES // 2) == (2, "4")


async def test_an_item_larger_than_a_page_is_a_page() -> None:
    assert await build([2, 4], limit=200, size=2 * PAGE_BYTES) == (1, "2")


async def test_what_cannot_be_shown_takes_no_place_and_hides_nothing_behind_it() -> None:
    assert await build([1, 2, 3, 4, 5, 6], limit=2) == (2, "4")


@pytest.mark.parametrize(("page", "shown"), [(1, 1), (3, 3), (4, 3), (1_000, 3)])
def test_beyond_the_last_page_is_the_last_page(page: int, shown: int) -> None:
    assert clamp_page(page, count=21, size=10) == shown


def test_a_list_of_nothing_has_one_page() -> None:
    assert clamp_page(7, count=0, size=10) == 1
