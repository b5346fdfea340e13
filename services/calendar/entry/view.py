"""View of an event: every field as a phrase, for reading and comparing. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from services.calendar.entry.diff import TextRun, Work, list_changes, list_field_values, mark
from shared.event.audience_phrases import format_ages
from shared.event.date_phrases import (
    format_certainty,
    format_dates,
    format_exceptions,
    format_occurrence_days,
)
from shared.event.fields import FIELDS, get_field
from shared.event.fields import Field as EventField
from shared.event.model import Dates, Event, StartPlace, Tickets, Venue
from shared.event.opening_phrases import list_opening_hours
from shared.event.picture_words import describe_picture
from shared.event.recurrence import MAX_OCCURRENCES
from shared.event.ticket_phrases import describe_deadline
from shared.event.vocabulary import (
    ACCESSIBILITY,
    AUDIENCE,
    AVAILABILITY,
    CONFIDENCE,
    SETTING,
    name_licence,
)
from shared.i18n.languages import LANGUAGES, choose_text
from shared.i18n.text import _, translate
from shared.messages import Organiser
from shared.region import Region
from shared.web.pages.layout import Link
from shared.web.pages.parts import Fact

MarkedText = list[tuple[str, str]]
"""Runs of a text for ``parts/diff.html``: ``same``, ``del`` or ``ins``, and the words."""

_LABELS = {"accessibility": ACCESSIBILITY, "audience": AUDIENCE, "setting": SETTING}
_KINDS = {"same": "same", "removed": "del", "added": "ins"}


class EventTitle(NamedTuple):
    """``lang`` is its language where it is not the page's, else empty."""

    text: str
    lang: str


@dataclass(frozen=True, slots=True)
class ChangedField:
    """A field for ``parts/diff.html``."""

    label: str
    before: MarkedText
    after: MarkedText
    lang: str = ""
    throughout: bool = False


