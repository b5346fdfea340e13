"""The list that an event was opened from, carried in the event's address.

Its parts are carried separately and checked, so the link can lead only to a list of ours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from fastapi import Request

from services.distribution.pages.page_parameters import (
    PageFilters,
    build_url,
    describe_filters,
    describe_span,
    read_filters,
    read_page_number,
)
from services.distribution.programme.months import Month
from services.distribution.state import State
from shared.event.date_phrases import format_month_name
from shared.i18n.text import _, translate
from shared.web.pages.layout import Link

_LIST = re.compile("(20[0-9]{2})(?:-(0[1-9]|1[0-2]))?")
NAME: Final = "list"

Pairs = Sequence[tuple[str, str]]


def build_parameters(path: str, filters: Pairs, page: int) -> Pairs:
    found = [(NAME, path.replace("/", "-"))] if path else []
    return [*found, *filters, *([("page", str(page))] if page > 1 else [])]


def read_back_link(request: Request, state: State, lang: str) -> tuple[Link | None, Pairs]:
    filters, page = read_filters(request, state, lang), read_page_number(request)
    named = _LIST.fullmatch(request.query_params.get(NAME, ""))
    path = named[0].replace("-", "/") if named else ""
    pairs = filters.query.selection.pairs()
    kept = build_parameters(path, pairs, page)
    if not kept:
        return None, ()
    parameters = [*pairs, *([("page", str(page))] if page > 1 else [])]
    return Link(_build_label(filters, named, state), build_url(f"/{lang}/{path}", parameters)), kept


def _build_label(filters: PageFilters, named: re.Match[str] | None, state: State) -> str:
    lang, selection = filters.query.language, filters.query.selection
    name = translate(_("Programme of events"), lang)
    if named and named[2]:
        name = f"{format_month(Month(int(named[1]), int(named[2])), lang)} {named[1]}"
    elif named:
        name = translate(_("Programme of events %(year)s", year=named[1]), lang)
    elif selection.first or selection.last:
        name = translate(describe_span(selection, lang), lang)
    said = describe_filters(filters.query, state, days=bool(named))
    return " · ".join([name, *(translate(each, lang) for each in said)])


def format_month(month: Month, language: str) -> str:
    return format_month_name(month.number, language)
