"""Request parameters of the public pages: language and filters."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import Depends, Path, Request

from services.distribution.programme.selection import SEVERAL, Query, Selection, is_day, parse_filters_leniently
from services.distribution.state import OpenState, State
from shared.event.date_phrases import format_dates, format_day
from shared.event.model import Dates
from shared.event.vocabulary import AUDIENCE, SETTING
from shared.i18n.text import Text, _, translate
from shared.web.pages.layout import Link
from shared.web.problems import NotFound


async def get_language(state: OpenState, lang: Annotated[str, Path()]) -> str:
    if lang not in state.site.region.languages.site:
        raise NotFound
    return lang


Language = Annotated[str, Depends(get_language)]


@dataclass(frozen=True, slots=True)
class PageFilters:
    """``errors`` are by field; ``input_days`` are the days as typed, where a date field can show them again."""

    query: Query
    errors: Mapping[str, Text]
    input_days: Mapping[str, str]


def read_filters(request: Request, state: State, lang: str) -> PageFilters:
    """Ignore meaningless values and report them at their fields."""
    # The status is 200 all the same: a shared link leads to the list and the form.
    pairs = request.query_params.multi_items()
    query, refused = parse_filters_leniently(pairs, state.vocabulary, language=lang)
    typed = {name: value for name, value in reversed(pairs) if name in {"from", "to"} and is_day(value)}
    return PageFilters(query, {each.name: _MESSAGES[each.name, each.code] for each in refused}, typed)


_NO_DAY: Final = _("There is no such day. Choose another one.")
_MESSAGES: Final = {
    ("county", "unknown_value"): _("There is no such county. Choose from the list."),
    ("category", "unknown_value"): _("There is no such kind of event. Choose from the list."),
    ("audience", "unknown_value"): _("There is no such audience. Choose from the list."),
    ("setting", "unknown_value"): _("Choose indoors or outdoors from the list."),
    ("from", "not_a_date"): _NO_DAY,
    ("to", "not_a_date"): _NO_DAY,
    ("to", "before_from"): _("This day is before the first one. Change one of them."),
}


def read_page_number(request: Request) -> int:
    said = request.query_params.get("page", "")
    return max(1, int(said)) if re.fullmatch("[0-9]{1,4}", said) else 1


@dataclass(frozen=True, slots=True)
class FilterField:
    """``options`` of a select are values and labels."""

    value: str
    error: str
    options: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class FilterFields:
    county: FilterField
    category: FilterField
    audience: FilterField
    setting: FilterField
    first: FilterField
    last: FilterField


def build_filter_fields(filters: PageFilters, state: State) -> FilterFields:
    """Build the fields of the filter form; a select shows only the first value of a filter."""
    query, region, days = filters.query, state.site.region, filters.input_days
    selection = query.selection
    errors = {name: filters.errors.get(name, "") for name in (*SEVERAL, "from", "to")}
    categories = [(slug, category.get_label(query.language)) for slug, category in region.categories.items()]
    return FilterFields(
        FilterField(next(iter(selection.counties), ""), errors["county"], region.list_county_labels(query.language)),
        FilterField(next(iter(selection.categories), ""), errors["category"], categories),
        FilterField(next(iter(selection.audience), ""), errors["audience"], _list_choices(AUDIENCE, query.language)),
        FilterField(next(iter(selection.setting), ""), errors["setting"], _list_choices(SETTING, query.language)),
        first=FilterField(days.get("from", ""), errors["from"]),
        last=FilterField(days.get("to", ""), errors["to"]),
    )


def list_hidden_values(query: Query) -> list[tuple[str, str]]:
    """List further values of a filter, carried in hidden inputs."""
    pairs = [pair for pair in query.selection.pairs() if pair[0] in SEVERAL]
    return [pair for place, pair in enumerate(pairs) if pair[0] in {name for name, _value in pairs[:place]}]


def list_active_filters(query: Query, state: State, path: str) -> list[Link]:
    """List the active filters, each with the address of the page without it."""
    pairs = query.selection.pairs()
    return [
        Link(label, build_url(path, [*pairs[:place], *pairs[place + 1 :]]))
        for place, label in enumerate(describe_filters(query, state))
    ]


def describe_filters(query: Query, state: State, *, days: bool = True) -> list[str]:
    pairs = query.selection.pairs()
    return [_describe_filter(*each, query.language, state) for each in pairs if days or each[0] not in {"from", "to"}]


def describe_span(selection: Selection, language: str) -> str:
    first, last = selection.first, selection.last
    if first and last:
        said = format_dates(Dates("exact", first, last), language)
        return said[:1].upper() + said[1:]
    if first:
        return _("From %(day)s", day=_describe_day(first, language))
    return _("Until %(day)s", day=_describe_day(last or "", language))


def build_url(path: str, pairs: Sequence[tuple[str, str]]) -> str:
    return f"{path}?{urlencode(pairs)}" if pairs else path


def _list_choices(labels: Mapping[str, Text], language: str) -> list[tuple[str, str]]:
    return [(code, translate(label, language)) for code, label in labels.items()]


def _describe_day(day: str, language: str) -> str:
    return format_day(date.fromisoformat(day), language)


def _describe_filter(name: str, value: str, lang: str, state: State) -> str:
    region = state.site.region
    if name == "county":
        return region.counties[value].get_label(lang)
    if name == "category":
        return region.categories[value].get_label(lang)
    if name in {"audience", "setting"}:
        return translate({**AUDIENCE, **SETTING}[value], lang)
    day = _describe_day(value, lang)
    return _("from %(day)s", day=day) if name == "from" else _("to %(day)s", day=day)
