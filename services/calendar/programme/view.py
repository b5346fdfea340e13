"""View of a year's programme: months and rows. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from services.calendar.entry.model import (
    Entry,
    get_live_status,
    get_postponing_side,
    get_public_event,
    get_reported_facts,
)
from services.calendar.entry.view import EventView, get_title
from shared.event.date_phrases import Piece, Stamp, format_date_pieces, format_month_name, make_stamp
from shared.event.model import Event
from shared.event.tickets import TAGGED
from shared.i18n.languages import get_locale
from shared.i18n.text import _, n_, translate
from shared.web.pages.parts import Tag

MONTHS: Final = range(1, 13)
BACK: Final = "back"
"""Parameter of an entry's address: the list from which it was opened."""


@dataclass(frozen=True, slots=True)
class ProgrammeMonth:
    """A month for ``parts/wall.html``; ``name`` is that of its heading."""

    number: int
    label: str
    name: str
    url: str
    count: int
    words: str
    current: bool


@dataclass(frozen=True, slots=True)
class ProgrammeRow:
    """For ``parts/row.html``."""

    stamp: Stamp
    title: str
    title_lang: str
    url: str
    when: Sequence[Piece]
    where: str
    kind: str
    tags: Sequence[Tag]
    organisation: str


def list_months(
    counts: Mapping[int, int], current: int, lang: str, make_address: Callable[[int], str]
) -> list[ProgrammeMonth]:
    labels = get_locale(lang).months["format"]["abbreviated"]
    return [
        ProgrammeMonth(
            number=month,
            label=labels[month].rstrip("."),
            name=format_month_name(month, lang),
            url=make_address(month),
            count=counts.get(month, 0),
            words=translate(n_("%(num)s event", "%(num)s events", counts.get(month, 0)), lang),
            current=month == current,
        )
        for month in MONTHS
    ]


def make_row(entry: Entry, view: EventView, *, opened_from: str) -> ProgrammeRow:
    """The entry links back to this list, ``opened_from``."""
    event = get_public_event(entry) or entry.event
    status = get_live_status(entry) or "confirmed"
    title, title_lang = get_title(event, view.language)
    return ProgrammeRow(
        stamp=make_stamp(event.dates, view.language, "cancelled" if get_postponing_side(entry) else status),
        title=title,
        title_lang=title_lang,
        url=f"/calendar/entries/{entry.id}?{urlencode({BACK: opened_from})}",
        when=format_date_pieces(event.dates, view.language),
        where=" · ".join(filter(None, (event.venue.town, event.venue.name))),
        kind=view.name_category(event.category),
        tags=_list_tags(entry, event, status),
        organisation=view.name_organisation(entry.organiser),
    )


def _list_tags(entry: Entry, event: Event, status: str) -> list[Tag]:
    certainty = event.dates.certainty
    off = "cancelled" if status == "cancelled" else "postponed" if get_postponing_side(entry) else ""
    kind = off or (certainty if certainty != "exact" else "")
    tags = [Tag(kind)] if kind else []
    if get_reported_facts(entry):
        tags.append(Tag("reported"))
    elif entry.waiting:
        tags.append(Tag("change", _("A change is waiting for a decision")))
    if not off and (left := event.tickets.availability or "") in TAGGED:
        tags.append(Tag(left))
    return tags
