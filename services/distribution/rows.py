"""Events as rows of a list, for ``parts/row.html``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.distribution.formats import Site
from services.distribution.presentation.clean import clean_line
from services.distribution.presentation.localized_event import LocalizedEvent, localize
from services.distribution.presentation.quarantine import Quarantine, Variant
from services.distribution.programme.indexed_event import IndexedEvent, IndexedOccurrence
from shared.event.date_phrases import Piece, Stamp, format_date_pieces, make_stamp
from shared.event.model import Dates, Recurrence
from shared.event.tickets import TAGGED
from shared.i18n.text import Text, _
from shared.web.pages.parts import Tag

MAX_ROWS = 20_000
ROW_WIDTH: Final = 400
UNSURE: Final = frozenset({"provisional", "month", "season"})


@dataclass(frozen=True, slots=True)
class EventRow:
    """``title_lang`` and ``where_lang`` are empty where they are the page's; ``picture`` is an address, or empty."""

    stamp: Stamp
    title: str
    title_lang: str
    url: str
    when: Sequence[Piece]
    where: str
    where_lang: str
    kind: str
    tags: Sequence[Tag]
    part_of: str = ""
    part_of_lang: str = ""
    picture: str = ""


class RowCache:
    """Building a row costs more than rendering it."""

    def __init__(self, site: Site, quarantine: Quarantine) -> None:
        self._site = site
        self._quarantine = quarantine
        self._kept: dict[tuple[str, int, str, str, str], EventRow | None] = {}

    def get(self, event: IndexedEvent, language: str) -> EventRow | None:
        """The block of one that repeats shows its occurrences where it stands (:meth:`IndexedEvent.place`)."""
        key = (event.id, event.revision, language, event.first_day, event.last_day)
        if key not in self._kept:
            if len(self._kept) >= MAX_ROWS:
                self._kept.clear()
            variant = Variant("page", language)
            self._kept[key] = self._quarantine.render(
                variant, event, lambda message: build_row(localize(message, language, self._site), event.occurrences)
            )
        return self._kept[key]


def build_row(event: LocalizedEvent, occurrences: Sequence[IndexedOccurrence] = ()) -> EventRow:
    content = event.content
    return EventRow(
        stamp=make_stamp(
            _place_dates(content.dates, occurrences), event.language, "cancelled" if event.is_off else "confirmed"
        ),
        title=event.title.value,
        title_lang=get_foreign_language(event.title.language, event),
        url=build_path(event),
        when=format_date_pieces(content.dates, event.language),
        where=" · ".join(clean_line(each) for each in (content.venue.town, content.venue.name) if each),
        where_lang=get_local_language(event),
        kind=next(iter(event.category_names), ""),
        tags=build_tags(event),
        picture=event.picture.build_path(ROW_WIDTH) if event.picture else "",
    )


def _place_dates(dates: Dates, occurrences: Sequence[IndexedOccurrence]) -> Dates:
    if not occurrences:
        return dates
    first = occurrences[0]
    others = Recurrence(rdates=[each.start for each in occurrences[1:]]) if len(occurrences) > 1 else None
    return Dates(dates.certainty, first.start, first.end, recurrence=others)


def build_path(event: LocalizedEvent) -> str:
    return f"/{event.language}/events/{event.message.event_id}"


def build_tags(event: LocalizedEvent) -> list[Tag]:
    """Tags for an uncertain date, tickets, unchecked facts, free admission and a missing translation."""
    tags: list[Tag] = []
    if event.is_off:
        tags.append(Tag(event.status))
    elif event.is_tentative:
        tags.append(Tag(event.content.dates.certainty))
    if not event.is_off and (left := event.content.tickets.availability or "") in TAGGED:
        tags.append(Tag(left))
    if event.message.reported:
        tags.append(Tag("reported"))
    if event.content.tickets.free:
        tags.append(Tag("free"))
    other = get_foreign_language(event.body_language, event) or get_foreign_language(event.title.language, event)
    if other:
        tags.append(Tag("fallback", describe_untranslated(other)))
    return tags


def mark_over(tags: Sequence[Tag]) -> Sequence[Tag]:
    """Replace tags of an uncertain date and of tickets by "over"; what is cancelled or postponed keeps its tags."""
    if any(tag.kind in {"cancelled", "postponed"} for tag in tags):
        return tags
    return [Tag("over"), *(tag for tag in tags if tag.kind not in UNSURE | TAGGED | {"reported"})]


def get_foreign_language(language: str, event: LocalizedEvent) -> str:
    """The language of a text if it is not the reader's, else nothing."""
    return "" if language == event.language else language


def get_local_language(event: LocalizedEvent) -> str:
    """The language of names in the region if it is not the reader's, else nothing."""
    return get_foreign_language(event.site.region.languages.default, event)


def describe_untranslated(language: str) -> Text:
    return _("only in English") if language == "en" else _("only in Polish")
