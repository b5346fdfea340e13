"""An event's content as a curator reads it: every field a phrase, so that people compare words and not JSON. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.calendar.domain.differences import Part, changes, field_values, mark
from services.calendar.words import ACCESSIBILITY_WORDS, CONFIDENCE_WORDS, FIELD_WORDS, TEXT_WORDS
from shared.languages import LANGUAGES, text_in
from shared.messages import Dates, Event, Tickets, read_event
from shared.region import Region
from shared.web.locale import _, translate
from shared.web.phrases import certainty_phrase, date_phrase

Pieces = list[tuple[str, str]]
"""Runs of a text for ``parts/diff.html``: ``same``, ``del`` or ``ins``, and the words."""

_KINDS = {"same": "same", "removed": "del", "added": "ins"}


@dataclass(frozen=True, slots=True)
class Fact:
    """A field as ``parts/facts.html`` takes it; ``lang`` is that of its words where it is not the page's."""

    label: str
    lines: list[str]
    lang: str = ""
    links: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ChangedField:
    """A field as ``parts/diff.html`` takes it."""

    label: str
    before: Pieces
    after: Pieces
    lang: str = ""


class Speaker:
    """Says fields in a language, with the names that the region pack has for places and kinds."""

    def __init__(self, region: Region, language: str) -> None:
        self.region = region
        self.language = language

    def facts(self, event: Mapping[str, Any], *, without: frozenset[str] = frozenset()) -> list[Fact]:
        """Give the fields of an event, but for those named; with where imported facts come from at the end."""
        said = [
            Fact(self.label(field), [line for line in words.split("\n") if line], self._lang(field))
            for field, words in self.phrases(event).items()
            if field not in without
        ]
        return said + self._provenance(event)

    def changed(self, live: Mapping[str, Any], proposal: Mapping[str, Any]) -> list[ChangedField]:
        """Give the fields that differ, marked word by word."""
        before, after = self.phrases(live), self.phrases(proposal)
        rows = []
        for change in changes(live, proposal):
            marked = mark(change.field, before.get(change.field, ""), after.get(change.field, ""))
            rows.append(
                ChangedField(
                    self.label(change.field), _pieces(marked.live), _pieces(marked.proposal), self._lang(change.field)
                )
            )
        return rows

    def label(self, field: str) -> str:
        """Name a field: "Termin", "Tytuł (de)"."""
        name, _dot, language = field.partition(".")
        if not language:
            return self._word(FIELD_WORDS[name])
        label = self._word(TEXT_WORDS[name])
        return label if language == "pl" else f"{label} ({language})"

    def phrases(self, event: Mapping[str, Any]) -> dict[str, str]:
        """Say every filled field, in the order of a form."""
        read = read_event(dict(event))
        return {field: self._phrase(field, value, read) for field, value in field_values(event).items()}

    def county(self, code: str) -> str:
        """Name a county; one that the region pack no longer has by its code."""
        found = self.region.counties.get(code)
        return found.label(self.language) if found else code

    def category(self, slug: str) -> str:
        """Name a kind of event; one that the region pack no longer has by its slug."""
        found = self.region.categories.get(slug)
        return found.label(self.language) if found else slug

    def _phrase(self, field: str, value: Any, event: Event) -> str:  # noqa: ANN401 - a field of any kind
        match field.partition(".")[0]:
            case "dates":
                return self._dates(event.dates)
            case "venue":
                return self._venue(value)
            case "tickets":
                return self._tickets(event.tickets)
            case "category":
                return self.category(value)
            case "also" | "accessibility" | "images" as name:
                return ", ".join(self._listed(name, each) for each in value)
        return str(value)

    def _listed(self, field: str, value: Any) -> str:  # noqa: ANN401 - an item of any kind
        if field == "also":
            return self.category(value)
        if field == "accessibility":
            return self._word(ACCESSIBILITY_WORDS.get(value, value))
        return str(value.get("url", value))

    def _dates(self, dates: Dates) -> str:
        phrase = date_phrase(dates, self.language)
        provisional = certainty_phrase(dates.certainty, self.language) if dates.certainty == "provisional" else ""
        return f"{phrase}, {provisional}" if provisional else phrase

    def _venue(self, venue: Mapping[str, Any]) -> str:
        town = " ".join(filter(None, (venue.get("postcode"), venue["town"])))
        county = self.county(venue["county"])
        # A city with a county's rights is not named twice.
        parts = [venue.get("name"), venue.get("street"), town, "" if county == venue["town"] else county]
        if "lat" in venue and "lon" in venue:
            parts.append(f"{venue['lat']:.5f}, {venue['lon']:.5f}")
        return ", ".join(filter(None, parts))

    def _tickets(self, tickets: Tickets) -> str:
        said = {True: self._word(_("Wstęp wolny")), False: self._word(_("Wstęp płatny")), None: ""}[tickets.free]
        prices = [f"{text} ({language})" if language != "pl" else text for language, text in tickets.price.items()]
        return "\n".join(filter(None, (said, *prices, tickets.url)))

    def _provenance(self, event: Mapping[str, Any]) -> list[Fact]:
        found = read_event(dict(event)).provenance
        if found is None:
            return []
        confidence = self._word(CONFIDENCE_WORDS[found.confidence]) if found.confidence else ""
        edition = self._word(_("edycja %(year)s", year=found.edition)) if found.edition else ""
        source = found.source or ""
        linked = source.startswith(("https://", "http://"))
        lines = [", ".join(filter(None, (confidence, edition, "" if linked else source)))]
        links = ({"label": source, "url": source},) if linked else ()
        return [Fact(self.label("provenance"), [each for each in lines if each], links=links)]

    def _lang(self, field: str) -> str:
        language = field.partition(".")[2]
        return language if language in LANGUAGES and language != self.language else ""

    def _word(self, text: str) -> str:
        return translate(text, self.language)


def title_of(event: Mapping[str, Any], language: str) -> tuple[str, str]:
    """Give an event's title and, where it is not the page's, the language it is really in."""
    text, really = text_in(event["title"], language) or (event["title"]["pl"], "pl")
    return text, "" if really == language else really


def _pieces(parts: tuple[Part, ...]) -> Pieces:
    """Give parts with the blanks before a mark outside of it: a struck or underlined blank looks like a dash."""
    pieces: Pieces = []
    for part in parts:
        words = part.text.lstrip()
        blank = part.text[: len(part.text) - len(words)]
        if part.kind != "same" and blank and words:
            pieces += [("same", blank), (_KINDS[part.kind], words)]
        else:
            pieces.append((_KINDS[part.kind], part.text))
    return pieces
