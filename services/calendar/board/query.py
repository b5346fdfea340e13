"""The board's address: view, filters and order, read from a query and written into one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from services.calendar.board.model import SORTS, VIEWS, BoardFilter, Sort, View

MAX_QUERY: Final = 1_000
"""Characters of a filter in a form."""
_VIEWS: Final[Mapping[str, View]] = {each: each for each in VIEWS}
_SORTS: Final[Mapping[str, Sort]] = {each: each for each in SORTS}


def read_filter(query: Mapping[str, str]) -> BoardFilter:
    """What is unknown does not limit."""
    sort = query.get("sort", "")
    return BoardFilter(
        view=_VIEWS.get(query.get("view", ""), "all"),
        county=query.get("county", ""),
        kind=query.get("kind", ""),
        sort=_SORTS.get(sort.removeprefix("-"), "stage"),
        descending=sort.startswith("-"),
    )


def write_query(chosen: BoardFilter, **more: str) -> str:
    """Write what differs from the default; "" if nothing does."""
    sort = ("-" if chosen.descending else "") + chosen.sort
    fields = {
        "view": "" if chosen.view == "all" else chosen.view,
        "county": chosen.county,
        "kind": chosen.kind,
        "sort": "" if sort == "stage" else sort,
        **more,
    }
    written = urlencode({name: value for name, value in fields.items() if value})
    return f"?{written}" if written else ""
