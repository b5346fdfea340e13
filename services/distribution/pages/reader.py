"""Whom a page is for: the language of its address, and the filters of its query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import Depends, Path, Request

from services.distribution.refusals import refused_filter
from services.distribution.selection import Asked, FilterRefused, Selection, read_filters
from services.distribution.state import Opened, State
from shared.web.locale import _
from shared.web.problems import NotFound

OWN: Final = frozenset({"page", "lang"})
"""Parameters of a page that are no filters of its list."""

Field = dict[str, Any]


def language(state: Opened, lang: Annotated[str, Path()]) -> str:
    """Give the language of a page.

    Raises:
        NotFound: if the site does not have it.

    """
    if lang not in state.imprint.region.languages.site:
        raise NotFound
    return lang


Language = Annotated[str, Depends(language)]


def filters_of(request: Request, state: State, lang: str) -> Asked:
    """Read the filters of a page; a field of its form that was left empty is no filter.

    Raises:
        BadRequest: if one means nothing.

    """
    pairs = [(name, value) for name, value in request.query_params.multi_items() if value and name not in OWN]
    try:
        return read_filters(urlencode(pairs), state.known, whole=Selection(), language=lang)
    except FilterRefused as error:
        raise refused_filter(error) from error


def filter_fields(asked: Asked, state: State) -> dict[str, Field]:
    """Give the fields of the filter form: values, options, and what a single choice cannot show."""
    region, selection = state.imprint.region, asked.selection
    counties = [(code, county.label(asked.language)) for code, county in region.counties.items()]
    categories = [(slug, category.label(asked.language)) for slug, category in region.categories.items()]
    return {
        "county": {"value": next(iter(selection.counties), ""), "options": counties},
        "category": {"value": next(iter(selection.categories), ""), "options": categories},
        "from": {"value": selection.first or ""},
        "to": {"value": selection.last or ""},
    }


def carried(asked: Asked) -> list[tuple[str, str]]:
    """Give the second and further values of a filter, which the form carries along unseen."""
    selection = asked.selection
    return [("county", each) for each in selection.counties[1:]] + [
        ("category", each) for each in selection.categories[1:]
    ]


def active_filters(asked: Asked, state: State, path: str) -> list[Field]:
    """Give the filters that are on, each with the address of the page without it."""
    pairs = asked.selection.pairs()
    return [
        {"label": _said(name, value, asked.language, state), "url": with_query(path, _without(pairs, place))}
        for place, (name, value) in enumerate(pairs)
    ]


def with_query(path: str, pairs: Sequence[tuple[str, str]]) -> str:
    """Give an address with a query."""
    return f"{path}?{urlencode(pairs)}" if pairs else path


def _without(pairs: Sequence[tuple[str, str]], place: int) -> list[tuple[str, str]]:
    return [*pairs[:place], *pairs[place + 1 :]]


def _said(name: str, value: str, lang: str, state: State) -> str:
    region = state.imprint.region
    if name == "county":
        return region.counties[value].label(lang)
    if name == "category":
        return region.categories[value].label(lang)
    return _("od %(day)s", day=value) if name == "from" else _("do %(day)s", day=value)
