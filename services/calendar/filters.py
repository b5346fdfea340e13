"""Reads the filters of a list, for pages and API alike: a value that cannot be is refused, by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar, get_args

from services.calendar.domain.entry import Matter
from services.calendar.domain.selection import Selection
from shared.messages import ReviewState
from shared.region import Region
from shared.web.locale import Text, _
from shared.web.problems import BadRequest, FieldError

STATES: tuple[ReviewState, ...] = get_args(ReviewState)
MATTERS: tuple[Matter, ...] = get_args(Matter)

Value = TypeVar("Value")


def selection(
    region: Region,
    *,
    state: Iterable[str] = (),
    matter: Iterable[str] = (),
    organisation: Iterable[str] = (),
    county: Iterable[str] = (),
    category: Iterable[str] = (),
    year: int | None = None,
) -> Selection:
    """Give what a list is asked for.

    Raises:
        BadRequest: if a filter has a value that it cannot have.

    """
    errors: list[FieldError] = []
    asked = Selection(
        state=_known("state", state, {each: each for each in STATES}, _states(), errors),
        matter=_known("matter", matter, {each: each for each in MATTERS}, _("Nie ma takiego rodzaju spraw."), errors),
        organisation=tuple(organisation),
        county=_known("county", county, {each: each for each in region.counties}, _county(), errors),
        category=_known("category", category, {each: each for each in region.categories}, _category(), errors),
        year=year,
    )
    if errors:
        raise BadRequest(code="unknown_filter_value", errors=errors)
    return asked


def _known(
    name: str, said: Iterable[str], known: Mapping[str, Value], told: Text, errors: list[FieldError]
) -> tuple[Value, ...]:
    found = tuple(said)
    if any(each not in known for each in found):
        errors.append(FieldError(name, told, "unknown_value"))
    return tuple(known[each] for each in found if each in known)


def _states() -> Text:
    return _("Możliwe stany: %(states)s.", states=", ".join(STATES))


def _county() -> Text:
    return _("Nie ma takiego powiatu. Podaj czterocyfrowy kod TERYT.")


def _category() -> Text:
    return _("Nie ma takiego rodzaju wydarzeń.")