class EventView:
    """An event's fields in words of one language; ``names`` are the present ones of organisations, by slug.

    ``umbrellas`` are the titles of umbrella events, by id.
    """

    def __init__(
        self,
        region: Region,
        language: str,
        fields: Sequence[EventField] = FIELDS,
        *,
        names: Mapping[str, str] = MappingProxyType({}),
        umbrellas: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.region = region
        self.language = language
        self._fields = fields
        self._names = names
        self._umbrellas = umbrellas

    def name_organisation(self, organiser: Organiser) -> str:
        """The present name, else the one that it had when it sent."""
        return self._names.get(organiser.slug, organiser.name)

    def list_facts(self, event: Event, *, without: frozenset[str] = frozenset()) -> list[Fact]:
        facts = [
            Fact(self.get_label(field), [words] if words else [], self._find_language(field))
            for field, words in self.list_phrases(event).items()
            if field not in without
        ]
        return facts + self._list_provenance(event)

    def list_changes(self, live: Event, proposal: Event) -> list[ChangedField]:
        before, after = self.list_phrases(live), self.list_phrases(proposal)
        work = Work()
        marked = [
            mark(change.field, before.get(change.field, ""), after.get(change.field, ""), work)
            for change in list_changes(live, proposal, self._fields)
        ]
        return [
            ChangedField(
                self.get_label(each.field),
                _mark_text(each.live),
                _mark_text(each.proposal),
                self._find_language(each.field),
                throughout=each.throughout,
            )
            for each in marked
        ]

    def get_label(self, field: str) -> str:
        """Return "Dates", "Title (de)"."""
        name, _dot, language = field.partition(".")
        label = self._translate(get_field(name, self._fields).label)
        return label if language in {"", "pl"} else f"{label} ({language})"

    def list_phrases(self, event: Event) -> dict[str, str]:
        return {
            field: self._format(field, value, event) for field, value in list_field_values(event, self._fields).items()
        }

    def name_county(self, code: str) -> str:
        found = self.region.counties.get(code)
        return found.get_label(self.language) if found else code

    def name_category(self, slug: str) -> str:
        found = self.region.categories.get(slug)
        return found.get_label(self.language) if found else slug

    def _format(self, field: str, value: Any, event: Event) -> str:  # noqa: ANN401 - a field of any kind
        match field.partition(".")[0]:
            case "dates" | "venue" | "start_place" | "tickets" | "ages" as part:
                return self._format_part(part, event)
            case "category" | "licence" as name:
                return self._format_item(name, value)
            case "also" | "accessibility" | "audience" | "setting" as name:
                return ", ".join(self._format_item(name, each) for each in value)
            case "images":
                return "\n".join(f"{describe_picture(each, self.language)} ({each.media[:8]})" for each in event.images)
            case "part_of":
                return self._umbrellas.get(value, value)
        return str(value)

    def _format_part(self, part: Literal["dates", "venue", "start_place", "tickets", "ages"], event: Event) -> str:
        match part:
            case "dates":
                return self._format_dates(event.dates)
            case "venue":
                county = self.name_county(event.venue.county)
                # A city with a county's rights is not named twice.
                return self._format_place(event.venue, "" if county == event.venue.town else county)
            case "start_place":
                return self._format_place(event.start_place) if event.start_place else ""
            case "tickets":
                return self._format_tickets(event.tickets)
            case "ages":
                return format_ages(event.ages)

    def _format_item(self, field: str, value: Any) -> str:  # noqa: ANN401 - an item of any kind
        match field:
            case "category" | "also":
                return self.name_category(value)
            case "licence":
                return name_licence(value)
            case "accessibility" | "audience" | "setting":
                return self._translate(_LABELS[field].get(value, value))
        return str(value)

    def _format_dates(self, dates: Dates) -> str:
        phrase = format_dates(dates, self.language)
        provisional = format_certainty(dates.certainty, self.language) if dates.certainty == "provisional" else ""
        lines = [f"{phrase}, {provisional}" if provisional else phrase]
        if dates.opening_hours:
            label = self._translate(_("Opening hours"))
            lines.append(f"{label}: {'; '.join(list_opening_hours(dates.opening_hours, self.language))}")
        if dates.recurrence:
            lines.append(format_occurrence_days(dates, self.language, most=MAX_OCCURRENCES))
        return "\n".join([*lines, *format_exceptions(dates, self.language, every_note=True)])

    def _format_place(self, place: Venue | StartPlace, county: str = "") -> str:
        town = " ".join(filter(None, (place.postcode, place.town)))
        parts = [place.name, place.street, town, county]
        if place.lat is not None and place.lon is not None:
            parts.append(f"{place.lat:.5f}, {place.lon:.5f}")
        if place.id:
            parts.append(self._translate(_("in the register of venues")))
        return ", ".join(filter(None, parts))

    def _format_tickets(self, tickets: Tickets) -> str:
        admission = {True: self._translate(_("Free admission")), False: self._translate(_("Paid admission")), None: ""}[
            tickets.free
        ]
        prices = [f"{text} ({language})" if language != "pl" else text for language, text in tickets.price.items()]
        left = self._translate(AVAILABILITY.get(tickets.availability or "", tickets.availability or ""))
        register = [describe_deadline(tickets, self.language), tickets.registration_url]
        registration = " ".join(filter(None, register))
        if registration:
            registration = f"{self._translate(_('Registration'))}: {registration}"
        return "\n".join(filter(None, (admission, *prices, tickets.url, left, registration)))

    def _list_provenance(self, event: Event) -> list[Fact]:
        found = event.provenance
        if found is None:
            return []
        confidence = self._translate(CONFIDENCE[found.confidence]) if found.confidence else ""
        edition = self._translate(_("%(year)s edition", year=found.edition)) if found.edition else ""
        source = found.source or ""
        linked = source.startswith(("https://", "http://"))
        lines = [", ".join(filter(None, (confidence, edition, "" if linked else source)))]
        links = (Link(source, source),) if linked else ()
        return [Fact(self.get_label("provenance"), [each for each in lines if each], links=links)]

    def _find_language(self, field: str) -> str:
        language = field.partition(".")[2]
        return language if language in LANGUAGES and language != self.language else ""

    def _translate(self, text: str) -> str:
        return translate(text, self.language)


def get_title(event: Event, language: str) -> EventTitle:
    text, really = choose_text(event.title, language) or (event.title["pl"], "pl")
    return EventTitle(text, "" if really == language else really)


def _mark_text(parts: tuple[TextRun, ...]) -> MarkedText:
    """Keep blanks outside of marks: a struck or underlined blank looks like a dash."""
    pieces: MarkedText = []
    for part in parts:
        words = part.text.lstrip()
        blank = part.text[: len(part.text) - len(words)]
        if part.kind != "same" and blank and words:
            pieces += [("same", blank), (_KINDS[part.kind], words)]
        else:
            pieces.append((_KINDS[part.kind], part.text))
    return pieces
