"""An event as readers will see it: row of the list, event page, entry of a feed.

Distribution renders the real ones; services do not import each other. What follows repeats their rules in the shared
words and parts, and ``tests/flow/test_preview.py`` compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.ingest.submission.content import SubmittedEvent
from shared.event.accessibility_phrases import get_accessibility_label
from shared.event.audience_phrases import list_audience, list_settings
from shared.event.date_phrases import (
    Piece,
    Stamp,
    format_certainty,
    format_date_pieces,
    format_dates,
    format_dates_in_full,
    make_stamp,
)
from shared.event.model import StartPlace, Venue
from shared.event.opening_phrases import list_opening_hours
from shared.event.ticket_phrases import describe_availability, describe_deadline
from shared.event.tickets import TAGGED
from shared.event.vocabulary import AVAILABILITY, LICENCES
from shared.i18n.languages import choose_text
from shared.i18n.text import Text, _, translate
from shared.region import Region
from shared.web.pages.layout import Link
from shared.web.pages.parts import Fact, FactLine, Tag

TAGS: Final[Mapping[str, Text]] = {
    "provisional": _("Provisional date"),
    "month": _("Date open"),
    "season": _("Date open"),
    "free": _("Free admission"),
    **{code: AVAILABILITY[code] for code in TAGGED},
}


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """For ``parts/row.html``; languages are empty where they are the page's."""

    stamp: Stamp
    title: str
    title_lang: str
    url: str
    when: Sequence[Piece]
    where: str
    where_lang: str
    kind: str
    tags: Sequence[Tag]


@dataclass(frozen=True, slots=True)
class PreviewText:
    value: str
    lang: str


@dataclass(frozen=True, slots=True)
class Preview:
    """``lang`` is the reader's; ``entry`` are the lines of a calendar."""

    lang: str
    row: PreviewRow
    stamp: Stamp
    when: str
    summary: PreviewText | None
    paragraphs: Sequence[str]
    paragraphs_lang: str
    facts: Sequence[Fact]
    entry_title: str
    entry_lines: Sequence[str]


def build_preview(event: SubmittedEvent, organiser: str, lang: str, region: Region) -> Preview:
    title, summary = _choose(event.title, lang), _choose(event.summary, lang)
    description = _choose(event.description, lang)
    certainty = format_certainty(event.dates.certainty, lang)
    heading = title.value if title else ""
    return Preview(
        lang=lang,
        row=_build_row(event, title, summary, lang, region),
        stamp=make_stamp(event.dates, lang, "confirmed", large=True),
        when=format_dates_in_full(event.dates, lang),
        summary=summary,
        paragraphs=[each for each in description.value.split("\n\n") if each.strip()] if description else [],
        paragraphs_lang=description.lang if description else "",
        facts=_build_facts(event, organiser, lang, region),
        entry_title=f"{heading} ({certainty})" if certainty else heading,
        entry_lines=[format_dates(event.dates, lang), ", ".join(_list_words(event.venue))],
    )


def _choose(texts: dict[str, str] | None, lang: str) -> PreviewText | None:
    """The text in this language or its fallback; no language where it is the reader's."""
    found = choose_text(texts or {}, lang)
    return PreviewText(found[0], "" if found[1] == lang else found[1]) if found else None


def _build_row(
    event: SubmittedEvent, title: PreviewText | None, summary: PreviewText | None, lang: str, region: Region
) -> PreviewRow:
    kind = region.categories.get(event.category)
    body = _choose(event.description, lang) or summary
    certainty = event.dates.certainty
    foreign = (body.lang if body else "") or (title.lang if title else "")
    words: list[tuple[str, Text]] = [(certainty, TAGS[certainty])] if certainty in TAGS else []
    words += [(left, TAGS[left])] if (left := event.tickets.availability or "") in TAGGED else []
    words += [("free", TAGS["free"])] if event.tickets.free else []
    words += [("fallback", _("only in English") if foreign == "en" else _("only in Polish"))] if foreign else []
    return PreviewRow(
        stamp=make_stamp(event.dates, lang, "confirmed"),
        title=title.value if title else "",
        title_lang=title.lang if title else "",
        url="#preview-page",
        when=format_date_pieces(event.dates, lang),
        where=" · ".join(each for each in (event.venue.town, event.venue.name) if each),
        where_lang="" if lang == region.languages.default else region.languages.default,
        kind=kind.get_label(lang) if kind else "",
        tags=[Tag(name, translate(text, lang)) for name, text in words],
    )


def _build_facts(event: SubmittedEvent, organiser: str, lang: str, region: Region) -> list[Fact]:
    local = "" if lang == region.languages.default else region.languages.default
    county, arrival = region.counties.get(event.venue.county), _choose(event.arrival, lang)
    where: list[str | FactLine] = [FactLine(each, local) for each in _list_words(event.venue)]
    if county and county.kind == "county":
        where.append(county.get_label(lang))
    slugs = dict.fromkeys((event.category, *event.also))
    kinds = [region.categories[slug].get_label(lang) for slug in slugs if slug in region.categories]
    website = [Link(event.website, event.website)] if event.website else []
    licence = LICENCES.get(event.licence or region.licence or "")
    facts = [
        Fact(_("Opening hours"), list_opening_hours(event.dates.opening_hours, lang)),
        Fact(_("Doors and meeting point"), [FactLine(arrival.value, arrival.lang)] if arrival else []),
        Fact(_("Where"), where),
        Fact(_("Starting point"), [FactLine(each, local) for each in _list_words(event.start_place)]),
        _build_tickets(event, lang),
        _build_registration(event, lang),
        Fact(_("Accessibility"), [get_accessibility_label(each, lang) or each for each in event.accessibility]),
        Fact(_("Audience"), list_audience(event, lang)),
        Fact(_("Indoors or outdoors"), list_settings(event, lang)),
        Fact(_("Organiser"), [FactLine(organiser, local)]),
        Fact(_("Kind"), kinds),
        Fact(_("Event website"), links=website),
        Fact(_("Licence"), links=[Link(licence.name, licence.url)] if licence else []),
    ]
    return [_translate_fact(fact, lang) for fact in facts if fact.lines or fact.links]


def _translate_fact(fact: Fact, lang: str) -> Fact:
    """Readers may have another language than the page."""
    lines = [translate(each, lang) if isinstance(each, str) else each for each in fact.lines]
    links = [Link(translate(each.label, lang), each.url) for each in fact.links]
    return Fact(translate(fact.label, lang), lines, links=links)


def _build_tickets(event: SubmittedEvent, lang: str) -> Fact:
    tickets, price = event.tickets, _choose(event.tickets.price, lang)
    words = {True: _("Free admission"), False: _("Paid"), None: ""}[tickets.free]
    lines = [FactLine(price.value, price.lang)] if price else [words] if words else []
    left = describe_availability(tickets, lang)
    on_sale = tickets.url and tickets.availability != "sold_out"
    links = [Link(_("Buy a ticket"), tickets.url)] if on_sale and tickets.url else []
    return Fact(_("Tickets"), [*([left] if left else []), *lines], links=links)


def _build_registration(event: SubmittedEvent, lang: str) -> Fact:
    tickets, deadline = event.tickets, describe_deadline(event.tickets, lang)
    links = [Link(_("Register"), tickets.registration_url)] if tickets.registration_url else []
    return Fact(_("Registration"), [deadline] if deadline else [], links=links)


def _list_words(place: Venue | StartPlace | None) -> list[str]:
    if place is None:
        return []
    named = (place.name, place.street, f"{place.postcode or ''} {place.town or ''}".strip())
    return [each for each in named if each]
